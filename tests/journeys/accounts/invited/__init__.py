"""Accounts that are opened with an invitation; and how long a refusal takes, whoever has an account."""
