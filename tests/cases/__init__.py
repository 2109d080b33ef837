"""Cases: code, life cycle, secrecy."""
