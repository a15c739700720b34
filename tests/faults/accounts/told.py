"""Compares what was changed of accounts, by their audit, with what the log was told."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from kit.postgres.connect import Connection

_CHANGES = "select account, actor, action, facts from auth.audit order by account, number"

_TOLD = "select stream, id, version, type from log.event where type like 'account.%' order by stream, version"

_ALWAYS = {
    "account.created": "account.registered",
    "account.disabled": "account.disabled",
    "account.enabled": "account.enabled",
    "role.granted": "account.role_granted",
    "role.revoked": "account.role_revoked",
}


class Told(NamedTuple):
    """How the log differs from the audit; all is well when it is as `RIGHT`."""

    missing_or_more: int
    """Accounts of which more, less, or in another order was told than there were changes."""
    twice: int
    """Events that stand in the log again."""
    gaps: int
    """Streams whose versions are not 1, 2, 3 …"""
    waiting: int
    """Events that the outbox still holds."""


RIGHT = Told(0, 0, 0, 0)


async def compared(owner: Connection) -> tuple[Told, int]:
    """Return how the log differs from the audit, and how many changes the audit has."""
    expected: dict[UUID, list[str]] = {}
    publishes: dict[UUID, bool] = {}
    for row in await owner.fetch(_CHANGES):
        account, action, facts = row["account"], row["action"], row["facts"]
        if action in {"role.granted", "role.revoked"} and facts["role"] == "moderator":
            publishes[account] = action == "role.granted"
        type_ = _type(row, moderates=publishes.get(account, False))
        if type_ is not None:
            expected.setdefault(account, []).append(type_)
    told: dict[UUID, list[str]] = {}
    versions: dict[UUID, list[int]] = {}
    ids = []
    for row in await owner.fetch(_TOLD):
        told.setdefault(row["stream"], []).append(row["type"])
        versions.setdefault(row["stream"], []).append(row["version"])
        ids.append(row["id"])
    found = Told(
        missing_or_more=sum(told.get(account) != types for account, types in expected.items())
        + len(told.keys() - expected.keys()),
        twice=len(ids) - len(set(ids)),
        gaps=sum(numbers != list(range(1, len(numbers) + 1)) for numbers in versions.values()),
        waiting=await owner.fetchval("select count(*) from auth.outbox"),
    )
    return found, sum(map(len, expected.values()))


def _type(row: Mapping[str, Any], *, moderates: bool) -> str | None:
    """Return what the log has to be told of a change; None: nothing."""
    if row["action"] == "session.opened":
        return "account.signed_in" if moderates and row["actor"] == row["account"] else None
    if row["action"] == "sessions.ended":
        return "account.sessions_ended" if row["facts"]["ended"] else None
    return _ALWAYS[row["action"]]
