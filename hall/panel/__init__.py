"""Advisors and providers: what they can do, where, in which language, and how much."""
