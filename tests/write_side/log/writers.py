"""The adversary's writers: several connections, commands of every shape, and what they were told."""

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Literal, NamedTuple
from uuid import UUID

import asyncpg

from kit.errors import Problem
from kit.ids import named_id, new_id
from kit.postgres.connect import WRITER, connect
from tests.write_side.log.given import claim, command, event, ids_of, store
from write_side.log.append import Append, Appended, Claim, CommandKey, Conflict, KeyReused
from write_side.log.appender import Appender

CONNECTIONS = 2
TASKS = 10
"""Writers on each connection."""

type Outcome = Literal["stored", "refused", "unknown"]


class Told(NamedTuple):
    """One command: the ids of its events, and what its writer knows of them."""

    ids: tuple[UUID, ...]
    outcome: Outcome
    position: int = 0
    """Where the first event stands, of a command that was stored and not answered by its key."""
    key: UUID | None = None


def write(dsn: str, seed: int, seconds: float, streams: Sequence[UUID], keys: Sequence[UUID]) -> list[Told]:
    """Write for some seconds, as one process of several, and return what was told."""
    return asyncio.run(_Writers(dsn, seed, streams, keys).run(seconds))


class _Writers:
    def __init__(self, dsn: str, seed: int, streams: Sequence[UUID], keys: Sequence[UUID]) -> None:
        self._dsn = dsn
        self._chance = random.Random(seed)  # noqa: S311 - what is tried can be tried again
        self._streams = list(streams)
        self._keys = list(keys)
        self._versions = dict.fromkeys(streams, 0)
        self._told: list[Told] = []

    async def run(self, seconds: float) -> list[Told]:
        self._end = time.monotonic() + seconds
        appenders = [Appender(self._dsn) for _ in range(CONNECTIONS)]
        async with asyncio.TaskGroup() as group:
            for appender in appenders:
                await appender.__aenter__()
                for _ in range(TASKS):
                    group.create_task(self._write(appender))
            group.create_task(self._hold_the_lock())
        for appender in appenders:
            await appender.__aexit__()
        return self._told

    async def _write(self, appender: Appender) -> None:
        chance = self._chance
        while time.monotonic() < self._end:
            shape = chance.random()
            if shape < 0.1:
                await self._chain(appender)
            elif shape < 0.2:
                await self._cancelled(appender)
            else:
                await self._send(appender, self._command())
            if chance.random() < 0.5:
                await asyncio.sleep(chance.uniform(0, 0.004))

    async def _send(self, appender: Appender, wanted: Append) -> None:
        key = wanted.key.key if wanted.key else None
        ids = tuple(ids_of(wanted))
        try:
            answer = await appender.append(wanted)
        except Conflict as conflict:
            self._learn(wanted.claims[conflict.claim].stream, conflict.actual)
            self._told.append(Told(ids, "refused", key=key))
        except KeyReused:
            self._told.append(Told(ids, "refused"))
        except (Problem, asyncio.CancelledError):
            self._told.append(Told(ids, "unknown", key=key))
        else:
            self._note(wanted, ids, answer, key)

    def _note(self, wanted: Append, ids: tuple[UUID, ...], answer: Appended, key: UUID | None) -> None:
        for one in wanted.claims:
            self._learn(one.stream, one.expected + len(one.events))
        if answer.repeated and key is not None:
            # The key's events are there: these, whose reply was lost, or those of another command.
            self._told.append(Told(ids, "unknown", key=key))
        else:
            self._told.append(Told(ids, "stored", answer.first, key))

    def _learn(self, stream: UUID, version: int) -> None:
        if stream in self._versions:
            self._versions[stream] = max(self._versions[stream], version)

    def _command(self) -> Append:
        """Return a command over one to three streams, now and then under a key that others use too."""
        chance = self._chance
        if chance.random() < 0.3:
            claims: tuple[Claim, ...] = (claim(new_id(), 0, chance.randint(1, 3)),)
        else:
            claims = tuple(
                claim(stream, self._versions[stream], chance.choice((0, 1, 1, 1, 2)))
                for stream in chance.sample(self._streams, chance.randint(1, 3))
            )
        if not any(one.events for one in claims):
            claims = (*claims, Claim(new_id(), 0, (event(b"x" * chance.randint(0, 9_000)),)))
        if chance.random() < 0.85:
            return command(*claims)
        key = chance.choice(self._keys)
        request = new_id() if chance.random() < 0.05 else named_id("request", str(key))
        return command(*claims, key=CommandKey(key, request, b"{}"))

    async def _chain(self, appender: Appender) -> None:
        """Send commands that build on each other without waiting for answers."""
        stream = self._chance.choice(self._streams)
        version = self._versions[stream]
        chain = [command(claim(stream, version + n)) for n in range(self._chance.randint(2, 5))]
        await asyncio.gather(*(self._send(appender, wanted) for wanted in chain))

    async def _cancelled(self, appender: Appender) -> None:
        """Send a command and give up on it at some moment."""
        sending = asyncio.create_task(self._send(appender, self._command()))
        await asyncio.sleep(self._chance.uniform(0, 0.004))
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    async def _hold_the_lock(self) -> None:
        """Append in transactions of a client's own, which sleeps, and then commits or takes it back."""
        chance = self._chance
        connection = await connect(self._dsn, "frankenjet rude", WRITER)
        while time.monotonic() < self._end:
            wanted = self._command()._replace(key=None)
            ids = tuple(ids_of(wanted))
            transaction = connection.transaction()
            try:
                await transaction.start()
                answer = (await store(connection, wanted))[0]
                await asyncio.sleep(chance.uniform(0, 0.02))
                if isinstance(answer, Appended) and chance.random() < 0.5:
                    await transaction.commit()
                    self._told.append(Told(ids, "stored", answer.first))
                else:
                    await transaction.rollback()
                    self._told.append(Told(ids, "refused"))
            except asyncpg.PostgresError:
                self._told.append(Told(ids, "refused"))
                await transaction.rollback()
            await asyncio.sleep(chance.uniform(0, 0.1))
        await connection.close()
