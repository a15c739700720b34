"""Providers of identities that speak their protocols strictly, and misbehave on request."""
