"""The handbooks and their press."""
