"""What entries say of each other: both ends show it, and only while readers see both."""

from typing import Any

from read_side.entry.document import EntryAddress, document_key, refresh
from tests.given.entries import Entry
from tests.read_side.kinds.world import VIEWS, World, names
from tests.read_side.site import EDITORS


def founder(one: Entry | str, role: str = "founder", **more: Any) -> dict[str, Any]:
    return {"entry": str(one.id) if isinstance(one, Entry) else one, "role": role, **more}


async def joined(world: World) -> tuple[Entry, Entry, Entry]:
    """Publish a museum, an article, and a bureau that names both; the article's text leads to the bureau."""
    museum = world.museum("monino").publish()
    article = world.article("tu-144", "ru", body="[b](/bureaus/tupolev)").publish()
    named = {"museum": str(museum.id), "founders": [founder(article), founder(museum, "host")]}
    bureau = world.bureau("tupolev", **named).publish()
    await world.shown()
    return museum, article, bureau


async def both_ends(world: World, *entries: Entry) -> list[list[tuple[str, str]]]:
    """Return what is told of others under each path, after checking that every way tells the same."""
    await world.agrees(*(one.path for one in entries))
    found = []
    for one in entries:
        answer = await world.get(one.path)
        shown = answer.json() if answer.status_code == 200 else {"relations": [], "related": []}
        found.append(names(shown, "relations") + names(shown, "related"))
    return found


MUSEUM, FOUNDER, HOST = ("museum", "monino"), ("founders", "tu-144"), ("founders", "monino")


async def test_both_ends_show_it_and_say_what_the_item_says(world: World) -> None:
    museum, article, bureau = await joined(world)
    of = await world.read(bureau.path)
    assert [MUSEUM, FOUNDER, HOST] == names(of, "relations")
    assert {
        "field": "founders", "kind": "article", "id": str(article.id), "locale": "ru", "slug": "tu-144",
        "title": "Tu-144", "item": {"role": "founder"},
    } == of["relations"][1]  # fmt: skip
    assert "item" not in of["relations"][0]
    to = (await world.read(article.path))["related"]
    assert [
        {"field": "founders", "kind": "bureau", "id": str(bureau.id), "slug": "tupolev",
         "title": {"ru": None, "en": "Tupolev"},
         "item": {"role": "founder"}}
    ] == to  # fmt: skip
    assert [("founders", "tupolev"), ("museum", "tupolev")] == names(await world.read(museum.path), "related")


async def test_an_entry_may_name_itself(world: World) -> None:
    one = world.museum("monino")
    one.publish(branch_of=str(one.id))
    await world.shown()
    found = await world.read(one.path)
    itself = [("branch_of", "monino")]
    assert (itself, itself) == (names(found, "relations"), names(found, "related"))


async def test_both_ends_are_right_after_whatever_happens_to_either(shared: World) -> None:
    world = shared
    museum, article, bureau = await joined(world)
    everything = [museum, article, bureau]
    related = [("founders", "tupolev"), ("museum", "tupolev")]

    async def are(*expected: list[tuple[str, str]]) -> None:
        await world.shown()
        assert list(expected) == await both_ends(world, *everything)
        await world.warm(*(one.path for one in everything if one.state.publication == "pinned"))

    await are(related, related[:1], [MUSEUM, FOUNDER, HOST])
    article.unpublish()
    await are(related, [], [MUSEUM, HOST])
    museum.archive()
    await are([], [], [])
    article.publish(title="New")
    await are([], related[:1], [FOUNDER])
    museum.restore()
    await are([], related[:1], [FOUNDER])
    museum.publish()
    await are(related, related[:1], [MUSEUM, FOUNDER, HOST])
    museum.rename("monino-2")
    renamed = [("museum", "monino-2"), FOUNDER, ("founders", "monino-2")]
    await are(related, related[:1], renamed)
    bureau.rename("tu")
    await are([("founders", "tu"), ("museum", "tu")], [("founders", "tu")], renamed)
    bureau.rename("tupolev")
    bureau.revise(founders=[founder(museum)], museum=None)
    await are(related, related[:1], renamed)
    bureau.publish()
    await are(related[:1], [], renamed[2:])
    bureau.publish(museum=str(article.id))
    await are(related[:1], related[1:], [("museum", "tu-144"), renamed[2]])
    bureau.unpublish()
    await are([], [], [])
    bureau.publish()
    await are(related[:1], related[1:], [("museum", "tu-144"), renamed[2]])
    bureau.archive()
    await are([], [], [])
    bureau.restore()
    bureau.publish(founders=[], museum="none")
    await are([], [], [])


async def test_a_target_that_readers_do_not_see_is_in_no_field_either(world: World) -> None:
    museum, article, bureau = await joined(world)
    article.unpublish()
    museum.unpublish()
    await world.shown()
    found = await world.read(bureau.path)
    assert (None, [], [], []) == tuple(
        found[member] for member in ("museum", "founders", "relations", "related")
    )
    assert str(museum.id) not in str(found)
    museum.publish()
    await world.shown()
    found = await world.read(bureau.path)
    assert (str(museum.id), [founder(museum, "host")]) == (found["museum"], found["founders"])


async def test_a_target_that_does_not_exist_yet_is_shown_once_it_is_published(world: World) -> None:
    later = Entry(world.log.__class__(), VIEWS["museum"].kind, "later")
    bureau = world.bureau("tupolev", museum=str(later.id)).publish()
    await world.shown()
    await world.warm(bureau.path)
    assert None is (await world.read(bureau.path))["museum"]
    same = world.museum("later")
    assert same.id != later.id
    bureau.publish(museum=str(same.id))
    await world.shown()
    await world.warm(bureau.path)
    assert None is (await world.read(bureau.path))["museum"]
    same.publish()
    await world.shown()
    assert str(same.id) == (await world.read(bureau.path))["museum"]


async def test_an_item_never_names_what_readers_do_not_see(world: World) -> None:
    """An item with two members that name entries: of each the other one is no member of the relation."""
    museum, article = world.museum("monino"), world.article("tu-144", "ru").publish()
    bureau = world.bureau("tupolev", founders=[founder(article, place=str(museum.id))]).publish()
    await world.shown()
    for one in (bureau, article):
        assert str(museum.id) not in (await world.get(one.path)).text, one.kind.name
    museum.publish()
    await world.shown()
    found = await world.read(bureau.path)
    assert [("founders", "tu-144"), ("founders", "monino")] == names(found, "relations")
    assert [founder(article, place=str(museum.id))] == found["founders"]
    assert [{"role": "founder"}] * 2 == [one["item"] for one in found["relations"]]
    bureau.publish(founders=[founder(article, place="unknown")])
    await world.shown()
    assert [{"role": "founder", "place": "unknown"}] == [
        one["item"] for one in (await world.read(article.path))["related"]
    ]


async def test_a_page_of_three_kinds_is_kept_and_dropped_when_one_of_them_changes(world: World) -> None:
    museum, article, bureau = await joined(world)
    page = world.museum(
        "page", body="[a](/articles/ru:tu-144)", branch_of=str(bureau.id), partners=[founder(museum)]
    ).publish()
    await world.shown()
    found = await world.read(page.path)
    assert [("article", "tu-144")] == names(found, "links")
    assert [("branch_of", "tupolev"), ("partners", "monino")] == names(found, "relations")
    for one in (museum, article, bureau, page):
        for step in (lambda: one.publish(title="New"), lambda: one.rename(f"{one.slug}-2"), one.unpublish):  # noqa: B023
            await world.warm(page.path)
            step()
            await world.shown()
            assert world.here.kept(page.path) is None
            await world.agrees(page.path)
        one.publish()
        await world.shown()


async def test_a_copy_is_the_same_no_matter_who_writes_it(shared: World) -> None:
    museum, article, bureau = await joined(shared)
    subject = article.state.subject
    shared.article("tu-144", "en", subject=subject, body="[b](/articles/tu-144) [c](/bureaus/x)").publish()
    await shared.shown()
    sources = shared.here.read.sources
    schema = shared.here.follower.schema
    for one in shared.entries:
        view = VIEWS[one.kind.name]
        key = document_key(view, schema, EntryAddress(None, one.slug, one.locale))
        await shared.here.get(one.path, EDITORS)
        await sources.cache.settled()
        of_reader = await sources.cache.get(key)
        assert of_reader is not None
        await sources.cache.put(key, of_reader[0], b"gone")
        await refresh(sources.tables, sources.cache, VIEWS, schema, [one.id])
        assert of_reader == await sources.cache.get(key), one.path
    assert {museum, article, bureau} < set(shared.entries)
