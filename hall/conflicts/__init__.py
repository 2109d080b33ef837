"""The name register and the check for conflicts of interest."""
