"""Connections to PostgreSQL: how they are made, and how one notices that the other end has gone."""
