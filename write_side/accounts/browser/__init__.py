"""Sessions of browsers: `sessions` opens and renews them, `api` gives their secret away in a cookie alone."""
