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


class Scope(StrEnum):
    """What a token of a program may be used for, as far as the roles of its owner go."""

    READ = "read"
    DRAFT = "draft"
    SUBMIT = "submit"
    PUBLISH = "publish"
    MODERATE = "moderate"
    STREAM = "stream"
    TELEGRAM = "telegram"
    """To say which user of Telegram pressed a button: the bot alone needs it."""


USUAL_SCOPES = frozenset(Scope) - {Scope.TELEGRAM}
"""Of a token for which nobody said what it is for."""


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
    scopes: frozenset[Scope] | None = None
    """Of a program's token; None: it is a person, whom roles alone bound."""
    fresh: bool = False
    """Whether a person has shown within the last minutes who he is; a program never has."""

    def may(self, role: Role | None, *scopes: Scope | None) -> bool:
        """Tell whether it has a role, and the token each of these scopes; None: no program has it."""
        return (role is None or role in self.roles) and (
            self.scopes is None or self.scopes.issuperset(scopes)
        )
