"""The desk of the providers."""
