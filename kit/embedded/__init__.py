"""Real servers without an installation: PostgreSQL and Valkey from wheels, kept in a state folder."""
