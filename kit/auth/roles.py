"""Roles, each including the ones before it, and who somebody is."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from uuid import UUID

Client = Literal["page", "api", "bot", "import", "scheduler"]
"""Which kind of client a request came from."""


class Role(StrEnum):
    """What an account may do; a later one includes the earlier ones."""

    READER = "reader"
    EDITOR = "editor"
    MODERATOR = "moderator"
    ADMIN = "admin"

    @property
    def included(self) -> frozenset["Role"]:
        """The roles that come with this one, itself among them."""
        order = list(Role)
        return frozenset(order[: order.index(self) + 1])


def effective(held: Iterable[str]) -> frozenset[Role]:
    """Return every role that an account has, given those that were granted to it."""
    found: frozenset[Role] = frozenset()
    for name in held:
        found |= Role(name).included
    return found


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sent a request, as far as it matters here; never a name."""

    account: UUID
    roles: frozenset[Role]
    """Effective roles: included ones are listed."""
    client: Client
    session: UUID
    """Session of the token, or id of the bot's token."""
