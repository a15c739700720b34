"""Seals over the log, and the hash chain that they close."""
