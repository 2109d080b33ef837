"""A case: facts, parties, deadlines, life cycle, what was said."""
