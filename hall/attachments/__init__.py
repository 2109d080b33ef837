"""Photos and scans of the papers of a case, sealed with its key."""
