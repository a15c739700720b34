"""What others are told of accounts: made, given roles, signed in, shut out; never a name or an address.

The truth about accounts is in schema `auth`, where it can be erased. The stream of an account has its id.
"""

from typing import ClassVar, Literal
from uuid import UUID

from events.base import Event

RoleName = Literal["reader", "editor", "moderator", "admin"]


class AccountRegistered(Event, frozen=True, kw_only=True):
    """There is one more account."""

    TYPE: ClassVar[str] = "account.registered"


class AccountRoleGranted(Event, frozen=True, kw_only=True):
    """An account may do more."""

    TYPE: ClassVar[str] = "account.role_granted"
    role: RoleName


class AccountRoleRevoked(Event, frozen=True, kw_only=True):
    """An account may do less, within a second."""

    TYPE: ClassVar[str] = "account.role_revoked"
    role: RoleName


class AccountDisabled(Event, frozen=True, kw_only=True):
    """An account is shut out; what it had open is ended."""

    TYPE: ClassVar[str] = "account.disabled"


class AccountEnabled(Event, frozen=True, kw_only=True):
    """An account is let in again."""

    TYPE: ClassVar[str] = "account.enabled"


class AccountSignedIn(Event, frozen=True, kw_only=True):
    """Somebody who may publish signed in."""

    TYPE: ClassVar[str] = "account.signed_in"
    session: UUID


class AccountSessionsEnded(Event, frozen=True, kw_only=True):
    """All sessions of an account were ended; all tokens of its programs too, where it was shut out."""

    TYPE: ClassVar[str] = "account.sessions_ended"


class AccountErased(Event, frozen=True, kw_only=True):
    """Nothing of an account is left but its id; anyone who keeps a name of it forgets that."""

    TYPE: ClassVar[str] = "account.erased"


EVENTS: tuple[type[Event], ...] = (
    AccountRegistered, AccountRoleGranted, AccountRoleRevoked, AccountDisabled, AccountEnabled,
    AccountSignedIn, AccountSessionsEnded, AccountErased,
)  # fmt: skip
