"""The desk of the hall's staff."""
