"""What stands in for pages: a client of WebSockets, and a real browser."""
