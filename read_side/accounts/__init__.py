"""Questions about accounts: the only place where people have names."""
