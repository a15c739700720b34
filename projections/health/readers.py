"""Where every reader of the log is, measured against the log itself at the moment of the question."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from kit.log.lease import LED
from kit.postgres.connect import PROJECTOR, Connection, connect
from projections.forwarding.forwarder import NO_BROKER

OTHERS = ("forwarder", "notary")
"""Readers that keep no tables; every build has them."""

WRITING = "variants"
"""The reader of the write side: there is none until somebody has started one."""

PUBLIC = "public"
"""Another one, once there was a broker; it leads nothing while there is none."""

_LOOK = f"""
select c.schema as name, g.model, g.fingerprint, g.state as set, c.position, head.position as head,
       coalesce({LED}, false) as led,
       coalesce(l.holder, '') as holder, coalesce(l.term, 0) as term,
       coalesce(c.position > 0 and (here.id is null or here.id <> c.event), false) as rewound,
       parked.events as parked_events, parked.entities as parked_entities,
       waits.reason as waits,
       missing.events as missing_events, missing.first as missing_from,
       coalesce(slices.seen, 0)::bigint as replayed, coalesce(slices.target, 0) as target,
       extract(epoch from clock_timestamp() - next.recorded_at)::float8 as waiting,
       extract(epoch from clock_timestamp() - oldest.recorded_at)::float8 as parked_for,
       extract(epoch from clock_timestamp() - first.recorded_at)::float8 as since_first,
       extract(epoch from newest.recorded_at - clock_timestamp())::float8 as ahead
  from (select log.head() as position) head
  left join project.cursor c on true
  left join project.generation g on g.schema = c.schema
  left join project.lease l on l.name = c.schema
  left join project.waiting waits on waits.reader = c.schema
  left join lateral (select count(*) as events, count(distinct stream) as entities, min(position) as position
                       from project.parked where schema = c.schema) parked on true
  left join lateral (select coalesce(sum(last - first + 1), 0)::bigint as events,
                            coalesce(min(first), 0) as first
                       from project.missing where reader = c.schema and not given_up) missing on true
  left join lateral (select sum(coalesce(seen, part)) as seen, max(target) as target
                       from project.slice where schema = c.schema) slices on g.state = 'filling'
  left join log.event here on here.position = c.position
  left join log.event next on next.position = c.position + 1
  left join log.event oldest on oldest.position = parked.position
  left join log.event first on first.position = 1
  left join log.event newest on newest.position = head.position
 order by g.model nulls last, c.schema"""
"""One statement, so that all of it is of one moment. Without any cursor it is one row without a name."""

_SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "2000",
    "enable_hashjoin": "off",  # a few rows of the log are wanted, each by its key
    "enable_mergejoin": "off",
}


class Reader(NamedTuple):
    """One reader of the log: a set of tables of a read model, the forwarder, the notary."""

    name: str
    model: str | None
    """Read model; None for a reader that keeps no tables."""
    set: str | None
    """filling, following, current or old; None for a reader that keeps no tables, or has none yet."""
    ours: bool
    """Whether this build keeps it going."""
    state: str
    """filling, old, behind or current; waiting: somebody leads it, and it can do nothing; stopped: nobody
    leads it; halted: the log lacks what it saw."""
    position: int
    lag_events: int
    lag_seconds: float
    """Age of the oldest event that it has not taken; 0 when it has all."""
    oldest_seconds: float
    """The same, parked events included: age of the oldest event that is not in its tables."""
    parked_events: int
    parked_entities: int
    holder: str
    """Who holds its lease, or held it last."""
    term: int
    replayed: int
    target: int
    """Events that a rebuild has filled in, and shall; 0 when none runs."""
    missing_events: int = 0
    missing_from: int = 0
    """Events that it has sent and that are not where they should have come to, and the first of them."""
    waits: str = ""
    """What it waits for, when it is waiting."""


class View(NamedTuple):
    """All readers at one moment."""

    head: int
    """Last position of the log that is committed."""
    readers: list[Reader]
    ahead: float = 0.0
    """Seconds that the log is ahead of the database's clock, as after one that was wrong: until then all
    events have the same moment, and their age says nothing."""


async def connect_to_look(dsn: str, name: str, role: str = PROJECTOR) -> Connection:
    """Open a connection of its own for looks, which can change nothing; the writer may look as well."""
    return await connect(dsn, name, role, **_SETTINGS)


async def look(connection: Connection, fingerprints: Mapping[str, str]) -> View:
    """Return where each reader is, those included that nobody has started yet.

    Args:
        connection: one of `connect_to_look`.
        fingerprints: read model → fingerprint of this build.
    """
    rows = await connection.fetch(_LOOK)
    found = [_reader(row, fingerprints) for row in rows if row["name"] is not None]
    there = {one.model or one.name for one in found if one.ours}
    head, age = rows[0]["head"], rows[0]["since_first"]
    missing = [name for name in (*fingerprints, *OTHERS) if name not in there]
    found += [_missing(name, name if name in fingerprints else None, head, age) for name in missing]
    return View(head, found, _age(rows[0]["ahead"]))


def _reader(row: Any, fingerprints: Mapping[str, str]) -> Reader:
    model, lag = row["model"], max(row["head"] - row["position"], 0)
    waiting = _age(row["waiting"]) if lag else 0.0
    ours = (
        row["name"] in {*OTHERS, WRITING, PUBLIC}
        if model is None
        else fingerprints.get(model) == row["fingerprint"]
    )
    return Reader(
        name=row["name"],
        model=model,
        set=row["set"],
        ours=ours and row["set"] != "old",
        state=_state(row, lag),
        position=row["position"],
        lag_events=lag,
        lag_seconds=waiting,
        oldest_seconds=max(waiting, _age(row["parked_for"])),
        parked_events=row["parked_events"],
        parked_entities=row["parked_entities"],
        holder=row["holder"],
        term=row["term"],
        replayed=row["replayed"],
        target=row["target"],
        missing_events=row["missing_events"],
        missing_from=row["missing_from"],
        waits=row["waits"] or "",
    )


def _state(row: Any, lag: int) -> str:
    if row["set"] in {"filling", "old"}:
        state: str = row["set"]
        return state
    if row["rewound"]:
        return "halted"
    if not row["led"]:
        return "waiting" if row["waits"] == NO_BROKER and row["name"] == PUBLIC else "stopped"
    if row["waits"]:
        return "waiting"
    return "behind" if lag else "current"


def _missing(name: str, model: str | None, head: int, age: float | None) -> Reader:
    waiting = _age(age)
    return Reader(name, model, None, True, "stopped", 0, head, waiting, waiting, 0, 0, "", 0, 0, 0)  # noqa: FBT003 - in the order above


def _age(seconds: float | None) -> float:
    """Return an age to the millisecond; a clock that was put back makes none negative."""
    return round(max(seconds or 0.0, 0.0), 3)
