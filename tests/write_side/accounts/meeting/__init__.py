"""Commands of one account that meet: no two of them wait for each other without end."""
