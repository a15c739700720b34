"""Anyone who reads his export slowly keeps nobody else from theirs, and has not all the time there is."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import pytest
from starlette.types import Message

from events.codec import CODEC
from kit.errors import Problem
from kit.http.edge.streams import NotRead
from kit.ids import new_id
from kit.postgres.connect import READER, WRITER, pooled
from tests.given.people import People
from tests.write_side.accounts.meeting.commands import place
from write_side.accounts.api.export import Pieces
from write_side.accounts.export.exporting import IN_ALL, Exports
from write_side.log.streams import Streams


@asynccontextmanager
async def exporting(people: People, database: str) -> AsyncIterator[Exports]:
    async with (
        place(people, database) as place_,
        pooled(database, "test", WRITER, size=1) as log,
        pooled(database, "test", READER, size=1) as reading,
    ):
        yield Exports(place_.work, Streams(log, CODEC), reading)


async def test_five_who_read_slowly_keep_no_sixth_from_his_export(people: People, database: str) -> None:
    accounts = [await people.account(f"Number {number}") for number in range(6)]
    async with exporting(people, database) as exports:
        with ExitStack() as open_:
            slow = []
            for account in accounts[:5]:
                open_.enter_context(exports.one(account))
                slow.append(exports.pieces(account))
                for _ in range(3):
                    await anext(slow[-1])  # and reads no further
            with exports.one(accounts[5]):
                whole = b"".join([piece async for piece in exports.pieces(accounts[5])])
            assert str(accounts[5]) == json.loads(whole)["account"]["id"]
            with pytest.raises(Problem, match="export"), exports.one(accounts[0]):
                pass
            for one in slow:
                assert (b"".join([piece async for piece in one])).endswith(b"]}\n")


async def test_no_more_are_open_than_there_is_memory_for(people: People, database: str) -> None:
    async with exporting(people, database) as exports:
        with ExitStack() as open_:
            for _ in range(IN_ALL):
                open_.enter_context(exports.one(new_id()))
            with pytest.raises(Problem), exports.one(new_id()):
                pass
        with exports.one(new_id()):
            pass


async def test_an_export_that_is_not_read_in_time_is_broken_off_and_gives_up_its_place() -> None:
    given_up: list[str] = []

    async def pieces() -> AsyncIterator[bytes]:
        yield b"{"

    async def send(_message: Message) -> None:
        await asyncio.sleep(3600)  # the client takes nothing

    async def receive() -> Message:
        await asyncio.sleep(3600)
        raise AssertionError

    with ExitStack() as stack:
        stack.callback(given_up.append, "place")
        answer = Pieces(pieces(), stack.pop_all(), seconds=0.05)
        with pytest.raises(NotRead):
            await answer({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, send)
    assert ["place"] == given_up
