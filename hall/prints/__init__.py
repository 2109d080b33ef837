"""Handbooks on their way to a printer of the hall: ordered, handed to CUPS, followed until they lie in the tray."""
