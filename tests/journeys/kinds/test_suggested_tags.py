"""Editors are proposed tags: from terms, from the country, from what published entries like it carry."""

from pathlib import Path
from typing import Any

import pytest

from events.codec import CODEC
from events.kinds.aircraft import AIRCRAFT
from events.kinds.country import COUNTRY
from events.kinds.term import TERM
from scripts.sample.terms import ensure_terms
from tests.given.every_kind import needed, term
from tests.given.fitting import Witness
from tests.journeys.kinds.test_every_kind import published
from tests.servers.running import Site, in_process, problem
from write_side.main import bus

TERMS = [
    ("tag_category", "theme"),
    ("aircraft_type", "helicopter"),
    ("purpose", "fighter"),
    ("purpose", "trainer"),
    ("name_kind", "official"),
]
TAGS = {
    "helicopter": {"en": "Rotorcraft"},
    "fighters": {"en": "FIGHTER", "ru": "Истребители"},
    "ussr": {"en": "USSR", "ru": "СССР"},
    "cold_war": {"en": "Cold War", "ru": "холодная война"},
    "arctic": {"en": "Arctic"},
}


async def encyclopedia(site: Site) -> str:
    """Publish tags, a country and five fighters, and return the country's id."""
    async with bus(site.dsn, CODEC) as running:
        await ensure_terms(running, TERMS)
    for code, name in TAGS.items():
        await published(site, TERM, term("tag", code) | {"title": name})
    names = {"title": {"en": "Soviet Union"}, "other_names": [{"name": "USSR", "kind": "official"}]}
    country = await published(site, COUNTRY, needed(COUNTRY) | names)
    for number in range(5):
        said = {"title": {"en": f"Yak-{number}"}, "purposes": ["fighter"]}
        tags = ["cold_war"] if number < 3 else ["arctic"] if number == 3 else []
        await published(site, AIRCRAFT, needed(AIRCRAFT) | said | {"tags": tags})
    return country


async def proposed(site: Site, wanted: dict[str, Any], query: str = "") -> dict[str, Any]:
    answer = await site.editor.send("POST", f"/tags/suggest{query}", wanted)
    assert (200, "private, no-store") == (answer.status_code, answer.headers["cache-control"]), answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_tags_follow_from_what_is_said_and_from_entries_that_say_the_same(
    database: str, tmp_path: Path
) -> None:
    witness = Witness()
    async with in_process(database, tmp_path) as site:
        witness.watch(site.client)
        country = await encyclopedia(site)
        says = {"aircraft_type": "helicopter", "purposes": ["fighter"], "country": country}
        wanted = {"kind": "aircraft", "says": says}
        items = (await proposed(site, wanted))["items"]
        assert [
            ("fighters", [("same_name", "purposes", "fighter", 0, 0)]),
            ("helicopter", [("same_code", "aircraft_type", "helicopter", 0, 0)]),
            ("ussr", [("same_name", "country", country, 0, 0)]),
            ("cold_war", [("carried", "purposes", "fighter", 3, 5)]),
        ] == [(one["code"], reasons(one)) for one in items]
        assert ({"en": "FIGHTER", "ru": "Истребители"}, "theme") == (items[0]["name"], items[0]["category"])
        assert items == (await proposed(site, wanted))["items"], "the same question has the same answer"
        assert items[:2] == (await proposed(site, wanted | {"limit": 2}))["items"]
        russian = await proposed(site, wanted | {"locale": "ru"})
        assert ("ru", ["Истребители", None, "СССР", "холодная война"]) == (
            russian["locale"],
            [one["name"] for one in russian["items"]],
        )
        having = wanted | {"says": says | {"tags": ["fighters", "ussr"]}}
        assert ["helicopter", "cold_war"] == [
            one["code"] for one in (await proposed(site, having))["items"]
        ], "none that it has already"
    assert [] == witness.undeclared


async def test_an_entry_is_asked_about_as_its_editor_left_it(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        await encyclopedia(site)
        made = await site.editor.done(
            "POST", "/aircraft", {"title": {"en": "Yak-9"}, "purposes": ["trainer"]}
        )
        query = f"?after={made['position']}"
        assert [] == (await proposed(site, {"entry": made["id"]}, query))["items"]
        one = f"/aircraft/{made['id']}"
        more = {"purposes": ["trainer", "fighter"], "tags": ["fighters"]}
        revised = await site.editor.done("PATCH", one, more, version=1)
        found = await proposed(site, {"entry": made["id"]}, f"?after={revised['position']}")
        assert ["cold_war"] == [one["code"] for one in found["items"]]
        stream = (await site.client.get("/v1/vocabularies/tag/cold_war")).json()["id"]
        gone = await site.moderator.done("PUT", f"/terms/{stream}/archive", version=3)
        found = await proposed(site, {"entry": made["id"]}, f"?after={gone['position']}")
        assert [] == found["items"], "a retired tag is proposed to nobody"


@pytest.fixture(scope="module")
def wrong() -> list[tuple[dict[str, Any], str]]:
    nobody = "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"
    return [
        ({}, ""),
        ({"entry": nobody}, "/entry"),
        ({"entry": nobody, "kind": "aircraft"}, ""),
        ({"kind": "airfield"}, "/kind"),
        ({"kind": "article"}, "/kind"),
        ({"kind": "aircraft", "says": {"title": {"en": "A"}}}, "/says"),
        ({"kind": "aircraft", "says": {"purposes": "fighter"}}, "/says/purposes"),
        ({"kind": "aircraft", "says": {"purposes": ["a b"]}}, "/says/purposes/0"),
        ({"kind": "aircraft", "says": {"country": "USSR"}}, "/says/country"),
        ({"kind": "aircraft", "limit": 51}, "/limit"),
        ({"kind": "aircraft", "locale": "de"}, "/locale"),
    ]


async def test_what_nothing_can_follow_from_is_refused_with_its_place(
    database: str, tmp_path: Path, wrong: list[tuple[dict[str, Any], str]]
) -> None:
    async with in_process(database, tmp_path) as site:
        await published(site, COUNTRY, needed(COUNTRY))
        for body, pointer in wrong:
            answer = await site.editor.send("POST", "/tags/suggest", body)
            assert (422, pointer) == (answer.status_code, problem(answer)["errors"][0]["pointer"]), (
                answer.text
            )
        without = await site.client.post("/v1/tags/suggest", json={"kind": "aircraft"})
        assert 401 == without.status_code


def reasons(item: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (one["rule"], one["field"], one["value"], one.get("entries", 0), one.get("of", 0))
        for one in item["because"]
    ]
