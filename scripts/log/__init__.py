"""Verbs about the log itself: shown, exported, imported, an export verified."""
