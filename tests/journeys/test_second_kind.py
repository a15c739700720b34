"""A kind declared in 45 lines, with a field of each type, lives the whole life, commands to query."""

from typing import Any

import pytest

from events.codec import CODEC
from kit.checkout import ROOT
from scripts.sample.terms import ensure_terms
from tests.given.media.kept import showable_id, tell_showable
from tests.given.museum import BUILD, MUSEUM
from tests.servers.running import Site, in_process, problem
from write_side.main import bus

OTHER = "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"

PICTURE = showable_id()
MONINO: dict[str, Any] = {
    "title": {"ru": "Монино", "en": "Monino"},
    "summary": {"en": "Aircraft in the open."},
    "body": "It has a [sister](/museums/ulyanovsk).",
    "tags": ["open air"],
    "place": {"ru": "Монино", "en": "Monino"},
    "visits": "Daily.",
    "story": {"en": "Founded on an airfield.\nOpened later."},
    "flagship": "tu-144",
    "free": False,
    "aircraft": 176,
    "status": "open",
    "branch_of": "none",
    "themes": ["jets", "gliders"],
    "code": "monino",
    "halls": ["field", "hangar"],
    "area": {"value": "220000", "about": True},
    "founded": {"edtf": "1956-11-28/1958-11-28"},
    "sources": [{"title": "A guide", "pages": "3", "supports": ["founded", "area"]}],
    "pictures": [{"media": PICTURE, "caption": {"en": "In 1960"}}],
}
SHOWN = {
    "summary": {"ru": None, "en": "Aircraft in the open."},
    "story": {"ru": None, "en": "Founded on an airfield.\nOpened later."},
    "sources": [{"title": "A guide", "url": "", "pages": "3", "supports": ["founded", "area"]}],
    "pictures": [{"media": PICTURE, "caption": {"ru": None, "en": "In 1960"}}],
}
"""What is shown otherwise than it was sent: languages that are missing, an address that there is not."""

OTHERS: tuple[dict[str, Any], ...] = (
    {"title": {"en": "Ulyanovsk"}, "free": True, "aircraft": 40, "status": "closed", "branch_of": OTHER,
     "halls": ["hangar"], "area": {"value": "17.5", "low": "17", "high": "18"}, "founded": {"edtf": "1983"}},
    {"title": {"en": "Zhukovsky"}, "free": "unknown", "aircraft": "unknown", "status": "unknown",
     "founded": "unknown"},
    {"title": {"en": "Speyer", "ru": "Шпайер"}, "status": "open",
     "founded": {"edtf": "1917-10-25", "calendar": "julian"}},
)  # fmt: skip

WRONG = ("free=yes", "aircraft=-1..", "area=..1e3", "founded=1941-13..", "sort=status", "founded_from=1941")


def test_a_kind_is_declared_in_at_most_45_lines() -> None:
    assert len((ROOT / "tests" / "given" / "museum.py").read_text().splitlines()) <= 45


def test_it_has_a_field_of_each_type() -> None:
    from events.content import codes, dates, items, localized, pictures, plain, quantities, sources, texts

    types = {
        one
        for module in (codes, dates, items, localized, pictures, plain, quantities, sources, texts)
        for name, one in vars(module).items()
        if name.endswith("Field") and name not in {"Field", "RangeField", "FocalPointField"}
    }
    assert {type(one) for one in MUSEUM.fields} == types


async def test_a_second_kind_lives_the_whole_life(database: str, tmp_path: Any) -> None:
    async with in_process(database, tmp_path, BUILD) as site:
        await tell_showable(database)
        editor, moderator = site.editor, site.moderator
        made = await editor.done("POST", "/museums", {"title": {"en": "Monino"}})
        one = f"/museums/{made['id']}"
        refused = await editor.send("PUT", f"{one}/submission", version=1)
        assert [
            {"pointer": "/founded", "detail": "is needed before publication"},
            {"pointer": "/flagship", "detail": "a museum is shown with its best known exhibit"},
        ] == problem(refused)["errors"]
        await editor.done("PATCH", one, {"flagship": "tu-144", "founded": "unknown"}, version=1)
        await editor.done("PUT", f"{one}/submission", version=2)
        await moderator.done("POST", f"{one}/return", {"comment": "Which Tu-144?"}, version=3)
        await editor.done("PATCH", one, {"flagship": "tu-144-77106"}, version=4)
        await editor.done("POST", f"{one}/revert", {"revision": 2}, version=5)
        await editor.done("PUT", f"{one}/submission", version=6)
        await moderator.done("PUT", f"{one}/publication", {"revision": 4}, version=7)
        receipt = await moderator.done("PUT", f"{one}/slug", {"slug": "central-air-force-museum"}, version=8)
        shown = await site.client.get(f"/v1{one}", params={"after": receipt["position"]})
        assert ("tu-144", "central-air-force-museum") == (shown.json()["flagship"], shown.json()["slug"])
        moved = await site.client.get("/v1/museums/monino")
        assert (301, "/v1/museums/central-air-force-museum") == (moved.status_code, moved.headers["location"])
        listed = await site.client.get("/v1/museums", params={"flagship": "tu-144"})
        assert ["Monino"] == [item["title"]["en"] for item in listed.json()["items"]]
        await moderator.done("PUT", f"{one}/archive", version=9)
        receipt = await moderator.done("DELETE", f"{one}/archive", version=10)
        gone = await site.client.get(f"/v1{one}", params={"after": receipt["position"]})
        assert gone.status_code == 404


async def test_every_field_is_kept_changed_compared_and_refused(database: str, tmp_path: Any) -> None:
    async with in_process(database, tmp_path, BUILD) as site:
        await tell_showable(database)
        editor = site.editor
        other = (await editor.done("POST", "/museums", {"title": {"en": "Zhukovsky"}}))["id"]
        partner = {"entry": other, "role": "parent", "since": {"edtf": "195X"}}
        one = await published(site, MONINO | {"partners": [partner]})
        shown = (await site.client.get(f"/v1{one}")).json()
        unseen: dict[str, Any] = {"partners": []}  # readers do not see that museum
        assert MONINO | SHOWN | unseen == {one.name: shown[one.name] for one in MUSEUM.fields}

        later = {"entry": other, "role": "parent", "since": {"edtf": "1958"}}
        change: dict[str, Any] = {
            "place": {"en": None}, "area": None, "founded": "unknown", "halls": [], "partners": [later],
        }  # fmt: skip
        receipt = await editor.done("PATCH", one, change, version=3)
        draft = (await editor.send("GET", f"{one}/draft?after={receipt['position']}")).json()
        assert [{"ru": "Монино", "en": None}, None, "unknown", [], [later]] == [
            draft[name] for name in change
        ]
        assert draft["story"] == SHOWN["story"]
        unchanged = await editor.done("PATCH", one, change | {"story": {"ru": None}}, version=4)
        assert 2 == unchanged["revision"]
        diff = (await editor.send("GET", f"{one}/diff?from=1&to=2")).json()
        found = {one.pop("field"): one for one in diff["changes"]}
        assert set(change) == set(found)
        assert {"languages": {"en": [["-", "Monino"]]}} == found["place"]
        assert [{"before": partner, "after": later}] == found["partners"]["changed"]

        for wrong, pointer in (
            ({"founded": {"edtf": "1956-02-30"}}, "/founded"),
            ({"founded": "none"}, "/founded"),
            ({"area": {"value": "0.5"}}, "/area"),
            ({"area": {"value": "1", "unit": "ha"}}, "/area/unit"),
            ({"place": {"en": "a\nb"}}, "/place/en"),
            ({"partners": [{"role": "parent"}]}, "/partners/0/entry"),
            ({"partners": [{"entry": other}, {"entry": other}]}, "/partners"),
            ({"partners": [later, {"entry": OTHER}]}, "/partners/1/entry"),
            ({"branch_of": OTHER}, "/branch_of"),
            ({"sources": [{"title": "A", "supports": ["height"]}]}, "/sources"),
            ({"pictures": [{"media": "one"}]}, "/pictures/0/media"),
            ({"free": "none"}, "/free"),
            ({"themes": ["a", "a"]}, "/themes"),
            ({"themes": ["a", "B"]}, "/themes/1"),
            ({"code": "a b"}, "/code"),
        ):
            refused = problem(await editor.send("PATCH", one, wrong, version=4))
            assert (422, pointer) == (refused["status"], refused["errors"][0]["pointer"]), (wrong, refused)


@pytest.fixture(scope="module")
def asked() -> list[tuple[str, list[str]]]:
    """Query → titles, in their order where the query sorts."""
    return [
        ("flagship=tu-144&sort=title", ["Monino", "Speyer", "Ulyanovsk", "Zhukovsky"]),
        ("free=true", ["Ulyanovsk"]),
        ("free=false", ["Monino"]),
        ("aircraft=41..", ["Monino"]),
        ("aircraft=40", ["Ulyanovsk"]),
        ("status=open&status=unknown&sort=title", ["Monino", "Speyer", "Zhukovsky"]),
        ("branch_of=none", ["Monino"]),
        (f"branch_of={OTHER}", []),
        ("branch_of=MONINO", ["Ulyanovsk"]),
        ("hall=hangar&sort=title", ["Monino", "Ulyanovsk"]),
        ("hall=hangar&hall=field", ["Monino"]),
        ("theme=jets&theme=gliders", ["Monino"]),
        ("code=monino", ["Monino"]),
        ("area=17.9..100", ["Ulyanovsk"]),
        ("area=18.01..", ["Monino"]),
        ("founded=..1917", ["Speyer"]),
        ("founded=1917-11-08..1957", ["Monino"]),
        ("founded=198X..&sort=title", ["Ulyanovsk"]),
        ("sort=founded", ["Speyer", "Monino", "Ulyanovsk", "Zhukovsky"]),
        ("sort=-founded", ["Ulyanovsk", "Monino", "Speyer", "Zhukovsky"]),
        ("sort=area", ["Ulyanovsk", "Monino", "Zhukovsky", "Speyer"]),
        ("sort=-aircraft", ["Monino", "Ulyanovsk", "Speyer", "Zhukovsky"]),
    ]


async def test_lists_are_filtered_and_sorted_as_the_fields_declare(
    database: str, tmp_path: Any, asked: list[tuple[str, list[str]]]
) -> None:
    async with in_process(database, tmp_path, BUILD) as site:
        await tell_showable(database)
        monino = (await published(site, MONINO)).rpartition("/")[2]
        for other in OTHERS:
            branch = {"branch_of": monino} if "branch_of" in other else {}
            await published(site, {"flagship": "tu-144"} | other | branch)
        for query, titles in [(query.replace("MONINO", monino), titles) for query, titles in asked]:
            found = await site.client.get(f"/v1/museums?{query}")
            assert 200 == found.status_code, found.text
            assert titles == [item["title"]["en"] for item in found.json()["items"]], query
            if "sort" in query:
                assert titles == [title async for title in one_by_one(site, query)], query
        item = (await site.client.get("/v1/museums?founded=..1917")).json()["items"][0]
        assert {"edtf": "1917-10-25", "calendar": "julian"} == item["founded"]
        for wrong in WRONG:
            refused = await site.client.get(f"/v1/museums?{wrong}")
            told = problem(refused)["errors"][0]["parameter"]
            assert (400, wrong.partition("=")[0]) == (refused.status_code, told)


async def published(site: Site, content: dict[str, Any]) -> str:
    """Publish a museum whose terms there are, wait until it is seen, and return its path."""
    said = [term for field in MUSEUM.fields for term in field.terms(content.get(field.name))]
    async with bus(site.dsn, CODEC) as running:
        await ensure_terms(running, {(term.vocabulary, term.code) for term in said})
    made = await site.editor.done("POST", "/museums", content)
    one = f"/museums/{made['id']}"
    await site.editor.done("PUT", f"{one}/submission", version=1)
    receipt = await site.moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=2)
    seen = await site.client.get(f"/v1{one}", params={"after": receipt["position"]})
    assert 200 == seen.status_code, seen.text
    return one


async def one_by_one(site: Site, query: str) -> Any:
    """Yield the titles of a list whose pages have one item each."""
    cursor = ""
    while True:
        page = (await site.client.get(f"/v1/museums?{query}&limit=1{cursor}")).json()
        for item in page["items"]:
            yield item["title"]["en"]
        if page["next"] is None:
            return
        cursor = f"&cursor={page['next']}"
