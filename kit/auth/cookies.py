"""Which cookies are ours: they alone may say who sends a request; all others are as if they were not sent."""

OUR_PREFIX = b"__Host-frankenjet-"
"""What the name of each cookie that we set begins with. No build sets one yet; browsers take one of such a
name only over TLS, and for one host."""


def is_ours(cookie: bytes) -> bool:
    """Say whether a Cookie header, several lines joined, carries a cookie of ours."""
    return OUR_PREFIX in cookie and any(
        one.strip(b" \t").startswith(OUR_PREFIX) for one in cookie.replace(b",", b";").split(b";")
    )
