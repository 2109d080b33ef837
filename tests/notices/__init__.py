"""What leaves the hall."""
