"""A text that is stored as parts of an earlier one is told like any other."""

from typing import Any

import orjson
import pytest

from tests.projections.lives import Article
from tests.read_side.site import EDITORS, Site

ODD = "\\ / \" \t \u2028 \u00ad 😀 Ё <b> & '"
LINES = [f"{number}. Первый полёт: {ODD}\n" for number in range(50)]
TEXTS = ["".join([*LINES[:number], f"{number}! {ODD}\n", *LINES[number + 1 :]]) for number in range(5)]


def _written(here: Site) -> Article:
    one = Article(here.log, "tu-144", title="One", body=TEXTS[0])
    one.publish()
    one.revise(body=TEXTS[1])
    one.publish()
    one.revise(title="Two")
    one.publish()
    one.revise(body=TEXTS[3])
    return one


async def _stored(here: Site) -> list[Any]:
    rows = await here.connection.fetch(
        "select body is not null, parts is not null, content is not null"
        f" from {here.follower.schema}.revision order by revision"
    )
    return [tuple(row) for row in rows]


async def test_a_text_in_parts_is_told_as_document_draft_revision_and_difference(here: Site) -> None:
    one = _written(here)
    await here.shown()
    assert [
        (True, False, True),
        (False, True, False),
        (False, False, True),
        (False, True, False),
    ] == await _stored(here)
    place = f"/v1/articles/{one.id}"
    shown = (await here.get(place)).json()
    assert ("Two", TEXTS[1], 3) == (shown["title"], shown["body"], shown["revision"])
    assert TEXTS[3] == (await here.get(f"{place}/draft", EDITORS)).json()["body"]
    told = [(await here.get(f"{place}/revisions/{number}", EDITORS)).json() for number in (1, 2, 3, 4)]
    assert [("One", TEXTS[0]), ("One", TEXTS[1]), ("Two", TEXTS[1]), ("Two", TEXTS[3])] == [
        (each["content"]["title"], each["content"]["body"]) for each in told
    ]
    assert TEXTS[1] == (await here.get(f"{place}/revisions/2")).json()["content"]["body"]
    changes = (await here.get(f"{place}/diff", EDITORS, **{"from": 1, "to": 4})).json()["changes"]
    assert ["title", "body"] == [change["field"] for change in changes]


async def test_a_document_has_the_same_bytes_whether_its_text_is_whole_or_in_parts(here: Site) -> None:
    one = Article(here.log, "tu-144", body=TEXTS[0])
    one.revise(body=TEXTS[1])
    one.publish()
    position = await here.shown()
    in_parts = (await here.get(f"/v1/articles/{one.id}")).content
    await here.connection.execute(
        f"update {here.follower.schema}.revision set body = $1, parts = null where revision = 2", TEXTS[1]
    )
    from_tables = await here.get(f"/v1/articles/{one.id}", after=position)
    assert in_parts == from_tables.content
    assert TEXTS[1] == orjson.loads(in_parts)["body"]


@pytest.mark.parametrize("route", ["", "/draft", "/revisions/2"])
async def test_a_damaged_text_is_told_to_nobody(here: Site, route: str) -> None:
    one = Article(here.log, "tu-144", body=TEXTS[0])
    one.revise(body=TEXTS[1])
    one.publish()
    await here.shown()
    await here.connection.execute(
        f"update {here.follower.schema}.revision set body = replace(body, '40.', '41.') where revision = 1"
    )
    assert 500 == (await here.get(f"/v1/articles/{one.id}{route}", EDITORS)).status_code
