"""The windows: what the hall knows of countries, offices and deadlines."""
