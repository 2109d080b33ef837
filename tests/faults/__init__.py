"""Crashes, crowds and full disks."""
