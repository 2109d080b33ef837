"""Who may come in, and as whom: staff, advisors, providers, terminals."""
