"""Schemas of the log, the accounts and the engine's own tables; read tables are made by the engine."""
