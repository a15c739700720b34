"""What is asked of the log and what it answers, packed for one call of log.append."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from events.codec import Stored
from kit.errors import Problem
from kit.log.wake import NOTIFIED
from write_side.problem_types import LOG_UNAVAILABLE

APPEND = "select * from log.append($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)"

APPEND_AND_TELL = f"""
select a.*, case when a.outcome[1] = 0 and cardinality($12) > 0
                 then {NOTIFIED.format("(a.first[1] + cardinality($12) - 1)::text")} is not null end as told
  from ({APPEND}) a"""
"""The same for one command alone; readers are told of what is stored."""

NO_REQUEST = UUID(int=0)


class NewEvent(NamedTuple):
    """An event on its way to the log. Its id is made before the first attempt, so a retry finds itself."""

    id: UUID
    stored: Stored
    meta: bytes


class Claim(NamedTuple):
    """A stream that must be at this version, and the events that go on it (none: it is only expected)."""

    stream: UUID
    expected: int
    events: tuple[NewEvent, ...] = ()


class CommandKey(NamedTuple):
    """An Idempotency-Key: hashes of its scope and of the request, and the receipt to keep."""

    key: UUID
    request: UUID
    receipt: bytes


class Append(NamedTuple):
    """What one command adds: all of its claims hold and all of its events land, or nothing does."""

    claims: tuple[Claim, ...]
    key: CommandKey | None = None

    @property
    def events(self) -> int:
        """How many events it adds."""
        return sum([len(claim.events) for claim in self.claims])

    @property
    def size(self) -> int:
        """Bytes of payload and metadata."""
        return sum(len(e.stored.payload) + len(e.meta) for claim in self.claims for e in claim.events)


class Appended(NamedTuple):
    """The answer: where the events stand."""

    first: int
    """Position of the first event; of the last one where the key told that they are there."""
    repeated: bool
    """They, or this key's, were there already."""


class Conflict(Exception):  # noqa: N818 - the standard term
    """A claim does not hold: nothing of this command was stored.

    Attributes:
        claim: index of the claim.
        actual: version at which its stream is.
    """

    def __init__(self, claim: int, actual: int) -> None:
        super().__init__(f"claim {claim} is at version {actual}")
        self.claim = claim
        self.actual = actual


class KeyReused(Exception):  # noqa: N818 - a refusal, not a fault
    """The Idempotency-Key was used for another request."""


def unavailable(detail: str) -> Problem:
    """Return the refusal of a command that the log could not take in time; trying again is safe."""
    return Problem(LOG_UNAVAILABLE, detail=detail, headers={"Retry-After": "1"})


def pack(group: Sequence[Append]) -> tuple[Any, ...]:
    """Turn a group into the arguments of log.append: parallel arrays, numbered from 1."""
    keys: dict[UUID, int] = {}
    streams: dict[UUID, int] = {}
    c_key: list[int] = []
    c_request: list[UUID] = []
    c_receipt: list[bytes] = []
    c_claims: list[int] = []
    k_command: list[int] = []
    k_stream: list[int] = []
    k_expected: list[int] = []
    k_events: list[int] = []
    e_claim: list[int] = []
    e_id: list[UUID] = []
    e_type: list[str] = []
    e_schema: list[int] = []
    e_meta: list[bytes] = []
    e_payload: list[bytes] = []
    for command, (claims, key) in enumerate(group, 1):
        if key is None:
            c_key.append(0)
            c_request.append(NO_REQUEST)
            c_receipt.append(b"")
        else:
            c_key.append(keys.setdefault(key.key, len(keys) + 1))
            c_request.append(key.request)
            c_receipt.append(key.receipt)
        c_claims.append(len(claims))
        for stream, expected, events in claims:
            k_command.append(command)
            k_stream.append(streams.setdefault(stream, len(streams) + 1))
            k_expected.append(expected)
            k_events.append(len(events))
            claim = len(k_command)
            for event in events:
                e_claim.append(claim)
                e_id.append(event.id)
                type_, schema, payload = event.stored
                e_type.append(type_)
                e_schema.append(schema)
                e_meta.append(event.meta)
                e_payload.append(payload)
    return (
        list(keys),
        list(streams),
        c_key,
        c_request,
        c_receipt,
        c_claims,
        k_command,
        k_stream,
        k_expected,
        k_events,
        e_claim,
        e_id,
        e_type,
        e_schema,
        e_meta,
        e_payload,
    )


def unpack(group: Sequence[Append], answer: Any) -> list[Appended | Exception]:
    """Turn the row that log.append returned into one result for each command of the group."""
    results: list[Appended | Exception] = []
    claims_before = 0
    for wanted, outcome, first, claim, detail in zip(
        group, answer["outcome"], answer["first"], answer["claim"], answer["detail"], strict=True
    ):
        if outcome == 1:
            results.append(Conflict(claim - claims_before - 1, detail))
        elif outcome == 3:  # noqa: PLR2004 - the outcomes are listed in append_v1.sql
            results.append(KeyReused())
        elif outcome is None:
            results.append(unavailable("The answer under this key is too old and was dropped just now."))
        else:
            results.append(Appended(first, repeated=outcome == 2))  # noqa: PLR2004
        claims_before += len(wanted.claims)
    return results
