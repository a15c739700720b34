"""A kind without a locale: one entry for all languages lives the whole life, on the bus and over HTTP."""

from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from events.catalog import events_of
from events.codec import Codec
from events.content.localized import Localized
from events.kinds.article import ARTICLE as DECLARED_ARTICLE
from events.slug import SlugClaimed, slug_stream
from kit.ids import named_id
from scripts.app import WholeBuild
from tests.given.museum import MUSEUM
from tests.servers.running import Site, in_process, problem
from tests.write_side.log.given import rows
from tests.write_side.test_bus import ARTICLE, article, call, create, refusal
from write_side.bus import Bus
from write_side.call import Call
from write_side.command import Command, Why
from write_side.entry import commands, lifecycle
from write_side.entry.bodies import create_body, revise_body
from write_side.entry.kind import EntryKind
from write_side.entry.routes import entry_routes
from write_side.history import state_at
from write_side.main import bus
from write_side.receipt import Receipt

KIND = EntryKind.of(MUSEUM)
CODEC = Codec(events_of((DECLARED_ARTICLE, MUSEUM)))
BUILD = WholeBuild(CODEC, (), (*entry_routes(KIND), *entry_routes(ARTICLE)), ())
CreateMuseum, ReviseMuseum = create_body(MUSEUM), revise_body(MUSEUM)

TITLE = {"ru": None, "en": "Monino"}
MONINO: dict[str, Any] = {
    "title": {"en": "Monino"}, "slug": "monino", "flagship": "tu-144", "founded": "unknown",
}  # fmt: skip


async def run(running: Bus, handler: Any, body: Command | None = None, asked: Call | None = None) -> Receipt:
    return await running.run(handler, KIND, asked or call(), body or Why())


async def on(
    running: Bus, id_: UUID, version: int, handler: Any, body: Command | None = None, **how: Any
) -> Receipt:
    asked = msgspec.structs.replace(call(stream=id_, expected=version), **how)
    return await run(running, handler, body, asked)


async def test_it_lives_the_whole_life_on_the_bus(database: str) -> None:
    async with bus(database, CODEC) as running:
        made = await run(running, commands.create, CreateMuseum(**MONINO))
        id_ = made.stream
        body = ReviseMuseum(title={"ru": "Монино"}, body="Text")
        await on(running, id_, 1, commands.revise, body)
        await on(running, id_, 2, commands.submit)
        await on(running, id_, 3, commands.withdraw)
        await on(running, id_, 4, commands.revert, commands.Revert(revision=1))
        await on(running, id_, 5, commands.submit)
        await on(running, id_, 6, commands.give_back, commands.Return(comment="Where is it?"))
        await on(running, id_, 7, commands.submit)
        await on(running, id_, 8, commands.publish, commands.Publish(revision=3))
        await on(running, id_, 9, commands.rename, commands.Rename(slug="monino-museum"), moderates=True)
        await on(running, id_, 10, commands.release_slug, part="monino")
        await on(running, id_, 10, commands.unpublish)
        await on(running, id_, 11, commands.archive)
        done = await on(running, id_, 12, commands.restore)
        state = await state_at(running.streams, KIND, id_)
    assert state is not None
    assert (None, None, TITLE, "monino-museum", 13) == (
        state.subject, state.locale, state.content["title"], state.slug, state.version,
    )  # fmt: skip
    assert {"id": str(id_), "slug": "monino-museum", "revision": 3, "version": 13, "position": 16} == (
        msgspec.json.decode(done.body)
    )
    async with await asyncpg.create_pool(database) as owner:
        stored = await owner.fetch("select type, payload from log.event")
    lived = [row["type"] for row in stored if row["type"].startswith("museum.")]
    assert ({cls.TYPE for cls in MUSEUM.life}, 13) == (set(lived), len(lived))
    named = {name for row in stored for name in msgspec.json.decode(row["payload"])}
    assert not named & {"subject", "locale", "translated_from"}


async def test_its_slug_is_its_own_in_all_languages_and_in_its_kind_alone(database: str) -> None:
    async with bus(database, CODEC) as running:
        one = await run(running, commands.create, CreateMuseum(**MONINO))
        taken = await refusal(run(running, commands.create, CreateMuseum(**MONINO)))
        await create(running, call(), article("monino"))
        _, last = await running.streams.last(slug_stream("museum", None, "monino"))
    assert (409, "slug-taken", str(one.stream)) == (taken.status, taken.type, taken.facts["owner"])
    assert SlugClaimed(kind="museum", slug="monino", owner=one.stream) == last


async def test_a_retry_gets_the_first_answer_and_makes_no_second_one(database: str) -> None:
    async with bus(database, CODEC) as running:
        body = CreateMuseum(**MONINO)
        first, again = [await run(running, commands.create, body, call("key")) for _ in range(2)]
    assert first._replace(replayed=True) == again
    assert 2 == len(await rows(database))


async def test_a_stale_change_is_told_what_happened_meanwhile(database: str) -> None:
    async with bus(database, CODEC) as running:
        id_ = (await run(running, commands.create, CreateMuseum(**MONINO))).stream
        await on(running, id_, 1, commands.revise, ReviseMuseum(title={"ru": "Монино"}, body="Theirs"))
        stale = await refusal(on(running, id_, 1, commands.revise, ReviseMuseum(title={"en": "Mine"})))
    assert (412, ["body", "title"], {"body": "", "title": TITLE}) == (
        stale.status, stale.facts["changed"], stale.facts["base"],
    )  # fmt: skip
    assert {"body": "Theirs", "title": TITLE | {"ru": "Монино"}} == stale.facts["theirs"]


def test_the_headline_of_a_publication_has_no_locale() -> None:
    created = MUSEUM.life.created(slug="monino", content=MUSEUM.content(title=Localized(en="Monino")))
    state = KIND.evolve(None, created)
    content = {**state.content, "founded": "unknown", "flagship": "tu-144"}
    (event,) = lifecycle.publish(KIND, state, 1, content, force=True, reason="so")
    headline = {"title": Localized(en="Monino"), "slug": "monino", "summary": Localized()}
    assert MUSEUM.life.published(revision=1, forced=True, **headline) == event


@pytest.fixture
async def site(database: str, tmp_path: Path) -> Any:
    async with in_process(database, tmp_path, BUILD, projector=False) as site:
        yield site


async def test_it_lives_its_life_over_http_and_receipts_say_a_locale_where_there_is_one(site: Site) -> None:
    editor, moderator = site.editor, site.moderator
    made = await editor.done("POST", "/museums", MONINO)
    assert {"id", "slug", "revision", "version", "position"} == set(made)
    one = f"/museums/{made['id']}"
    await editor.done("PATCH", one, {"summary": {"en": "Aircraft in the open."}}, version=1)
    await editor.done("PUT", f"{one}/submission", version=2)
    await moderator.done("PUT", f"{one}/publication", {"revision": 2}, version=3)
    renamed = await moderator.done("PUT", f"{one}/slug", {"slug": "central-museum"}, version=4)
    assert ("central-museum", 5) == (renamed["slug"], renamed["version"])
    russian = await editor.done("POST", "/articles", {"title": "Монино", "locale": "ru", "slug": "monino"})
    assert ("ru", "monino") == (russian["locale"], russian["slug"])


OTHER = str(named_id("other"))
OF_A_LANGUAGE = {"locale": "en", "subject": OTHER, "translated_from": {"entry": OTHER, "revision": 1}}


@pytest.mark.parametrize("name", OF_A_LANGUAGE)
async def test_it_has_no_member_for_what_only_an_entry_in_one_language_has(site: Site, name: str) -> None:
    made = await site.editor.done("POST", "/museums", MONINO)
    for refused in (
        await site.editor.send("POST", "/museums", {"title": {"en": "Ulyanovsk"}, name: OF_A_LANGUAGE[name]}),
        await site.editor.send("PATCH", f"/museums/{made['id']}", {name: OF_A_LANGUAGE[name]}, version=1),
    ):
        assert (422, f"/{name}") == (refused.status_code, problem(refused)["errors"][0]["pointer"])
    schemas = (await site.client.get("/openapi.json")).json()["components"]["schemas"]
    for verb in ("Create", "Revise"):
        assert name not in schemas[f"{verb}Museum"]["properties"]
    assert name in schemas["CreateArticle"]["properties"]
