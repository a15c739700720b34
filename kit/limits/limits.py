"""Counts what is done in this process, and refuses what would be too much."""

import asyncio
import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from kit.errors import Problem
from kit.limits.catalog import LIMITS
from kit.limits.fields import LEFT, POLICY, left_of, policy_of
from kit.limits.rules import Limit, Per, Rule
from kit.limits.shared import SharedCounts, Uncounted
from kit.limits.windows import Left, Windows
from kit.problem_types import LIMITS_UNAVAILABLE, TOO_MANY_REQUESTS
from kit.running.ending import end

TELL_SECONDS = 1.0

type Who = Mapping[Per, str]
"""Whose doing it is; that of all is that of ""."""

type Headers = list[tuple[bytes, bytes]]


class Limits(Collector):
    """All limits of a process; entered while it serves.

    Args:
        shared: counts with other processes.
        scale: figures are those of the catalogue times this; 0: nothing is limited.
        windows: counts here.
        tell_seconds: between two times that others are told who has done much.
    """

    def __init__(
        self,
        shared: SharedCounts | None = None,
        *,
        scale: float = 1.0,
        windows: Windows | None = None,
        tell_seconds: float = TELL_SECONDS,
    ) -> None:
        self._shared = shared or SharedCounts("", "", b"")
        self._windows = windows or Windows()
        self._off = scale <= 0
        self._scaled = {limit.name: limit.scaled(scale) for limit in LIMITS}
        self._policies = {name: policy_of(limit) for name, limit in self._scaled.items()}
        self._refused = dict.fromkeys(self._scaled, 0)
        self._tell_seconds = tell_seconds
        self._telling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._shared.__aenter__()
        if self._shared.by_others:
            self._telling = asyncio.create_task(self._keep_telling(), name="tell who does much")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._telling is not None:
            await end(self._telling)
        await self._shared.__aexit__()

    async def count(self, limit: Limit, who: Who) -> Headers:
        """Count what is about to be done, and return the headers that say what is left.

        Args:
            limit: one of the catalogue.
            who: who is counted; a rule that is of nobody named is passed over.

        Raises:
            Problem: 429, it has been done too often; 503, that cannot be known and would have to be.
        """
        if not limit.counted_first:
            return self.counted(limit, who)
        if self._off:
            return []
        limit = self._scaled[limit.name]
        for rule in limit.rules:
            one = who.get(rule.per)
            if one is None:
                continue
            try:
                refused = await self._shared.hit((limit.name, rule, one))
            except Uncounted as unknown:
                raise Problem(LIMITS_UNAVAILABLE, headers=_again(unknown.seconds)) from unknown
            if refused is not None:
                raise self._too_many(limit, rule, refused)
        return self._told(limit)

    def counted(self, limit: Limit, who: Who) -> Headers:
        """Do the same for a limit that is not counted first, without waiting for anything.

        Raises:
            Problem: 429.
        """
        if self._off:
            return []
        limit = self._scaled[limit.name]
        least: tuple[Rule, Left] | None = None
        for rule in limit.rules:
            one = who.get(rule.per)
            if one is None:
                continue
            passes, left = self._windows.hit((limit.name, rule, one))
            if not passes:
                raise self._too_many(limit, rule, left)
            if rule.per != "all" and (least is None or left.amount < least[1].amount):
                least = rule, left
        return self._told(limit, *(least or ()))

    async def give_back(self, limit: Limit, who: Who) -> None:
        """Take back what was counted first, if that can be done now: it was nothing that counts."""
        limit = self._scaled[limit.name]
        with suppress(Uncounted):
            for rule in limit.rules:
                if rule.per in who and not self._off:
                    await self._shared.give_back((limit.name, rule, who[rule.per]))

    async def forget(self, limit: Limit, per: Per, who: str) -> None:
        """Let somebody begin again, if that can be done now."""
        with suppress(Uncounted):
            await self._shared.forget(self._scaled[limit.name], per, who)

    async def mark(self, name: str, who: str, seconds: int) -> None:
        """Remember something of somebody, if that can be done now."""
        with suppress(Uncounted):
            await self._shared.mark(name, who, seconds)

    async def is_marked(self, name: str, who: str) -> bool:
        """Tell whether it is remembered; what cannot be known is not."""
        try:
            return await self._shared.is_marked(name, who)
        except Uncounted:
            return False

    def collect(self) -> list[Metric]:
        found = CounterMetricFamily("limits_refused", "Requests that were one too many.", labels=["limit"])
        for name, count in self._refused.items():
            found.add_metric([name], count)
        return [found]

    def _told(self, limit: Limit, rule: Rule | None = None, left: Left | None = None) -> Headers:
        policy = self._policies[limit.name]
        told = [(POLICY.lower().encode(), policy)] if policy else []
        if rule is not None and left is not None:
            told.append((LEFT.lower().encode(), left_of(limit.policy(rule), left)))
        return told

    def _too_many(self, limit: Limit, rule: Rule, left: Left) -> Problem:
        self._refused[limit.name] += 1
        headers = _again(left.seconds)
        if self._policies[limit.name]:
            headers[POLICY] = self._policies[limit.name].decode()
        if rule.per in {"account", "address"}:
            headers[LEFT] = left_of(limit.policy(rule), left).decode()
        return Problem(TOO_MANY_REQUESTS, headers=headers)

    async def _keep_telling(self) -> None:
        """Tell others, and hear from them, of those who do much; while that cannot be, each counts alone."""
        while True:
            await asyncio.sleep(self._tell_seconds)
            with suppress(Uncounted):
                for key, window, untold in list(self._windows.to_tell()):
                    window.told += untold
                    refused = await self._shared.hit(key, untold)
                    if refused is not None:
                        self._windows.keep_out(window, refused.seconds)


def _again(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(seconds)))}
