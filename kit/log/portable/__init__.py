"""The log outside the database: the form of its lines, writing them (`export`), loading them (`load`)."""
