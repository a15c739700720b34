"""The measurement of uploads beside commands, on a small load."""

from scripts.bench.lasting import media


async def test_every_picture_of_the_load_is_taken_and_commands_go_on(database: str) -> None:
    (found,) = await media.run(database, uploads=6, clients=3, size=20_000, quiet=0.5)
    assert (6, 0) == (found["uploads"], found["refused"])
    assert found["commands"] > 0
