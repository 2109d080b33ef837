"""Tests of the handbooks and their press."""
