"""Variants of pictures, made by a reader of the log: `follower` goes along it, `files` puts storage right.

The events say which picture changed, no more: what storage has of it is compared with what it is now, so that
nothing depends on their order, and what is done twice does nothing.
"""
