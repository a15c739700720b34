"""Designers: persons who say so, or who designed an aircraft, under an address of their own."""

from pathlib import Path
from typing import Any

from events.kinds.aircraft import AIRCRAFT
from events.kinds.person import PERSON
from tests.given.every_kind import needed, term
from tests.given.fitting import Witness
from tests.journeys.kinds.test_every_kind import published, read
from tests.servers.running import Site, in_process


async def test_persons_who_designed_something_are_designers_as_well(database: str, tmp_path: Path) -> None:
    witness = Witness()
    async with in_process(database, tmp_path) as site:
        witness.watch(site.client)
        for code in ("designer", "chief_designer", "pilot"):
            await site.moderator.done("POST", "/terms", term("role", code))
        ids = {}
        for name, role in (("Sukhoi", "chief_designer"), ("Chkalov", "pilot"), ("Gurevich", "pilot")):
            ids[name] = await published(site, PERSON, person(name, [role]))
        assert ["Sukhoi"] == await designers(site)
        assert ["Sukhoi"] == await designers(site), "as it is kept"
        plane = needed(AIRCRAFT) | {"title": {"en": "MiG-1"}, "designers": [{"entry": ids["Gurevich"]}]}
        place = f"/v1/designers/{ids['Gurevich']}"
        assert 404 == (await site.client.get(place)).status_code, "a pilot"
        made = await published(site, AIRCRAFT, plane)
        assert ["Gurevich", "Sukhoi"] == await designers(site)
        assert ["Gurevich"] == await designers(site, occupation="pilot")
        assert [200, 200] == [(await site.client.get(place)).status_code for _ in range(2)], "as it is kept"
        gone = await site.moderator.done("PUT", f"/aircraft/{made}/archive", version=3)
        assert ["Sukhoi"] == await designers(site, after=gone["position"])
        assert 404 == (await site.client.get(place)).status_code, (
            "nothing tells of him as a designer any more"
        )

        for place in (ids["Sukhoi"], "sukhoi"):
            both = [await read(site, f"/{path}/{place}") for path in ("persons", "designers")]
            assert both[0] == both[1]
        one = f"/designers/{ids['Sukhoi']}"
        revised = await site.editor.done("PATCH", one, {"title": {"ru": "Сухой"}}, version=3)
        query = f"after={revised['position']}"
        draft = (await site.editor.send("GET", f"{one}/draft?{query}")).json()
        assert ("person", "Сухой") == (draft["kind"], draft["title"]["ru"])
    assert [] == witness.undeclared


async def test_who_is_made_as_a_designer_is_one(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        await site.moderator.done(
            "POST", "/terms", {"title": {"en": "designer"}, "vocabulary": "role", "code": "designer"}
        )
        made = await site.editor.done("POST", "/designers", {"title": {"en": "Yakovlev"}})
        draft = (
            await site.editor.send("GET", f"/persons/{made['id']}/draft?after={made['position']}")
        ).json()
        assert (["designer"], "yakovlev") == (draft["occupations"], draft["slug"])


def person(name: str, occupations: list[str]) -> dict[str, Any]:
    """Return what is said of a person who can be published."""
    return needed(PERSON) | {"title": {"en": name}, "occupations": occupations}


async def designers(site: Site, **query: Any) -> list[str]:
    """Return who is listed as a designer, by name."""
    page = await read(site, "/designers", sort="title", **query)
    return [item["title"]["en"] for item in page["items"]]
