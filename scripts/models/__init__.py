"""Verbs about read models: status, rebuild, abort, confirm, parked, resync, resend, verify."""
