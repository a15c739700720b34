"""The sample goes where it is wanted: into the database that `up` made, into a given one when asked for."""

from pathlib import Path

import psycopg

from kit.auth.names import name_key
from scripts.sample import accounts
from tests.given.sample import events_of_the_sample
from tests.servers.servers import redis_url
from tests.servers.up import Up

STAYS_OUT = "The database is yours: the sample encyclopedia stays out of it. SAMPLE=1 loads it, for good."


def of_the_sample(up: Up) -> list[str]:
    """Return what is said of a sample that stays out."""
    return [line for line in up.said.splitlines() if "sample encyclopedia stays" in line]


def test_a_database_of_ones_own_gets_no_sample_that_nobody_asks_for(database: str, open_folder: Path) -> None:
    up = Up(open_folder, DATABASE_URL=database, REDIS_URL=redis_url())
    with up.ready(), psycopg.connect(database) as connection:
        assert (0,) == connection.execute("select count(*) from log.event").fetchone()
        assert [STAYS_OUT] == of_the_sample(up)


def test_a_sample_that_is_asked_for_is_loaded_and_people_of_that_of_an_earlier_build_are_shut_out(
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
            events = connection.execute("select count(*) from log.event where type not like 'account.%'")
            assert (events_of_the_sample(),) == events.fetchone()
            assert [] == of_the_sample(up)
            enabled = "select count(*) from auth.account where disabled_at is null"
            assert (0,) == connection.execute(enabled).fetchone()
