"""The measurement of how soon readers see what editors do, on a small load."""

from scripts.bench import visible


async def test_every_command_of_the_load_is_accepted_and_seen(database: str) -> None:
    found = await visible.run(database, seconds=0.5)
    assert (100, 0) == (found["commands"], found["lost"])
