"""Counts requests of a route that has a limit; the edge tells what is left in the headers of the answer."""

from starlette.requests import Request
from starlette.types import Scope

from kit.http.addresses import address_of
from kit.limits.limits import Limits
from kit.limits.rules import Limit, Per

_OF_AN_ACCOUNT = "account"


class Counting:
    """What a route of this limit does with each request.

    Args:
        limit: of the catalogue.
    """

    def __init__(self, limit: Limit) -> None:
        self._limit = limit
        self._of_account = any(rule.per == _OF_AN_ACCOUNT for rule in limit.rules)

    async def before(self, request: Request) -> None:
        """Count it for its address, and among all, before anything is asked of anybody.

        Raises:
            Problem: 429, or 503 where a limit has to be known and is not.
        """
        await _count(self._limit, request.scope, {"address": address_of(request.scope), "all": ""})

    async def known(self, request: Request) -> None:
        """Count it for the account that sends it, once that is known.

        Raises:
            Problem: what `before` raises.
        """
        account = request.scope["state"].get("account") if self._of_account else None
        if account:
            await _count(self._limit, request.scope, {"account": account})


async def _count(limit: Limit, scope: Scope, who: dict[Per, str]) -> None:
    """Count a request where the edge has limits, and keep what is left for the headers of its answer."""
    limits: Limits | None = scope["state"].get("limits")
    if limits is None:
        return
    told = await limits.count(limit, who) if limit.counted_first else limits.counted(limit, who)
    if told:
        scope["state"]["told"] = told
