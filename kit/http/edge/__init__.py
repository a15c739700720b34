"""The layer around every application: limits, connections, metrics, access log, and the server below it."""
