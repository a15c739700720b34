"""Those whom requests of ours go to, and what can be wrong with them."""
