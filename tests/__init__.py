"""Tests against real PostgreSQL, Redis and RabbitMQ."""
