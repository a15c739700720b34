"""Accounts that are opened with an invitation: the first administrator's, and anybody's."""
