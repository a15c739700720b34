"""Routes by which accounts are opened and used; `answers` describes what they are sent and answer."""
