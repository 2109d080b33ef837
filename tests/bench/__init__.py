"""What is measured, beside its reference."""
