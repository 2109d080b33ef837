"""The tests of the hall; the folders mirror the code."""
