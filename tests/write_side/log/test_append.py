"""log.append: every command of a group is taken or refused alone, and positions are dense."""

import asyncio
from typing import Any

import asyncpg
import pytest

from kit.ids import new_id
from kit.postgres.connect import WRITER, connect
from tests.write_side.log.given import (
    LOCK,
    Row,
    claim,
    command,
    ids_of,
    key,
    one_event,
    rows,
    store,
    value,
    writer,
)
from write_side.log.append import APPEND, Appended, CommandKey, Conflict, KeyReused, pack


def stored(first: int) -> Appended:
    return Appended(first, repeated=False)


def again(first: int) -> Appended:
    return Appended(first, repeated=True)


def assert_same(expected: list[Appended | Exception], found: list[Appended | Exception]) -> None:
    """Compare answers; conflicts by what they say."""

    def plain(answer: Any) -> Any:
        if isinstance(answer, Conflict):
            return "conflict", answer.claim, answer.actual
        return answer if isinstance(answer, Appended) else type(answer)

    assert [plain(one) for one in expected] == [plain(one) for one in found]


async def test_positions_are_dense_whatever_is_refused(database: str) -> None:
    one, two = new_id(), new_id()
    first = command(claim(one, 0, 2), claim(two, 0, 1))
    refused = command(claim(two, 7, 3))
    second = command(claim(one, 2, 1))
    async with writer(database) as connection:
        found = await store(connection, first, refused, second)
        assert_same([stored(1), Conflict(0, 1), stored(4)], found)
        later = one_event(two, 1)
        assert_same([stored(5)], await store(connection, later))
    ids = ids_of(first, second, later)
    expected = [(one, 1), (one, 2), (two, 1), (one, 3), (two, 2)]
    assert [Row(n, *at, id_) for n, (at, id_) in enumerate(zip(expected, ids, strict=True), 1)] == await rows(
        database
    )


async def test_of_two_that_expect_the_same_version_the_first_is_taken(database: str) -> None:
    stream = new_id()
    async with writer(database) as connection:
        found = await store(connection, one_event(stream), one_event(stream))
    assert_same([stored(1), Conflict(0, 1)], found)


async def test_who_expects_too_little_or_too_much_is_told_the_version(database: str) -> None:
    stream = new_id()
    async with writer(database) as connection:
        await store(connection, command(claim(stream, 0, 5)))
        for expected in (4, 6, 0, 99):
            assert_same([Conflict(0, 5)], await store(connection, one_event(stream, expected)))
        both = await store(connection, one_event(stream, 99), one_event(stream, 5))
        assert_same([Conflict(0, 5), stored(6)], both)


async def test_a_chain_inside_a_group_is_taken_and_a_broken_one_refused(database: str) -> None:
    stream, other = new_id(), new_id()
    async with writer(database) as connection:
        chain = await store(connection, one_event(stream, 0), one_event(stream, 1), one_event(stream, 2))
        assert_same([stored(1), stored(2), stored(3)], chain)
        broken = await store(connection, one_event(other, 1), one_event(other, 2), one_event(stream, 3))
        assert_same([Conflict(0, 0), Conflict(0, 0), stored(4)], broken)


async def test_a_command_over_several_streams_lands_whole_or_not_at_all(database: str) -> None:
    slug, entry = new_id(), new_id()
    async with writer(database) as connection:
        await store(connection, one_event(slug))
        taken = command(claim(entry), claim(slug))
        assert_same([Conflict(1, 1)], await store(connection, taken))
        assert_same([stored(2)], await store(connection, one_event(entry)))
    assert 2 == len(await rows(database))


async def test_what_a_refused_command_claimed_is_free_for_the_next_in_the_group(database: str) -> None:
    one, two, gone = new_id(), new_id(), new_id()
    twice_then_wrong = command(claim(one, 0, 2), claim(one, 2, 1), claim(two), claim(gone, 9))
    async with writer(database) as connection:
        found = await store(connection, twice_then_wrong, command(claim(one), claim(two)))
    assert_same([Conflict(3, 0), stored(1)], found)


async def test_a_taken_slug_refuses_one_command_of_a_group_and_no_other(database: str) -> None:
    slug = new_id()
    async with writer(database) as connection:
        found = await store(
            connection,
            command(claim(new_id()), claim(slug)),
            command(claim(new_id()), claim(slug)),
            one_event(),
        )
    assert_same([stored(1), Conflict(1, 1), stored(3)], found)


async def test_a_stream_may_only_be_expected(database: str) -> None:
    watched = new_id()
    async with writer(database) as connection:
        await store(connection, one_event(watched))
        found = await store(
            connection,
            command(claim(watched, 1, 0), claim(new_id())),
            command(claim(watched, 0, 0), claim(new_id())),
        )
    assert_same([stored(2), Conflict(0, 1)], found)


async def test_a_key_has_one_effect_in_one_group_and_in_later_ones(database: str) -> None:
    known = key()
    fresh, other_request = key(), CommandKey(known.key, new_id(), b"")
    async with writer(database) as connection:
        await store(connection, one_event(), command(claim(new_id(), 0, 2), key=known))
        found = await store(
            connection,
            command(claim(new_id()), key=fresh),
            command(claim(new_id()), key=known),
            command(claim(new_id()), key=fresh),
            command(claim(new_id()), key=other_request),
            command(claim(new_id()), key=CommandKey(fresh.key, new_id(), b"")),
        )
    # Under a key the position is that of the first answer's last event.
    assert_same([stored(4), again(3), again(4), KeyReused(), KeyReused()], found)
    kept = await value(database, "select array_agg(position order by position) from log.key")
    assert [3, 4] == kept


async def test_new_and_known_keys_of_one_group_keep_their_own_positions(database: str) -> None:
    known, first, second = key(), key(), key()
    async with writer(database) as connection:
        await store(connection, command(claim(new_id()), key=known))
        await store(
            connection,
            command(claim(new_id()), key=known),
            command(claim(new_id()), key=first),
            command(claim(new_id(), 5), key=key()),
            command(claim(new_id(), 0, 3), key=second),
        )
    expected = {known.key: 1, first.key: 2, second.key: 5}
    for name, position in expected.items():
        assert position == await value(database, "select position from log.key where key = $1", name)
    assert 3 == await value(database, "select count(*) from log.key")


async def test_a_refusal_does_not_use_up_its_key(database: str) -> None:
    stream, kept = new_id(), key()
    async with writer(database) as connection:
        assert_same([Conflict(0, 0)], await store(connection, command(claim(stream, 3), key=kept)))
        assert_same([stored(1)], await store(connection, command(claim(stream), key=kept)))


async def test_a_command_without_events_keeps_its_key_at_the_head(database: str) -> None:
    stream, kept = new_id(), key()
    nothing = command(claim(stream, 1, 0), key=kept)
    async with writer(database) as connection:
        await store(connection, one_event(stream))
        await store(connection, nothing)
        assert_same([again(1)], await store(connection, nothing))
    assert 1 == len(await rows(database))


async def test_the_same_group_sent_again_finds_its_own_events(database: str) -> None:
    stream, free = new_id(), new_id()
    group = (
        one_event(stream),
        one_event(stream, 1),
        command(claim(stream, 2, 0), claim(free, 0, 2)),
        command(claim(free, 2), key=key()),
        one_event(stream, 8),
    )
    async with writer(database) as connection:
        first = await store(connection, *group)
        before = await rows(database)
        second = await store(connection, *group)
    assert_same([stored(1), stored(2), stored(3), stored(5), Conflict(0, 2)], first)
    assert_same([again(1), again(2), again(3), again(5), Conflict(0, 2)], second)
    assert before == await rows(database)


async def test_own_events_are_found_when_others_wrote_after_them(database: str) -> None:
    stream = new_id()
    mine = one_event(stream)
    async with writer(database) as connection:
        await store(connection, mine)
        await store(connection, one_event(stream, 1), one_event(stream, 2))
        assert_same([again(1), Conflict(0, 3)], await store(connection, mine, one_event(stream)))


async def test_only_read_committed_may_append(database: str) -> None:
    async with writer(database) as connection:
        for level in ("repeatable_read", "serializable"):
            with pytest.raises(asyncpg.RaiseError, match="READ COMMITTED"):
                async with connection.transaction(isolation=level):
                    await store(connection, one_event())
    assert [] == await rows(database)


async def test_the_moment_of_recording_never_decreases(database: str) -> None:
    async with writer(database) as connection:
        await store(connection, one_event())
        ahead = (
            "update log.event set recorded_at = clock_timestamp() + interval '1 day' returning recorded_at"
        )
        future = await value(database, ahead)
        await store(connection, one_event(), one_event())
        await store(connection, one_event())
    times = "select array_agg(distinct recorded_at) from log.event"
    assert [future] == await value(database, times)


async def test_the_moment_of_recording_is_taken_behind_the_lock(database: str) -> None:
    async with writer(database) as connection:
        holder = await connect(database, "frankenjet test", WRITER)
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute(LOCK)
        waiting = asyncio.create_task(connection.fetchrow(APPEND, *pack([one_event()])))
        await asyncio.sleep(0.05)
        await store(holder, one_event())
        await transaction.commit()
        await holder.close()
        await waiting
    back = "select count(*) from log.event a join log.event b on a.position + 1 = b.position"
    assert 0 == await value(database, f"{back} and a.recorded_at > b.recorded_at")
