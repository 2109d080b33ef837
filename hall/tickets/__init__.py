"""The queue: take, call, serve, finish."""
