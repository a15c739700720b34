"""The headers that tell a client how often it may ask, and how much of that is left.

As in draft-ietf-httpapi-ratelimit-headers-10: `q` of a policy in `w` seconds; `r` are left for `t` seconds.
"""

import math

from kit.limits.rules import Limit
from kit.limits.windows import Left

POLICY, LEFT = "RateLimit-Policy", "RateLimit"

_UNTOLD = frozenset({"all", "mail", "place"})
"""What others do as well: it would tell of them."""


def policy_of(limit: Limit) -> bytes:
    """Return how often each one may, which is the same in every answer."""
    told = (rule for rule in limit.rules if rule.per not in _UNTOLD)
    return ", ".join(f'"{limit.policy(rule)}";q={rule.amount};w={rule.seconds}' for rule in told).encode()


def left_of(name: str, left: Left) -> bytes:
    """Return how much is left of a policy."""
    return f'"{name}";r={left.amount};t={math.ceil(left.seconds)}'.encode()
