"""Accounts that are opened with an invitation; and how long a refusal takes, no matter who has an account."""
