"""Connections to PostgreSQL: `connect` makes them; `server_watch` ends them when the server falls silent.

What `ended` raises then is taken by everybody for a server that is away.
"""
