"""How work runs: limits of time, threads beside the event loop, child processes."""
