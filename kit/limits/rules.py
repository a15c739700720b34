"""What a limit is: how often, in how long a time, and what counts as one."""

from typing import Literal, NamedTuple

from kit.errors import ProblemType
from kit.problem_types import LIMITS_UNAVAILABLE, TOO_MANY_REQUESTS

type Per = Literal["account", "address", "all", "mail", "place"]
"""Whose doing is counted together: that of an account, of a client's address (or the network of an IPv6 one),
of everybody; all that is meant for one e-mail address, or for one from one place."""

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


class Rule(NamedTuple):
    """So often in such a time, counted over a sliding window."""

    per: Per
    amount: int
    seconds: int

    def scaled(self, by: float) -> "Rule":
        """Return the same rule for more or fewer."""
        return self._replace(amount=max(1, round(self.amount * by)))

    @property
    def window(self) -> str:
        """Its time in a short word, such as "15m"."""
        unit, letter = next(one for one in _UNITS if self.seconds % one[0] == 0)
        return f"{self.seconds // unit}{letter}"


class Limit(NamedTuple):
    """How often something may be done: as often as all of its rules allow."""

    name: str
    rules: tuple[Rule, ...]
    counted_first: bool = False
    """It is counted together with all other processes before it is done, and is not done while it cannot be
    counted. Else this process counts, and whatever happens to Redis slows nothing and refuses nobody."""

    @property
    def problem_types(self) -> tuple[ProblemType, ...]:
        """What it can refuse with."""
        return (TOO_MANY_REQUESTS, LIMITS_UNAVAILABLE) if self.counted_first else (TOO_MANY_REQUESTS,)

    def scaled(self, by: float) -> "Limit":
        """Return the same limit for more or fewer."""
        return self._replace(rules=tuple(rule.scaled(by) for rule in self.rules))

    def policy(self, rule: Rule) -> str:
        """Return the name of one of its rules, as headers have it."""
        return f"{self.name}-{rule.per}-{rule.window}"
