"""Invitations: each opens one account for who has its code, once. `making` makes them, `using` uses them.

It is used up when the account is opened, not when it is asked for: a mail that went astray costs nobody his
invitation, and of many who have the same code one comes in. Whether who invited may still do so is asked at
that moment, too: what somebody made who was shut out since, or lost his role, invites nobody.
"""
