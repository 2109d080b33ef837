"""Tests of the print jobs."""
