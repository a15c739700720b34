"""Mail to the owners of accounts: `texts` says what, `queue` keeps it, `post` sends what waits."""
