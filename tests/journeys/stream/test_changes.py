"""Anybody can follow what readers may know, page by page; insiders follow everything."""

from pathlib import Path
from typing import Any

from tests.journeys.stream.following import Aircraft, changes, told_by
from tests.servers.running import in_process, problem


def steps(events: list[dict[str, Any]]) -> list[str]:
    return [one["type"].partition(".")[2] for one in events]


async def test_a_publication_says_in_a_line_what_is_new(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        plane = Aircraft(site)
        await plane.show()
        await plane.write(first_flight={"edtf": "1968-12-31"}, crew=4)
        await plane.show()
        first, second = await told_by(site.client, plane.position)
        assert "«Ту-144»: опубликовано" == first["data"]["line"]["ru"]
        assert {
            "ru": "«Ту-144»: первый полёт 31 декабря 1968, было 1969; экипаж 4",
            "en": "«Tu-144»: first flight 31 December 1968, was 1969; crew 4",
        } == second["data"]["line"]
        assert {
            "field": "first_flight",
            "label": {"ru": "Первый полёт", "en": "First flight"},
            "before": {"edtf": "1969"},
            "after": {"edtf": "1968-12-31"},
        } == second["data"]["changed"][0]
        assert ("tu-144", "/v1/aircraft/tu-144") == (second["data"]["slug"], second["data"]["path"])
        assert "As it is" == second["reason"]


async def test_public_events_are_numbered_without_a_gap_and_name_the_one_before(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        plane = Aircraft(site)
        for number in range(5):
            await plane.write(crew=number)
            await plane.show()
        told = await told_by(site.client, plane.position)
        assert [1, 2, 3, 4, 5] == [one["sequence"] for one in told]
        positions = [one["position"] for one in told]
        assert [0, *positions[:-1]] == [one["previous"] for one in told]
        pages = [
            await changes(site.client, limit=2, after=after) for after in (0, positions[1], positions[3])
        ]
        assert told == [one for page in pages for one in page["items"]]


async def test_readers_are_told_of_what_they_see_and_insiders_of_everything(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        plane = Aircraft(site)
        await plane.write()
        await plane.step("PUT", "slug", {"slug": "draft-slug"})
        await plane.step("PUT", "archive")
        await plane.step("DELETE", "archive")
        await plane.show(crew=3)
        await plane.step("PUT", "slug", {"slug": "tu-144-d"})
        await plane.write(crew=5)
        await plane.step("DELETE", "publication")
        await plane.step("PUT", "slug", {"slug": "hidden-slug"})
        await plane.step("PUT", "archive")
        await plane.step("DELETE", "archive")
        public = await told_by(site.client, plane.position)
        assert ["published", "renamed", "unpublished", "archived", "restored"] == steps(public)
        every = await told_by(site.client, plane.position, site.editor.headers)
        assert [*range(1, len(every) + 1)] == [one["position"] for one in every]
        assert {"created", "revised", "claimed"} <= set(steps(every))
        revised = next(one for one in every if one["type"] == "aircraft.revised")
        assert "«Ту-144»" not in revised["data"]["line"]["ru"] or revised["data"]["changed"]
        assert "draft-slug" not in str(public[0]["data"].get("event"))
        assert "hidden-slug" not in str(public), "a name that readers have not seen"
        assert ["tu-144-d"] * 2 == [one["data"]["slug"] for one in public[3:]]


async def test_what_was_taken_from_readers_leaves_a_place_with_nothing_in_it(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        plane = Aircraft(site)
        await plane.show()
        await plane.show(title={"en": "A libel"})
        before = await told_by(site.client, plane.position)
        await plane.step("DELETE", "publication")
        await plane.show(title={"en": "Tu-144"})
        after = await told_by(site.client, plane.position)
        assert [one["id"] for one in before] == [one["id"] for one in after[:2]]
        assert [{"kind": "aircraft", "entry": plane.id, "gone": True}] * 2 == [
            one["data"] for one in after[:2]
        ]
        assert [1, 2, 3, 4] == [one["sequence"] for one in after]
        assert not after[3]["data"].get("changed"), "what readers saw before is not told"


async def test_a_follower_chooses_by_kind_type_entry_language_and_tag(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        one, other = Aircraft(site), Aircraft(site)
        await one.show()
        await other.show(slug="tu-160")
        article = {"locale": "ru", "title": "Ту", "slug": "tu", "tags": ["jet"], "summary": "s", "body": "b",
                   "sources": [{"title": "t"}]}  # fmt: skip
        made = await site.editor.done("POST", "/articles", article)
        forced = {"revision": 1, "force": True, "reason": "so"}
        path = f"/articles/{made['id']}/publication"
        position = (await site.moderator.done("PUT", path, forced, version=1))["position"]

        async def entries(**query: Any) -> list[str]:
            return [each["data"]["entry"] for each in await told_by(site.client, position, **query)]

        assert [one.id, other.id] == await entries(kind="aircraft")
        assert [made["id"]] == await entries(type=["article.published", "article.renamed"])
        assert [other.id] == await entries(entry=other.id)
        assert [made["id"]] == await entries(locale="ru")
        assert [made["id"]] == await entries(tag="jet")
        assert [] == await entries(tag=["jet", "biplane"])
        assert [] == await entries(after="now")
        assert 3 == len(await entries(after="2026-01-31T12:00:00Z"))
        assert [] == await entries(after="2126-01-31T12:00:00Z")


async def test_what_no_event_has_and_what_the_log_has_not_is_refused_at_once(
    database: str, tmp_path: Path
) -> None:
    """Else one would follow in vain: a name that was mistyped, a position of a log that is no more."""
    async with in_process(database, tmp_path) as site:
        plane = Aircraft(site)
        await plane.show()
        await told_by(site.client, plane.position)
        for path in ("/v1/changes", "/v1/events"):
            beyond = await site.client.get(path, params={"after": plane.position + 1})
            assert 400 == beyond.status_code
            at = f"is beyond the end of the log, which is at {plane.position}"
            assert [{"parameter": "after", "detail": at}] == problem(beyond)["errors"]
            mistyped = {"kind": ["article", "aeroplane"], "type": "aircraft.publishd"}
            unknown = await site.client.get(path, params=mistyped)
            assert 400 == unknown.status_code
            kind, type_ = problem(unknown)["errors"]
            assert ("kind", "type") == (kind["parameter"], type_["parameter"])
            assert "aircraft, article," in kind["detail"]
            nowhere = await site.client.get(path, params={"after": "yesterday"})
            (error,) = problem(nowhere)["errors"]
            assert "must be a position, now, or a moment such as 2026-01-31T12:00:00Z" == error["detail"]
        again = await site.client.get("/v1/events", headers={"Last-Event-ID": str(plane.position + 1)})
        assert 400 == again.status_code
        assert [] == (await changes(site.client, after=plane.position))["items"]
