"""Who calls: keys, tokens, roles, and the dependency by which an endpoint asks for one."""
