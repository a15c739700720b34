"""Second factors, as their owners meet them."""
