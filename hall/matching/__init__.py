"""Who suits which case, and why; offers and assignments."""
