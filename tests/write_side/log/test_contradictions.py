"""log.append believes nobody who contradicts himself: a lie could leave a gap, and a gap would stay."""

from typing import Any

import asyncpg

from kit.ids import new_id
from tests.write_side.log.given import claim, command, key, one_event, rows, store, value, writer
from write_side.log.append import APPEND, pack

ARGUMENTS = """
keys streams c_key c_request c_receipt c_claims k_command k_stream k_expected k_events
e_claim e_id e_type e_schema e_meta e_payload"""


def _lies() -> dict[str, Any]:
    """Return ways to change the arguments of log.append into what no honest client sends."""
    names = ARGUMENTS.split()

    def change(**lies: Any) -> Any:
        def lie(arguments: tuple[Any, ...]) -> list[Any]:
            return [
                lies[name](given) if name in lies else given
                for name, given in zip(names, arguments, strict=True)
            ]

        return lie

    return {
        "a stream that is listed twice": change(streams=lambda all_: [all_[0], all_[0], *all_[2:]]),
        "a key that is listed twice": change(keys=lambda all_: [all_[0], all_[0]]),
        "more events than are claimed": change(k_events=lambda all_: [all_[0] - 1, *all_[1:]]),
        "fewer events than are claimed": change(k_events=lambda all_: [all_[0] + 1, *all_[1:]]),
        "a negative count of events": change(k_events=lambda all_: [-1, 3, *all_[2:]]),
        "a claim of no command": change(c_claims=lambda all_: [*all_[:-1], all_[-1] - 1]),
        "a claim of another command": change(k_command=lambda all_: [2, *all_[1:]]),
        "an event of another claim": change(e_claim=lambda all_: [all_[1], all_[0], *all_[2:]]),
        "an event of no claim": change(e_claim=lambda all_: [99, *all_[1:]]),
        "an event of another claim in the midst of its own": change(
            e_claim=lambda all_: [*all_[:3], all_[0], *all_[4:]]
        ),
        "too few ids": change(e_id=lambda all_: all_[:-1]),
        "too few types": change(e_type=lambda all_: all_[:-1]),
        "an event without a type": change(e_type=lambda all_: [None, *all_[1:]]),
    }


async def test_a_group_that_contradicts_itself_is_refused_whole(database: str) -> None:
    believed = []
    async with writer(database) as connection:
        await store(connection, one_event())
        for name, lie in _lies().items():
            one, two, three = claim(new_id()), claim(new_id()), claim(new_id(), 0, 3)
            group = command(one, key=key()), command(two, key=key()), command(three)
            try:
                await connection.fetchrow(APPEND, *lie(pack(group)))
            except asyncpg.PostgresError:
                continue
            believed.append(name)
    assert [] == believed
    assert 1 == len(await rows(database))
    assert 0 == await value(database, "select count(*) from log.key")
