"""What an export holds, no secret among it: each section in pages, by a key that the next begins after."""

from typing import Any, Literal, NamedTuple
from uuid import UUID

PAGE = 1_000
"""Rows that are in memory at a time."""


class Section(NamedTuple):
    """A list of an export."""

    name: str
    seen_by: Literal["accounts", "reader"]
    """Whose connection may read it."""
    sql: str
    """`$1` is the account, `$2` the key of the last row seen; the column `key` is not written."""
    first: Any
    """Less than each key."""


NOBODY = UUID(int=0)

ACCOUNT = """
select a.id, a.name, a.email, a.locale, a.created_at, a.disabled_at,
       array(select r.role from auth.account_role r where r.account = a.id order by r.granted_at) as roles
  from auth.account a where a.id = $1 and a.erased_at is null"""

SECTIONS = (
    Section(
        "sessions",
        "accounts",
        f"""
select id as key, id, client, agent, opened_at, seen_at, expires_at, revoked_at
  from auth.session where account = $1 and id > $2 order by id limit {PAGE}""",
        NOBODY,
    ),
    Section(
        "tokens",
        "accounts",
        f"""
select id as key, id, name, scopes, made_at, used_at, expires_at, revoked_at
  from auth.bot_token where account = $1 and id > $2 order by id limit {PAGE}""",
        NOBODY,
    ),
    Section(
        "identities",
        "accounts",
        f"""
select provider as key, provider, subject, linked_at
  from auth.identity where account = $1 and provider > $2 order by provider limit {PAGE}""",
        "",
    ),
    Section(
        "telegram",
        "accounts",
        f"""
select id as key, telegram_user, linked_at
  from auth.telegram where account = $1 and id > $2 order by id limit {PAGE}""",
        NOBODY,
    ),
    Section(
        "passkeys",
        "accounts",
        f"""
select id as key, id, name, encode(credential, 'hex') as credential, sign_count, transports,
       can_be_copied, copied, made_at, used_at
  from auth.passkey where account = $1 and id > $2 order by id limit {PAGE}""",
        NOBODY,
    ),
    Section(
        "avatars",
        "accounts",
        f"""
select key, type, made_at
  from auth.avatar where account = $1 and key > $2 order by key limit {PAGE}""",
        "",
    ),
    Section(
        "webhooks",
        "accounts",
        f"""
select id as key, id, url, description, kind, type, entry, locale, tag, insiders, state, why, position,
       made_at
  from hook.endpoint where account = $1 and id > $2 order by id limit {PAGE}""",
        NOBODY,
    ),
    Section(
        "codes",
        "accounts",
        f"""
select sha256 as key, purpose, facts -> 'email' ->> 0 as email, made_at, expires_at
  from auth.code where account = $1 and sha256 > $2 order by sha256 limit {PAGE}""",
        b"",
    ),
    Section(
        "invitations",
        "accounts",
        f"""
select i.id as key, i.id, case when i.actor is distinct from $1 then i.email end as email, i.role, i.reason,
       i.made_at, i.expires_at, i.used_at, i.revoked_at, i.actor is not distinct from $1 as made
  from auth.invitation i join auth.account a on a.id = $1
 where (i.account = $1 or i.actor = $1 or i.email_key = a.email_key) and i.id > $2
 order by i.id limit {PAGE}""",
        NOBODY,
    ),
    Section(
        "mails",
        "accounts",
        f"""
select m.id as key, m.id, m.kind, m.address, m.made_at, m.tries, m.next_at
  from auth.mail m join auth.account a on a.email_key = lower(m.address)
 where a.id = $1 and m.id > $2 order by m.id limit {PAGE}""",
        NOBODY,
    ),
    Section(
        "audit",
        "reader",
        f"""
select number as key, number, at, actor, action, account, facts, reason
  from auth.audit where (account = $1 or actor = $1) and number > $2 order by number limit {PAGE}""",
        0,
    ),
    Section(
        "imports",
        "reader",
        f"""
select id as key, id, format, dry_run, begun_at, ended_at
  from auth.import_run where actor = $1 and id > $2 order by id limit {PAGE}""",
        NOBODY,
    ),
)

EVENTS = 20_000
"""Events of the log that are looked through at a time."""

HEAD = "select coalesce(max(position), 0) from log.event"

WRITTEN = """
select position, type, stream as entry, version, recorded_at as at from log.event
 where position > $1 and position <= $2 and position($3::bytea in meta) > 0 order by position"""
