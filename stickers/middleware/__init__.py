"""Surrounds every request with headers and the request log."""
