"""`frankenjet import-content`: what it does stands in `write_side.importing`."""
