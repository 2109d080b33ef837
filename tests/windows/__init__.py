"""Tests of the windows: knowledge, calendars and deadlines."""
