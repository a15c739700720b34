"""What a revision names has to be there, and to be what the field may name: else 422 with its pointer."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import pytest

from events.catalog import events_of
from events.codec import Codec
from events.entry import identified_stream
from events.kinds.article import ARTICLE as DECLARED_ARTICLE
from events.slug import slug_stream
from kit.errors import Problem
from kit.ids import named_id
from kit.postgres.connect import WRITER, pooled
from scripts.sample.terms import ensure_terms
from tests.given.museum import MUSEUM
from tests.write_side.test_bus import article, call, create, refusal
from write_side.bus import Bus
from write_side.command import Command, Why
from write_side.entry import commands
from write_side.entry.bodies import create_body, revise_body
from write_side.entry.kind import EntryKind
from write_side.log.streams import LastEvent, Streams
from write_side.main import bus
from write_side.others import Others
from write_side.receipt import Receipt
from write_side.states import States

KIND = EntryKind.of(MUSEUM)
CODEC = Codec(events_of((DECLARED_ARTICLE, MUSEUM)))
CreateMuseum, ReviseMuseum = create_body(MUSEUM), revise_body(MUSEUM)
NOBODY = str(named_id("nobody"))


async def make(running: Bus, title: str, **content: Any) -> UUID:
    body = CreateMuseum(title={"en": title}, slug=title.lower(), **content)
    return (await running.run(commands.create, KIND, call(), body)).stream


async def change(
    running: Bus, id_: UUID, version: int, body: Command, handler: Any = commands.revise
) -> Receipt:
    return await running.run(handler, KIND, call(stream=id_, expected=version), body)


def places(refused: Problem) -> list[tuple[str, str]]:
    assert (422, "no-such-entry") == (refused.status, refused.type)
    return [(one["pointer"], one["detail"]) for one in refused.errors]


async def test_every_name_of_nothing_is_told_at_once_with_its_place(database: str) -> None:
    async with bus(database, CODEC) as running:
        monino = await make(running, "Monino")
        text = (await create(running, call(), article())).stream
        slug = slug_stream("museum", None, "monino")
        named = [{"entry": str(one)} for one in (monino, NOBODY, text, slug)]
        made = await refusal(make(running, "Speyer", partners=named, branch_of=NOBODY))
        changed = await refusal(
            change(running, monino, 1, ReviseMuseum(partners=named, branch_of=NOBODY, body="More"))
        )
        _, last = await running.streams.last(slug_stream("museum", None, "speyer"))
    wrong = [
        ("/branch_of", "names no entry that exists"),
        ("/partners/1/entry", "names no entry that exists"),
        ("/partners/2/entry", "names an entry of another kind; it may be: museum"),
        ("/partners/3/entry", "names no entry that exists"),
    ]
    assert (wrong, wrong) == (sorted(places(made)), sorted(places(changed)))
    assert last is None


async def test_an_entry_may_be_named_whether_readers_see_it_or_not(database: str) -> None:
    async with bus(database, CODEC) as running:
        draft, away = await make(running, "Draft"), await make(running, "Away")
        await change(running, away, 1, Why(), commands.archive)
        one = await make(running, "Monino", branch_of=str(draft), partners=[{"entry": str(away)}])
        assert 2 == (await change(running, one, 1, ReviseMuseum(branch_of="none"))).version


async def test_an_earlier_revision_comes_back_with_all_that_it_names(database: str) -> None:
    async with bus(database, CODEC) as running:
        other = await make(running, "Other")
        one = await make(running, "Monino", branch_of=str(other))
        await change(running, one, 1, ReviseMuseum(branch_of=None))
        back = commands.Revert(revision=1)
        assert 3 == (await change(running, one, 2, back, commands.revert)).revision


class Counting(Streams):
    """Streams that note which of them were looked for."""

    asked: list[Collection[UUID]]

    async def last_of(self, streams: Collection[UUID]) -> dict[UUID, LastEvent]:
        self.asked.append(streams)
        return await super().last_of(streams)


async def test_a_save_asks_once_for_all_that_is_new_and_not_at_all_where_nothing_is(database: str) -> None:
    async with bus(database, CODEC) as writer, pooled(database, "test", WRITER, size=2) as pool:
        streams = Counting(pool, CODEC)
        running = Bus(writer.appender, streams, CODEC)
        one, two, three = [await make(writer, name) for name in ("One", "Two", "Three")]
        await ensure_terms(writer, [("role", "sister"), ("museum_status", "open")])
        sister, opened = [
            identified_stream("term", one) for one in (("role", "sister"), ("museum_status", "open"))
        ]

        async def asked(version: int, **content: Any) -> Sequence[set[UUID]]:
            streams.asked = []
            await change(running, one, version, ReviseMuseum(**content))
            return [set(some) for some in streams.asked]

        both = [{"entry": str(two)}, {"entry": str(three)}]
        assert [{two, three}] == await asked(1, partners=both, branch_of=str(two))
        assert [{sister}] == await asked(2, partners=[{"entry": str(two), "role": "sister"}])
        assert [] == await asked(3, body="Another text", branch_of="none")
        assert [] == await asked(4, partners=both, status="unknown")
        running.forget()
        assert [{three, opened}] == await asked(5, branch_of=str(three), partners=[], status="open")
        assert [{two, sister}] == await asked(6, partners=[{"entry": str(two), "role": "sister"}])
        assert [] == await asked(7, status=None, partners=[])
        assert [] == await asked(8, status="open", partners=[{"entry": str(two), "role": "sister"}])


async def test_no_more_streams_are_remembered_than_there_is_room_for(database: str) -> None:
    async with bus(database, CODEC) as writer, pooled(database, "test", WRITER, size=2) as pool:
        one, two, three = [await make(writer, name) for name in ("One", "Two", "Three")]
        streams = Counting(pool, CODEC)
        streams.asked = []
        others = Others(streams, States(), most=2)
        made = LastEvent(1, MUSEUM.life.created.TYPE)
        assert {one: made, two: made} == await others.last_of([one, two, named_id("nobody")])
        assert {three: made} == await others.last_of([three])
        assert {one: made, three: made} == await others.last_of([one, three])
        assert {one: made, three: made} == await others.last_of([one, three])
        assert [[one, two, named_id("nobody")], [three], [one]] == streams.asked


@pytest.mark.parametrize("value", [None, "none", "unknown"])
def test_what_is_no_id_names_nothing(value: Any) -> None:
    assert () == tuple(KIND.content.FIELDS["branch_of"].names(value))
