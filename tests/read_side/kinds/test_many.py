"""Many links, relations and readers at a time: what is told has a bound, and is the same everywhere."""

import asyncio
from typing import Any

from read_side.entry.statement import SHOWN, statement
from tests.read_side.kinds.world import World, names, told

FEW = 12
"""Entries beyond the bound."""


async def test_a_thousand_links_are_told_and_hang_on_both_languages(world: World) -> None:
    slugs = [f"a-{number}" for number in range(SHOWN + FEW)]
    for slug in slugs:
        for locale in ("en", "ru"):
            world.article(slug, locale).publish()
    body = " ".join(f"[a](/articles/{slug})" for slug in slugs)
    one = world.article("linking", "ru", body=body).publish()
    await world.shown()
    found = await world.read(one.path)
    assert [("article", slug) for slug in slugs[:SHOWN]] == names(found, "links")
    assert {"ru"} == {link["locale"] for link in found["links"]}
    await world.agrees(one.path)
    await world.warm(one.path)
    world.entries[2 * SHOWN - 2].unpublish()  # the English one of the last that is told
    await world.shown()
    assert world.here.kept(one.path) is None
    await world.warm(one.path)
    world.entries[2 * SHOWN].unpublish()
    await world.shown()
    assert world.here.kept(one.path) is not None


async def test_what_is_not_seen_is_in_no_field_however_many_relations_there_are(world: World) -> None:
    heirs = [world.museum(f"m-{number}") for number in range(SHOWN + FEW)]
    for one in heirs[:-1]:
        one.publish()
    named = [{"entry": str(one.id), "role": "heir"} for one in heirs]
    bureau = world.bureau("tupolev", heirs=named).publish()
    await world.shown()
    found = await world.read(bureau.path)
    assert [("heirs", one.slug) for one in heirs[:SHOWN]] == names(found, "relations")
    assert named[:-1] == found["heirs"]
    await world.warm(bureau.path)
    heirs[-1].publish()
    await world.shown()
    assert world.here.kept(bureau.path) is None
    assert named == (await world.read(bureau.path))["heirs"]


async def test_of_very_many_that_name_one_entry_the_same_ones_are_told_everywhere(world: World) -> None:
    museum = world.museum("monino").publish()
    for number in range(SHOWN + FEW):
        world.bureau(f"b-{number}", title="Bureau", museum=str(museum.id)).publish()
    await world.shown()
    first = await world.read(museum.path)
    assert SHOWN == len(first["related"])
    told = {one["id"] for one in first["related"]}
    assert {str(one.id) for one in sorted(world.entries[1:], key=lambda one: one.id)[:SHOWN]} == told
    await world.here.connection.execute(f"cluster {world.here.follower.schema}.relation using relation_pkey")
    await world.agrees(museum.path)
    untold = next(one for one in world.entries[1:] if str(one.id) not in told)
    await world.warm(museum.path)
    untold.unpublish()
    await world.shown()
    assert first == await world.read(museum.path)
    gone = next(one for one in world.entries[1:] if str(one.id) in told)
    gone.unpublish()
    await world.shown()
    assert SHOWN == len((await world.read(museum.path))["related"])
    await world.agrees(museum.path)


async def test_no_statement_reads_a_whole_table(world: World) -> None:
    museum = world.museum("monino").publish()
    for number in range(300):
        for locale in ("en", "ru"):
            world.article(f"a-{number}", locale, body="[a](/articles/a-1)").publish()
        heirs = [{"entry": str(one.id), "role": "heir"} for one in world.entries[-2:]]
        world.bureau(f"b-{number}", museum=str(museum.id), heirs=heirs, body="[a](/museums/monino)").publish()
    await world.shown()
    schema, connection = world.here.follower.schema, world.here.connection
    for table in world.here.follower.projection.tables:
        await connection.execute(f"analyze {schema}.{table.name}")
    bureau, article = world.entries[-1], world.entries[-2]
    asked: list[tuple[Any, ...]] = [
        ("id", "bureau", bureau.id),
        ("slug", "bureau", bureau.slug),
        ("slug", "article", article.slug),
        ("locale", "article", article.slug, "ru"),
        ("any", None, museum.id),
    ]
    for by, *values in asked:
        rows = await connection.fetch(
            f"explain (analyze) {statement(schema, by)}", *([one] for one in values)
        )
        plan = "\n".join(row[0] for row in rows)
        read = [line for line in plan.splitlines() if "Seq Scan on" in line and "never executed" not in line]
        assert [] == [line for line in read if " on cursor" not in line and " on parked" not in line], plan


async def test_readers_who_come_together_get_what_each_gets_alone(world: World) -> None:
    for number in range(12):
        world.article(f"a-{number}", "en", body=f"Text {number}. [a](/articles/a-1)").publish()
        world.article(f"a-{number}", "ru", body=f"Текст {number}.").publish()
        world.museum(f"m-{number}").publish()
        world.article(f"draft-{number}", "en")
    await world.shown()
    paths = [f"/v1/{one.path.split('/')[2]}/{one.id}" for one in world.entries]
    paths += [f"/v1/articles/en:a-{number}" for number in range(12)]
    paths += [f"/v1/articles/a-{number}" for number in range(14)]
    paths += [f"/v1/museums/m-{number}" for number in range(14)]
    alone = {path: await world.from_rows(path) for path in paths}
    for _ in range(3):
        together = await asyncio.gather(*(world.from_rows(path) for path in paths))
        assert dict(zip(paths, together, strict=True)) == alone
    over_http = await asyncio.gather(*(world.get(path, after="1") for path in paths))
    assert [told(one) for one in over_http] == [alone[path] for path in paths]
    assert {status for status, _ in alone.values()} == {200, 300, 404}
