"""Passkeys, as their owners meet them."""
