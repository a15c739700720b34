"""How far imports are that were asked for over HTTP, for administrators."""
