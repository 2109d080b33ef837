"""The foundation: database, sealing, events, web."""
