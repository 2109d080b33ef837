"""Whole visits in a real browser."""
