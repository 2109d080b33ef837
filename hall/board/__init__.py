"""The number board."""
