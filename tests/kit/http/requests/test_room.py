"""The room of a body comes from the limits of its fields; what all bodies take together is bounded."""

import json
from typing import Annotated, Literal

import pytest
from pydantic import Field
from starlette.types import Message

from events.content.sources import MAX_SOURCES_BYTES
from events.kinds.article import ARTICLE
from kit.errors import Problem
from kit.http.requests.body import Body, read_body
from kit.http.requests.room import ALTOGETHER, SPACES, UNBOUNDED, Held, Reading, room_for
from kit.http.requests.text import Id
from write_side.entry.bodies import create_body

CreateArticle = create_body(ARTICLE)


class Part(Body):
    name: Annotated[str, Field(max_length=10)]


class Whole(Body):
    text: Annotated[str, Field(max_length=1_000)] = ""
    kind: Literal["one", "three"] = "one"
    id: Id | None = None
    count: int = 0
    parts: list[Part] = Field(default_factory=list, max_length=50)


class Together(Body):
    parts: list[Part] = Field(default_factory=list, max_length=50, json_schema_extra={ALTOGETHER: 100})


class Endless(Body):
    text: str


def escaped(document: object) -> bytes:
    """Spell a document as long as it can be: each character as an escape, without white space."""
    plain = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return plain.encode()


def largest() -> bytes:
    whole = {"text": "\U0001f6e9" * 1_000, "kind": "three", "id": "0" * 36, "count": 2**63 - 1}
    return escaped(whole | {"parts": [{"name": "\U0001f6e9" * 10}] * 50})


def test_what_is_valid_has_room_however_it_is_spelt() -> None:
    assert len(largest()) <= room_for(Whole) - SPACES
    assert room_for(Whole) - SPACES < 1.2 * len(largest())


def test_a_limit_for_all_texts_of_a_list_bounds_its_room() -> None:
    assert room_for(Together) < SPACES + 12_000
    assert 6 * 100 + 50 * len('{"name":""},') < room_for(Together) - SPACES


def test_a_body_without_limits_gets_what_is_usual() -> None:
    assert UNBOUNDED == room_for(Endless)


@pytest.mark.parametrize("letter", ["я", "\U0001f6e9", '"', "\x7f"])
def test_the_longest_article_has_room_in_its_longest_spelling(letter: str) -> None:
    length = min(200_000, 512 * 1024 // len(letter.encode()))
    sources = MAX_SOURCES_BYTES // 200 // len(letter.encode())
    article = {
        "locale": "en",
        "title": letter * 300,
        "summary": letter * 2_000,
        "body": letter * length,
        "sources": [{"title": letter * min(sources, 300), "url": ""}] * 200,
        "reason": letter * 500,
    }
    assert len(escaped(article)) < room_for(CreateArticle) < 4_100_000


async def arriving(*pieces: bytes, held: Held | None = None, room: int = 10_000_000) -> bytes:
    waiting = list(pieces)

    async def receive() -> Message:
        piece = waiting.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    with Reading(held or Held(), room) as reading:
        return await read_body(receive, reading)


async def refused(*pieces: bytes, held: Held | None = None, room: int = 10_000_000) -> int:
    with pytest.raises(Problem) as problem:
        await arriving(*pieces, held=held, room=room)
    return problem.value.status


async def test_a_body_in_very_many_small_pieces_is_refused_before_they_cost_much() -> None:
    assert 400 == await refused(*[b"a"] * 600_000)
    assert b"a" * 1_000 == await arriving(*[b"a"] * 1_000)
    assert 512_000 == len(await arriving(*[b"a" * 512] * 1_000, *[b""] * 0))
    assert 5_120_000 == len(await arriving(*[b"a" * 512] * 10_000))


async def test_a_body_that_is_too_large_for_its_route_is_refused() -> None:
    assert 413 == await refused(b"a" * 101, room=100)
    assert 413 == await refused(b"a" * 60, b"a" * 60, room=100)


async def test_all_bodies_together_take_so_much_and_no_more() -> None:
    held = Held(1_000)
    with Reading(held, 900) as first:
        first.take(b"a" * 900)
        assert 503 == await refused(b"a" * 200, held=held)
        assert 900 == held.size
        assert b"a" * 100 == await arriving(b"a" * 100, held=held)
    assert 0 == held.size
    assert b"a" * 1_000 == await arriving(b"a" * 1_000, held=held)
