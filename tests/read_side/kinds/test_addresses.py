"""Addresses that nothing was ever spelt like, and the description of kinds with and without languages."""

from typing import Any

import pytest
from fastapi import FastAPI

from read_side.entry.api import entry_queries
from read_side.entry.kind import OF_LOCALIZED
from tests.read_side.kinds.world import ENTRIES, World

WRONG = (
    "xx:a", "ru:", ":a", "ru:ru:a", "RU:a", "Ru:a", "ru::a", "a:ru", "ru:a:", "ru-RU:a", " ru:a", "ru: a",
    "ru;a", "ru%00a", "ru%3A", "%3Aa", "ru%253Aa", "A", "а", "a_b", "a--b", "-a", "a-", "a%2Fb", "ru:a%2F",
    "a%00", "%D9%A3", "a%0A", "ru:a%0A",
)  # fmt: skip


@pytest.fixture
async def here(world: World) -> World:
    """Return a world with something under the slug `a` in each kind."""
    world.article("a", "ru").publish()
    world.museum("a").publish()
    world.bureau("a").publish()
    await world.shown()
    return world


async def test_what_is_no_address_is_not_there(here: World) -> None:
    for kind in ("articles", "museums", "bureaus"):
        for wrong in WRONG:
            for query in ({}, {"fields": "title"}):
                answer = await here.get(f"/v1/{kind}/{wrong}", **query)
                assert 404 == answer.status_code, (kind, wrong, answer.text)
                assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("length", [120, 121, 125, 1_000, 7_000])
async def test_a_long_address_is_not_there(here: World, length: int) -> None:
    for wrong in ("a" * length, f"ru:{'a' * length}", ("a-" * length)[:length].strip("-"), "ru:" * length):
        for kind in ("articles", "museums"):
            answer = await here.get(f"/v1/{kind}/{wrong}")
            assert answer.status_code in {404, 414}, (kind, length, answer.text)


async def test_a_colon_may_be_encoded(here: World) -> None:
    for place in ("/v1/articles/ru:a", "/v1/articles/ru%3Aa", "/v1/articles/ru%3aa"):
        for _ in range(2):
            assert "ru" == (await here.read(place))["locale"]
    here.entries[0].unpublish()
    await here.shown()
    assert [404] * 3 == await here.statuses("/v1/articles/ru:a", "/v1/articles/ru%3Aa", "/v1/articles/ru%3aa")


async def test_an_id_in_large_letters_is_the_same_address(here: World) -> None:
    for one in here.entries:
        place = f"/v1/{one.kind.path}/{str(one.id).upper()}"
        assert str(one.id) == (await here.read(place))["id"]
        assert 404 == (await here.get(place.replace("-", ""))).status_code


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """Return the description of three kinds."""
    from kit.http.deferred import whole
    from read_side.main import ReadSide

    app = FastAPI()
    sources = ReadSide("", {"entries": ""}).sources
    app.router.routes.extend(map(whole, entry_queries(ENTRIES, sources)))
    return app.openapi()


def reached(document: dict[str, Any], schema: Any) -> dict[str, Any]:
    """Return the schemas that a part of a description leads to, by name."""
    found: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            name = str(one.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found[name] = document["components"]["schemas"][name]
                waiting.append(found[name])
            waiting += one.values()
    return found


OF_OTHERS = {"Link", "Relation", "Namer"}
"""They may be in a language, whatever kind names them."""


@pytest.mark.parametrize(("kind", "localized"), [("article", True), ("museum", False), ("bureau", False)])
def test_only_a_kind_in_languages_is_described_with_them(
    described: dict[str, Any], kind: str, *, localized: bool
) -> None:
    view = ENTRIES.views[kind]
    operations = {p: one["get"] for p, one in described["paths"].items() if p.startswith(f"/v1/{view.path}")}
    assert 7 == len(operations)
    members = {
        member
        for operation in operations.values()
        for status in ("200", "300", "301")
        for name, schema in reached(described, operation["responses"].get(status, {})).items()
        if name not in OF_OTHERS
        for member in schema.get("properties", {})
    }
    assert (OF_LOCALIZED if localized else {"locale"}) == members & OF_LOCALIZED
    read = operations[f"/v1/{view.path}/{{address}}"]
    assert localized == ("300" in read["responses"])
    assert localized != ("locale" in {one["name"] for one in read["parameters"]}), "one to be told alone"
    assert localized == (":" in str(read["parameters"][0]["description"]))
    assert localized == ("en:" in str(read["responses"]["301"]["headers"]["Location"]))
    assert f"/v1/{view.path}/" in str(read["responses"]["301"]["headers"]["Location"])
