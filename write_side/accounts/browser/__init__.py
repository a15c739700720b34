"""Sessions of browsers: `sessions` opens and renews them; their secret stands in a cookie alone."""
