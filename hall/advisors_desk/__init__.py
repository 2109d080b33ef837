"""The desk of the expert panel."""
