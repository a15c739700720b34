"""A repository comes in commit by commit, no matter who ends the import on its way."""

import json
import signal
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from events.base import Event, Recorded
from events.codec import CODEC
from events.entry import Created, Renamed, Revised
from scripts.importing.import_content import WAITS
from tests.given.git_history import PEOPLE, Repository, make_repository
from tests.scripts.verbs import Ran, ran
from tests.servers.copies.starting import start
from write_side.importing.wording import one_line

HEAD = "select coalesce(max(position), 0) from log.event"


@pytest.mark.parametrize("commits", [300, pytest.param(5_000, marks=pytest.mark.prove)])
def test_every_commit_becomes_a_revision_although_the_import_is_killed_three_times(
    database: str, tmp_path: Path, commits: int
) -> None:
    made = make_repository(tmp_path / "repository", commits, seed=commits)
    for part in (1, 2, 3):
        _killed(database, tmp_path / "repository", at=part * commits // 4)
    code, report = _imported(database, tmp_path / "repository")
    assert WAITS == code
    assert report["already"] > commits // 2
    events = _events(database)
    _agrees(made, events)
    assert (0, len(events)) == (sum(_again(database, tmp_path / "repository")), len(_events(database)))


def test_a_dry_run_says_what_would_be_stored_and_stores_nothing(database: str, tmp_path: Path) -> None:
    made = make_repository(tmp_path / "repository", 60, seed=1)
    _, told = _imported(database, tmp_path / "repository", "--dry-run")
    assert 0 == _head(database)
    assert 0 == _count(database, "select count(*) from auth.account")
    _, report = _imported(database, tmp_path / "repository")
    assert told["events"] == report["events"]
    assert sum(map(len, made.revisions.values())) == sum(
        report["events"].get(f"article.{step}", 0) for step in ("created", "revised")
    )


def test_nobody_is_named_in_the_log_and_nobody_signs_in_as_an_author(database: str, tmp_path: Path) -> None:
    make_repository(tmp_path / "repository", 60, seed=2)
    _imported(database, tmp_path / "repository")
    with psycopg.connect(database) as connection:
        stored = connection.execute("select meta || payload from log.event").fetchall()
        names = connection.execute("select name from auth.account where disabled_at is not null").fetchall()
    said = b"".join(bytes(row[0]) for row in stored)
    assert [] == [one for name, mail in PEOPLE for one in (name, mail) if one and one.encode() in said]
    assert {"Ada Lovelace", "Ada Lovelace (2)", "Сергей Иванов"} <= {row[0] for row in names}
    assert 0 == _count(database, "select count(*) from auth.account where disabled_at is null")


def test_what_cannot_be_an_entry_is_set_aside_by_its_place(database: str, tmp_path: Path) -> None:
    made = make_repository(tmp_path / "repository", 120, seed=3)
    lines = _run(database, tmp_path / "repository").printed.splitlines()
    aside = {json.loads(line)["place"].partition(":")[2] for line in lines[:-1]}
    assert made.aside == aside


@pytest.mark.parametrize("encoding", ["nonsense", "hex", "undefined"])
def test_an_encoding_that_is_none_of_texts_is_refused_in_one_line(
    database: str, tmp_path: Path, encoding: str
) -> None:
    made = _run(database, tmp_path, "--encoding", encoding)
    said = f"frankenjet: there is no encoding of texts called {encoding}\n"
    assert (2, said) == (made.code, made.said)


def _run(database: str, folder: Path, *more: str) -> Ran:
    return ran("import-content", "git", str(folder), "--json", *more, DATABASE_URL=database)


def _imported(database: str, folder: Path, *more: str) -> tuple[int, Any]:
    done = _run(database, folder, *more)
    assert done.printed, done.said
    return done.code, json.loads(done.printed.splitlines()[-1])


def _again(database: str, folder: Path) -> list[int]:
    """Import once more; return how many events of each type that added."""
    _, report = _imported(database, folder)
    return list(report["events"].values())


def _killed(database: str, folder: Path, at: int) -> None:
    """Kill an import without a warning as soon as the log has so many events."""
    environment = {"DATABASE_URL": database, "PATH": "/usr/bin:/bin:/usr/local/bin"}
    with psycopg.connect(database, autocommit=True) as connection:
        running = start("scripts", ["import-content", "git", str(folder), "--json"], environment)
        while _counted(connection, HEAD) < at and running.poll() is None:
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
        assert -signal.SIGKILL == running.wait(), "it was done before it could be killed"


def _agrees(made: Repository, events: list[Recorded[Event]]) -> None:
    """Compare what is in the log with what was committed."""
    found: dict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    people: dict[Any, set[tuple[str, str]]] = defaultdict(set)
    renames = 0
    for one in events:
        event, meta = one.event, one.meta
        renames += isinstance(event, Renamed)
        body = None
        if isinstance(event, Created):
            body = event.content.body.text
        elif isinstance(event, Revised) and "body" in event.changed:
            body = event.changed["body"].after["text"]
        if body is not None:
            found[one.stream].append((body, meta.source_time, meta.reason, meta.actor))
    by_first = {revisions[0][0]: revisions for revisions in found.values()}
    expected = {revisions[0].body: revisions for revisions in made.revisions.values()}
    assert expected.keys() == by_first.keys()
    for first, revisions in expected.items():
        assert [(one.body, one.at, one_line(one.reason, 500)) for one in revisions] == [
            one[:3] for one in by_first[first]
        ]
        for wanted, got in zip(revisions, by_first[first], strict=True):
            people[got[3]].add(wanted.author)
    assert [1] * len(people) == [len(authors) for authors in people.values()]
    assert {author for authors in people.values() for author in authors} <= set(PEOPLE)
    assert made.renames == renames
    archived = sum(one.type == "article.archived" for one in events)
    assert len(made.gone) == archived


def _events(database: str) -> list[Recorded[Event]]:
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "select position, stream, version, id, recorded_at, meta, type, schema, payload from log.event"
            " where type like 'article.%' order by position"
        ).fetchall()
    return [
        Recorded(
            position,
            stream,
            version,
            id_,
            at,
            CODEC.decode_meta(bytes(meta)),
            CODEC.decode(type_, schema, bytes(said)),
        )
        for position, stream, version, id_, at, meta, type_, schema, said in rows
    ]


def _head(database: str) -> int:
    return _count(database, HEAD)


def _count(database: str, sql: LiteralString) -> int:
    with psycopg.connect(database) as connection:
        return _counted(connection, sql)


def _counted(connection: psycopg.Connection, sql: LiteralString) -> int:
    row = connection.execute(sql).fetchone()
    assert row is not None
    return int(row[0])
