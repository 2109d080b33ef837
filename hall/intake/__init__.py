"""The intake: which question is next, which answers still count."""
