"""Pages of a front end: what they show, that drafts are not among it, and that a change is seen at once."""

from datetime import timedelta
from pathlib import Path

from kit import clock
from kit.postgres.connect import connect
from read_side.pages.home import home
from read_side.tables import Tables
from scripts.app import WholeBuild
from tests.read_side.pages.world import PagesWorld, both, changed, family_of_four
from tests.servers.running import in_process, problem


async def test_the_page_of_an_aircraft_names_those_around_it(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        ids = await family_of_four(world)
        page = await world.get("pages/aircraft/tu-144")
        named = {field: [one["id"] for one in items] for field, items in page["named"].items()}
        assert {
            "manufacturers": [ids["maker"]], "designers": [ids["designer"]], "predecessor": [ids["before"]]
        } == named  # fmt: skip
        assert {"period": {"edtf": "1968/1984"}} == {
            name: value for name, value in page["named"]["manufacturers"][0]["item"].items() if value
        }
        naming = {
            (kind, field): [one["id"] for one in items]
            for kind, fields in page["naming"].items()
            for field, items in fields.items()
        }
        assert ids["variant"] in naming["aircraft", "variant_of"]
        assert [ids["event"]] == naming["historical_event", "participants"]
        assert [both("It was faster.")] == [one["text"] for one in page["facts"]]
        assert page["parent"] is None
        russian = await world.get("pages/aircraft/tu-144", {"locale": "ru"})
        assert "It was faster. (ру)" == russian["facts"][0]["text"]


async def test_figures_of_a_parent_are_told_as_the_parents(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        ids = await family_of_four(world)
        parent = (await world.get("pages/aircraft/tu-144d"))["parent"]
        assert ids["one"] == parent["id"]
        assert {"crew", "wingspan"} == set(parent["figures"])  # and no first flight: that is each one's own
        designer = await world.get("pages/persons/tupolev")
        assert [ids["one"]] == [one["id"] for one in designer["naming"]["aircraft"]["designers"]]


async def test_an_article_has_the_card_of_its_subject(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        ids = await family_of_four(world)
        card = (await world.get("pages/articles/en:tu-144"))["subject"]
        assert (ids["one"], "aircraft", {"edtf": "1968-12-31"}) == (
            card["id"],
            card["kind"],
            card["first_flight"],
        )
        await site.moderator.done("DELETE", f"/aircraft/{ids['one']}/publication", version=3)
        world.position += 1
        assert (await world.get("pages/articles/en:tu-144"))["subject"] is None


async def test_a_page_is_kept_and_becomes_another_with_any_of_the_entries_that_it_shows(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        ids = await family_of_four(world)
        before = await world.get("pages/aircraft/tu-144")
        for path, id_ in (("persons", ids["designer"]), ("facts", ids["fact"]), ("aircraft", ids["variant"])):
            assert before == await world.get("pages/aircraft/tu-144", fresh=False)
            receipt = await site.moderator.done("PUT", f"/{path}/{id_}/archive", version=3)
            world.position = receipt["position"]
            await world.get("aircraft")
            after = await changed(world, "pages/aircraft/tu-144", before)
            assert id_ not in str(after)
            before = after


async def test_the_timeline_goes_by_the_first_day_that_a_date_can_mean(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        ids = await family_of_four(world)
        whole = await world.get("timeline", {"limit": 100})
        days = [(one["earliest"], one["what"]) for one in whole["items"]]
        assert sorted(days, key=lambda one: one[0]) == days
        assert {"born", "died", "first_flight", "founded", "time"} <= {what for _, what in days}
        some = await world.get("timeline", {"from": "1968", "to": "1973"})
        assert [ids["one"], ids["designer"], ids["event"]] == [one["id"] for one in some["items"]]
        near = await world.get("timeline", {"about": ids["variant"]})
        assert {ids["variant"], ids["one"]} == {one["id"] for one in near["items"]}
        paged, cursor = [], None
        while True:
            page = await world.get("timeline", {"limit": 2} | ({} if cursor is None else {"cursor": cursor}))
            paged += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert whole["items"] == paged
        for query in ({"from": "1968-13"}, {"about": "x"}, {"cursor": "x"}, {"depth": 1}):
            refused = await site.client.get("/v1/timeline", params=query)
            assert 400 == refused.status_code, problem(refused)


async def test_a_family_is_a_graph_of_bounded_depth(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        ids = await family_of_four(world)
        family = await world.get("aircraft/tu-144/family")
        bonds = {(one["from"], one["to"], one["relation"]) for one in family["bonds"]}
        assert {
            (ids["one"], ids["before"], "predecessor"),
            (ids["variant"], ids["one"], "variant_of"),
            (ids["sibling"], ids["maker"], "manufacturers"),
        } == bonds
        near = await world.get("aircraft/tu-104/family", {"depth": 1})
        assert ids["variant"] not in {one["id"] for one in near["members"]}
        far = await world.get("aircraft/tu-104/family", {"depth": 2})
        assert ids["variant"] in {one["id"] for one in far["members"]}
        assert 404 == (await site.client.get("/v1/aircraft/nothing/family")).status_code


async def test_the_home_page_is_the_same_until_something_that_it_shows_changes(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        ids = await family_of_four(world)
        page = await world.get("pages/home")
        assert [ids["article"]] == [one["id"] for one in page["articles"]]
        assert ["It was faster."] == [one["text"] for one in page["facts"]]
        assert page == await world.get("pages/home", fresh=False)
        assert [] == (await world.get("pages/home", {"locale": "ru"}))["articles"]
        more = await world.publish("facts", "louder", text=both("It was louder."))
        found = await changed(world, "pages/home", page)
        assert {ids["fact"], more} == {one["id"] for one in found["facts"]}


async def test_what_comes_late_to_an_hour_is_on_the_home_page_of_every_process(
    database: str, tmp_path: Path
) -> None:
    """One that read early and keeps the page has to hear of what was published before the hour."""
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        for number in range(3):
            await world.publish("articles", f"a{number}", title="T", summary="S", body="B", locale="en")
        await world.get("pages/home")
        views = WholeBuild().entries.views
        hour = clock.now() + timedelta(hours=2)
        hour = hour.replace(minute=0, second=0, microsecond=0)
        connection = await connect(database, "test")
        schema = await connection.fetchval(
            "select schema from project.cursor where schema like 'read_entries%'"
        )
        await connection.close()
        async with Tables(database, 2) as tables:
            early, later = [
                await home(tables, views, schema, hour + timedelta(seconds=seconds), "en")
                for seconds in (1, 61)
            ]
        assert early.body == later.body
        tag = views["article"].list_tag
        assert (True, False) == (tag in early.tags, tag in later.tags)


async def test_a_front_end_reads_what_the_installation_is_set_to(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, projector=False) as site:
        shown = (await site.client.get("/v1/settings")).json()
        assert {
            "locales": ["ru", "en"],
            "sign_in": ["password", "token", "passkey"],
            "media": "",
            "features": {"stream": False},
        } == shown


async def test_the_variants_of_an_aircraft_are_a_list(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        ids = await family_of_four(world)
        for asked in ("tu-144", ids["one"]):
            found = await world.get("aircraft", {"variant_of": asked, "include": "variant_of"})
            assert [("tu-144d", ids["one"])] == [(one["slug"], one["variant_of"]) for one in found["items"]]
            assert ["tu-144"] == [one["entry"]["slug"] for one in found["items"][0]["included"]["variant_of"]]
        assert [] == (await world.get("aircraft", {"variant_of": "tu-104"}))["items"]
