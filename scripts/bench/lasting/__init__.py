"""Measurements of connections that last."""
