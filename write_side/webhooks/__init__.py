"""Webhooks as their owners see them: registered, changed, paused, asked to begin again, looked at.

What is sent to them, the projector sends (`projections/webhooks`); both know the tables of schema `hook`.
"""
