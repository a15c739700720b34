"""Pages tell nothing of entries that readers do not see, and have them as soon as they are seen."""

from pathlib import Path

from tests.read_side.pages.world import PagesWorld, changed
from tests.servers.running import in_process


async def test_a_kept_family_gains_those_who_are_published_later(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        maker = await world.draft("manufacturers", "plant-18")
        before = await world.draft("aircraft", "tu-104")
        made = [{"entry": maker}]
        one = await world.publish("aircraft", "tu-144", predecessor=before, manufacturers=made)
        sibling = await world.publish("aircraft", "tu-154", manufacturers=made)
        alone = await world.get("aircraft/tu-144/family")
        assert ([one], []) == ([member["id"] for member in alone["members"]], alone["bonds"])
        assert alone == await world.get("aircraft/tu-144/family", fresh=False)
        await world.show("aircraft", before)
        two = await changed(world, "aircraft/tu-144/family", alone)
        assert {one, before} == {member["id"] for member in two["members"]}
        await world.show("manufacturers", maker)
        three = await changed(world, "aircraft/tu-144/family", two)
        assert {one, before, maker, sibling} == {member["id"] for member in three["members"]}


async def test_a_kept_family_gains_the_first_sibling(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        maker = await world.publish("manufacturers", "plant-18")
        await world.publish("aircraft", "tu-144", manufacturers=[{"entry": maker}])
        alone = await world.get("aircraft/tu-144/family")
        assert alone == await world.get("aircraft/tu-144/family", fresh=False)
        assert 1 == len(alone["members"])
        sibling = await world.publish("aircraft", "tu-154", manufacturers=[{"entry": maker}])
        both = await changed(world, "aircraft/tu-144/family", alone)
        assert sibling in {member["id"] for member in both["members"]}


async def test_a_kept_family_that_left_somebody_out_has_him_as_soon_as_there_is_room(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        maker = await world.publish("manufacturers", "plant-18")
        made = [{"entry": maker}]
        await world.publish("aircraft", "tu-0", manufacturers=made)
        siblings = [await world.publish("aircraft", f"tu-{n}", manufacturers=made) for n in range(1, 22)]
        crowd = await world.get("aircraft/tu-0/family")
        assert crowd == await world.get("aircraft/tu-0/family", fresh=False)
        assert not crowd["whole"]
        among = {member["id"] for member in crowd["members"]}
        left_out = next(one for one in siblings if one not in among)
        gone = next(one for one in siblings if one in among)
        receipt = await site.moderator.done("PUT", f"/aircraft/{gone}/archive", version=3)
        world.position = receipt["position"]
        others = await changed(world, "aircraft/tu-0/family", crowd)
        assert among - {gone} | {left_out} == {member["id"] for member in others["members"]}
        assert others["whole"]
        await world.publish("aircraft", "tu-22", manufacturers=made)
        assert not (await changed(world, "aircraft/tu-0/family", others))["whole"]


async def test_the_timeline_does_not_tell_who_names_an_entry_that_readers_do_not_see(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        world = PagesWorld(site)
        secret = await world.draft("aircraft", "secret", first_flight={"edtf": "1950"})
        named = await world.publish("aircraft", "known", developed_from=secret, first_flight={"edtf": "1955"})
        nothing = await world.get("timeline", {"about": secret})
        assert [] == nothing["items"]
        await world.show("aircraft", secret)
        both = await world.get("timeline", {"about": secret})
        assert [secret, named] == [one["id"] for one in both["items"]]
