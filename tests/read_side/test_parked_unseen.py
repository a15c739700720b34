"""What is put aside of an entry that somebody may not see is not told to him, on no route."""

import re
from typing import Any
from uuid import UUID

import pytest

from events.codec import Stored
from events.kinds.article import ARTICLE
from kit.ids import named_id
from tests.given.described import operations
from tests.given.lives import store_raw
from tests.projections.lives import Article
from tests.read_side.site import EDITORS, READER, Site

NOTHING = named_id("nothing at all")
BROKEN = Stored("article.revised", 1, b"{}")

ROUTES = [one.path for one in operations() if one.method == "GET" and re.match("/v1/articles/{", one.path)]


async def draft(here: Site) -> tuple[UUID, str]:
    one = Article(here.log, "draft", title="Secret")
    await here.store()
    await store_raw(here.dsn, one.id, 1, BROKEN)
    return one.id, one.slug


async def never_made(here: Site) -> tuple[UUID, str]:
    id_ = named_id("nobody")
    await store_raw(here.dsn, id_, 0, Stored("article.created", 1, b"{}"))
    return id_, "nobody"


async def unpublished(here: Site) -> tuple[UUID, str]:
    one = Article(here.log, "gone", title="Secret")
    one.publish()
    last = one.step(ARTICLE.life.unpublished)
    await here.store()
    await store_raw(here.dsn, one.id, last.version, BROKEN)
    return one.id, one.slug


def asked(path: str, id_: UUID, slug: str) -> list[str]:
    """Return the addresses of a route for one entry, by each of its names."""
    names = (id_, slug) if "{address}" in path else (id_,)
    return [path.format(id=id_, number=1, address=name) for name in names]


async def answered(here: Site, place: str, headers: dict[str, str], after: int | None) -> dict[str, Any]:
    query = {"from": 1, "to": 1} if place.endswith("/diff") else {}
    query |= {} if after is None else {"after": after}
    answer = await here.client.get(place, headers=headers, params=query)
    found = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    document = answer.json()
    document.pop("request_id")
    return {"status": answer.status_code, "headers": found, "body": document}


@pytest.mark.parametrize("made", [draft, never_made, unpublished])
async def test_a_parked_entry_that_is_hidden_from_somebody_answers_him_like_nothing_at_all(
    here: Site, made: Any
) -> None:
    id_, slug = await made(here)
    head = await here.shown()
    parked = await here.connection.fetchval("select min(position) from project.parked where stream = $1", id_)
    assert head == parked
    assert 6 == len(ROUTES)
    for path in ROUTES:
        for place, nothing in zip(asked(path, id_, slug), asked(path, NOTHING, "nothing"), strict=True):
            for headers in ({}, READER):
                for after in (None, parked - 1, parked):
                    shown = await answered(here, place, headers, after)
                    assert await answered(here, nothing, headers, after) == shown, (place, after)
                    assert shown["status"] in {401, 403, 404}, (place, after)


@pytest.mark.parametrize("made", [draft, never_made, unpublished])
async def test_an_editor_hears_that_his_draft_is_parked(here: Site, made: Any) -> None:
    id_, slug = await made(here)
    parked = await here.shown()
    for path in ROUTES:
        if "{id}" in path:
            (place,) = asked(path, id_, slug)
            shown = await answered(here, place, EDITORS, parked)
            assert (503, "/problems/not-there-yet") == (shown["status"], shown["body"]["type"]), place
            assert {404} == {(await answered(here, asked(path, NOTHING, slug)[0], EDITORS, parked))["status"]}
