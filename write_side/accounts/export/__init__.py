"""All that is known of an account, for its owner: `sections` says what, `exporting` writes it in pieces."""
