"""Things that run for a test: servers, processes, proxies."""
