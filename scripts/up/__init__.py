"""`frankenjet up`: all that one machine needs, prepared, started, watched over and ended."""
