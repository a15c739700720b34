"""Tags that are proposed for an entry, from what it says and what published entries like it carry.

`asking` reads what is known of its terms, of its country and of entries like it, each with one statement.
`rules` decides on tags from that, pure. `described` is the body and the answer, and `api` is the route.
"""
