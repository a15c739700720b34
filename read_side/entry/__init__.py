"""What every kind of entry shares on the read side: tables, queries, routes."""
