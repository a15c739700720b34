"""What turns events into read tables: the only place that knows both."""
