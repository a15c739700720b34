"""What is kept of persons, in schemas `auth` and `hook`: every column, and how each table forgets.

A test compares it with the database: who adds a column declares it here.
"""

from collections.abc import Sequence
from typing import NamedTuple


class KeptTable(NamedTuple):
    """What a table keeps."""

    table: str
    """In schema `auth`, unless another one is named."""
    personal: str = ""
    """Columns that say something of a person, or let him in."""
    plain: str = ""
    """Columns that say nothing of a person: ids that we made, moments, numbers, words of ours, hashes."""
    forgets: Sequence[str] = ()
    """Statements that erase an account, in this order; `$1` is its id."""
    forgets_address: Sequence[str] = ()
    """Statements that erase what only an address leads to; `$1` are its addresses as they are
    compared, earlier ones and wished ones as well, as far as codes know them."""


_EMPTY_ACCOUNT = """
update auth.account
   set name = null, name_key = null, email = null, email_key = null, password = null, locale = default,
       erased_at = clock_timestamp(), disabled_at = coalesce(disabled_at, clock_timestamp())
 where id = $1"""

_MAILS = """
delete from auth.mail m where lower(m.address) = any($1) and not exists (
  select from auth.code c where c.sha256 = sha256(convert_to(m.facts ->> 'code', 'utf8')))"""
"""Codes of the account are gone by then: one that is still good is another's, who reads the same address.
Anybody may wish to have that, and be erased, and must not take another's way back with it."""

_INVITED = """
delete from auth.invitation i where i.used_at is null and i.email_key in (
  select email_key from auth.account where id = $1
  union all select facts -> 'email' ->> 1 from auth.code where account = $1 and purpose = 'email-undo')"""
"""To an address that is or was the account's. One that is only wished for may be that of somebody who is
invited: nobody takes his invitation by wishing for it and being erased. Codes are still there."""

_CAME_BY = """
update auth.invitation set email = null, email_key = null, locale = default, reason = '' where account = $1"""

_HAS_INVITED = """
update auth.invitation
   set reason = '', revoked_at = case when used_at is null then coalesce(revoked_at, clock_timestamp()) end
 where actor = $1"""

_SESSIONS = "select id from auth.session where account = $1"

_SESSION_TIMES = "opened_at expires_at ends_at seen_at revoked_at proved_at"

INVENTORY = (
    KeptTable(
        "socket_ticket",
        personal="sha256",
        plain="session expires_at",
        forgets=(f"delete from auth.socket_ticket where session in ({_SESSIONS})",),
    ),
    KeptTable(
        "challenge",
        personal="sha256 browser",
        plain="purpose session expires_at",
        forgets=(f"delete from auth.challenge where session in ({_SESSIONS})",),
    ),
    KeptTable(
        "passkey",
        personal="credential public_key name",
        plain="id account sign_count can_be_copied copied transports made_at used_at",
        forgets=("delete from auth.passkey where account = $1",),
    ),
    KeptTable(
        "refresh",
        personal="sha256",
        plain="session number used_at",
        forgets=(f"delete from auth.refresh where session in ({_SESSIONS})",),
    ),
    KeptTable(
        "session",
        personal="agent secret cookie",
        plain="id account client longest_token why missed strong " + _SESSION_TIMES,
        forgets=("delete from auth.session where account = $1",),
    ),
    KeptTable(
        "bot_token",
        personal="sha256 name",
        plain="id account made_at expires_at revoked_at scopes used_at strong",
        forgets=("delete from auth.bot_token where account = $1",),
    ),
    KeptTable(
        "invitation",
        personal="sha256 email email_key locale reason",
        plain="id role actor made_at expires_at used_at account revoked_at",
        forgets=(
            _INVITED,
            _CAME_BY,
            _HAS_INVITED,
        ),
    ),
    KeptTable(
        "code",
        personal="sha256 facts",
        plain="purpose account made_at expires_at",
        forgets=("delete from auth.code where account = $1",),
        forgets_address=("delete from auth.code where account is null and facts -> 'email' ->> 1 = any($1)",),
    ),
    KeptTable(
        "totp",
        personal="secret",
        plain="account confirmed_at last_step",
        forgets=("delete from auth.totp where account = $1",),
    ),
    KeptTable(
        "recovery_code",
        personal="sha256",
        plain="account",
        forgets=("delete from auth.recovery_code where account = $1",),
    ),
    KeptTable(
        "identity",
        personal="subject",
        plain="provider account linked_at",
        forgets=("delete from auth.identity where account = $1",),
    ),
    KeptTable(
        "telegram",
        personal="telegram_user code",
        plain="id account strong linked_at",
        forgets=("delete from auth.telegram where account = $1",),
    ),
    KeptTable(
        "attempt",
        personal="browser verifier nonce next",
        plain="state provider account session locale expires_at",
        forgets=("delete from auth.attempt where account = $1",),
    ),
    KeptTable(
        "mail",
        personal="address locale facts",
        plain="id kind made_at tries next_at",
        forgets_address=(_MAILS,),
    ),
    # The file goes within a minute; its row, which is nobody's then, goes after it.
    KeptTable(
        "avatar",
        plain="key account type made_at removed_at",
        forgets=("update auth.avatar set account = null, removed_at = clock_timestamp() where account = $1",),
    ),
    KeptTable("hook.replay", plain="id endpoint done upto made_at"),
    KeptTable("hook.attempt", plain="number endpoint at position event type try status why took"),
    KeptTable("hook.dead_letter", plain="endpoint position event type tries first_at at status why"),
    KeptTable("hook.owner", plain="account enabled roles"),  # a view
    KeptTable(
        "hook.endpoint",
        personal="url description kind type entry locale tag secret former",
        plain="id account insiders strong former_until state why told_at log position tries failing_since"
        " dead_in_a_row next_at made_at",
        forgets=("delete from hook.endpoint where account = $1",),  # and with it what hangs on it
    ),
    KeptTable(
        "account_role",
        plain="account role granted_at",
        forgets=("delete from auth.account_role where account = $1",),
    ),
    KeptTable(
        "audit",
        personal="reason",
        plain="number at actor action account facts event",
        forgets=("select auth.empty_reasons($1)",),
    ),
    KeptTable(
        "account",
        personal="name name_key email email_key password locale",
        plain="id created_at disabled_at version erased_at has_password",
        forgets=(_EMPTY_ACCOUNT,),
    ),
    # What an author was called in a source is kept as a hash, so that the next run of the import finds the
    # erased account again and does not give its name to another one.
    KeptTable("author", plain="source key account"),
    KeptTable("reserved_name", plain="hash"),
    KeptTable("outbox", plain="account version event type schema meta payload"),
    KeptTable("import_run", plain="id actor format dry_run begun_at seen_at ended_at failed report"),
    KeptTable("secret", plain="name value made_at"),
)
