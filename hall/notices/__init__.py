"""What leaves the hall: e-mail through the outbox."""
