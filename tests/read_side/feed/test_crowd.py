"""Who has everything is sent what comes by one call; who cannot be sent it so goes on from where he is."""

import asyncio
from collections.abc import Awaitable, Sequence
from math import inf
from types import SimpleNamespace
from typing import Any, cast

import pytest
from starlette.types import Message

from kit.http.edge.direct import DirectSend
from read_side.feed.choosing import EventChoice
from read_side.feed.crowd import BLOCK, Crowd, CrowdMember
from read_side.feed.event_line import LiveEvent


class Server:
    """Takes so many pieces from one follower, and lets him wait for the next."""

    def __init__(self, room: int = 1_000) -> None:
        self.room = room
        self.told: list[bytes] = []
        self.direct = DirectSend(self._send, self._finish)
        self.direct.knows(cast("Awaitable[None]", None))

    def _send(self, message: Message) -> Any:
        self.told.append(message["body"])
        self.room -= 1
        return None if self.room >= 0 else "is not taken yet"

    async def _finish(self, _sent: Awaitable[None]) -> None:
        raise AssertionError("nobody waits here")

    @property
    def heard(self) -> bytes:
        return b"".join(self.told)


def event(position: int, size: int = 10) -> LiveEvent:
    """Return an event whose line is its position and as many bytes as wanted."""
    line = b"%d;" % position
    return cast("LiveEvent", _Event(position, line + b"." * (size - len(line))))


class _Event(SimpleNamespace):
    def __init__(self, position: int, line: bytes) -> None:
        super().__init__(position=position, line=line)

    def wanted_by(self, chosen: EventChoice) -> bytes:
        return b"" if chosen.any or self.position % 2 else self.line


def choice(*types: str) -> EventChoice:
    """Return one that, by the events of this file, wants every second event; without types, none."""
    asked = SimpleNamespace(kind=(), type=types, entry=None, locale=None, tag=())
    return EventChoice(asked, None)


def positions(told: bytes) -> list[int]:
    return [int(one.strip(b".")) for one in told.split(b";")[:-1]]


def come(first: int, last: int, size: int = 10) -> Sequence[LiveEvent]:
    return [event(position, size) for position in range(first, last + 1)]


async def test_who_wants_the_same_is_sent_the_same_piece_and_others_another() -> None:
    crowd = Crowd()
    one, two, other = Server(), Server(), Server()
    with (
        crowd.joined(choice("a"), one.direct, inf, 4) as first,
        crowd.joined(choice("a"), two.direct, inf, 4) as second,
        crowd.joined(choice(), other.direct, inf, 4) as third,
    ):
        crowd.tell(come(5, 9), 9)
        assert [6, 8] == positions(one.heard)
        assert one.told[0] is two.told[0]
        assert [] == other.told
    assert [9, 9, 9] == [first.at, second.at, third.at]


async def test_who_does_not_read_goes_on_from_what_he_was_sent_and_the_others_hear_on() -> None:
    crowd = Crowd()
    slow, quick = Server(room=1), Server()
    with (
        crowd.joined(choice("a"), slow.direct, inf, 0) as behind,
        crowd.joined(choice("a"), quick.direct, inf, 0) as ahead,
    ):
        crowd.tell(come(1, 100, BLOCK // 10), 100)
        crowd.tell(come(101, 102), 102)
        assert not await behind.silence(60)
        assert behind.unsent is not None
    assert behind.at == [*positions(slow.heard)][-1] < 100
    assert [*range(2, 103, 2)] == positions(quick.heard)
    assert 102 == ahead.at
    assert all(len(one) <= BLOCK for one in quick.told)


async def test_whose_rights_have_to_be_asked_for_is_sent_nothing() -> None:
    crowd, server = Crowd(), Server()
    with crowd.joined(choice("a"), server.direct, asyncio.get_running_loop().time(), 3) as insider:
        crowd.tell(come(4, 5), 5)
        assert not await insider.silence(60)
    assert ([], 3) == (server.told, insider.at)


async def test_an_event_larger_than_a_piece_is_left_to_those_who_read() -> None:
    crowd, server = Crowd(), Server()
    with crowd.joined(choice("a"), server.direct, inf, 1) as follower:
        crowd.tell([event(2), event(4, BLOCK + 1), event(6)], 6)
        assert not await follower.silence(60)
    assert ([2], 2) == (positions(server.heard), follower.at)


async def test_a_send_that_fails_harms_nobody_else() -> None:
    crowd, broken, server = Crowd(), Server(), Server()

    def fails(_message: Message) -> Any:
        raise RuntimeError("the stream has ended")

    ended = DirectSend(fails, broken.direct.finish)
    with (
        crowd.joined(choice("a"), ended, inf, 1) as gone,
        crowd.joined(choice("a"), server.direct, inf, 1),
    ):
        crowd.tell(come(2, 2), 2)
        assert not await gone.silence(60)
    assert (1, [2]) == (gone.at, positions(server.heard))


async def test_silence_is_counted_from_the_last_piece_and_not_from_what_was_for_others() -> None:
    clock = asyncio.get_running_loop().time
    for _ in range(20):  # a machine under load may be too late
        crowd, server = Crowd(), Server()
        with crowd.joined(choice("a"), server.direct, inf, 1) as follower:
            silence = asyncio.ensure_future(follower.silence(0.5))
            await asyncio.sleep(0.1)
            crowd.tell(come(2, 2), 2)
            told = clock()
            crowd.tell(come(3, 3), 3)
            in_time = not silence.done()
            assert await asyncio.wait_for(silence, 10)
        assert 3 == follower.at or not in_time
        if in_time:
            assert clock() - told > 0.45
            return
    raise AssertionError("never in time")


async def test_everybody_goes_on_by_himself_when_positions_say_nothing_any_more() -> None:
    crowd, server = Crowd(), Server()

    async def follow(head: int) -> CrowdMember:
        with crowd.joined(choice("a"), server.direct, inf, head) as follower:
            await follower.silence(60)
        return follower

    async with asyncio.timeout(10):
        before = asyncio.create_task(follow(90))
        await asyncio.sleep(0)
        crowd.release()
        after = asyncio.create_task(follow(4))
        assert 90 == (await before).at
        await asyncio.sleep(0)
        crowd.tell(come(5, 6), 6)
        assert [6] == positions(server.heard)
        crowd.release()
        assert 6 == (await after).at


@pytest.mark.parametrize("same", [True, False])
def test_choices_are_told_apart_by_all_that_they_choose_by(same: bool) -> None:  # noqa: FBT001 - a column
    assert same == (choice("a").key == (choice("a") if same else choice("b")).key)
