"""The sample goes where it is wanted: into the database that `up` made, into a given one when asked for."""

from pathlib import Path

import psycopg
import pytest

from kit.auth.names import name_key
from scripts.sample import accounts
from tests.given.sample import events_of_the_sample
from tests.servers.servers import redis_url
from tests.servers.up import Up

STAYS_OUT = "The database is yours: the sample encyclopedia stays out of it. SAMPLE=1 loads it, for good."


@pytest.mark.parametrize(
    ("wanted", "said", "events"),
    [({}, [STAYS_OUT], 0), ({"SAMPLE": "1"}, [], events_of_the_sample())],
)
def test_a_database_of_ones_own_gets_the_sample_only_when_it_is_asked_for(
    wanted: dict[str, str], said: list[str], events: int, database: str, open_folder: Path
) -> None:
    up = Up(open_folder, DATABASE_URL=database, REDIS_URL=redis_url(), **wanted)
    with up.ready(), psycopg.connect(database) as connection:
        assert (events,) == connection.execute("select count(*) from log.event").fetchone()
        assert said == [line for line in up.said.splitlines() if "sample encyclopedia stays" in line]


def test_people_of_a_sample_that_an_earlier_build_has_loaded_are_shut_out(
    database: str, open_folder: Path
) -> None:
    up = Up(open_folder, DATABASE_URL=database, REDIS_URL=redis_url(), SAMPLE="1")
    up.state.folder.mkdir()
    with psycopg.connect(database, autocommit=True) as connection:
        for one in accounts():
            connection.execute(
                "insert into auth.account (id, name, name_key) values (%s, %s, %s)",
                (one.id, one.display_name, name_key(one.display_name)),
            )
        identity = connection.execute(
            "select format('%s/%s', system_identifier, oid) from pg_control_system(), pg_database"
            " where datname = current_database()"
        ).fetchone()
        assert identity is not None
        (up.state.folder / "sample-loaded").write_text(f"{identity[0]}\n")
        with up.ready():
            enabled = "select count(*) from auth.account where disabled_at is null"
            assert (0,) == connection.execute(enabled).fetchone()
