"""What runs beside a test, and whose errors the test tells."""

from tests.servers.beside.work import beside

__all__ = ["beside"]
