"""Files of pictures are compared with the log, swept, and moved to an S3 and back while both are in use."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from kit import clock
from kit.ids import new_id
from kit.postgres.connect import connect
from kit.storage.files import FileStorage
from kit.storage.opening import storage_at
from kit.storage.place import S3Place
from tests.given.media.pictures import drawn, written
from tests.given.media.sending import announced, registered, sent
from tests.servers.copies.starting import ran, start
from tests.servers.nodes.s3_server import fresh_bucket, running_s3
from tests.servers.running import in_process
from write_side.media.keys import waiting_key
from write_side.media.variants.late import set_aside

FILES = [written("PNG", drawn(size=(30 + number, 20))) for number in range(5)]
STRANGE = f"pictures/ab/{'ab' * 32}.png"
NOTHING = dict.fromkeys(("missing", "differs", "beyond", "unfinished", "late", "removed"), 0)
LONG_AGO = (clock.now() - timedelta(days=2)).timestamp()


class Run(NamedTuple):
    """Runs verbs of media, as an operator does."""

    database: str
    folder: Path
    settings: dict[str, str]

    def command(self, *words: str) -> tuple[list[str], dict[str, str]]:
        given = {"PATH": os.defpath, "DATABASE_URL": self.database, **self.settings}
        return ["media", *words, "--json", "--state", str(self.folder)], given

    def __call__(self, *words: str) -> tuple[int, list[dict[str, Any]]]:
        """Return the exit code and the objects that were printed; the last one counts."""
        done = ran(*self.command(*words))
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    @property
    def objects(self) -> Path:
        return self.folder / "media" / "objects"

    def pictures(self) -> list[Path]:
        return sorted((self.objects / "pictures").rglob("*.png"))


@pytest.fixture
async def run(database: str, tmp_path: Path) -> Run:
    """Return what runs verbs where some pictures are kept, one file waits, and parts of one are awaited."""
    async with in_process(database, tmp_path, projector=False) as site:
        for file in FILES:
            await registered(site.editor, file)
        await sent(site.editor, written("PNG", drawn(size=(9, 9))))
        await site.editor.done("POST", "/media/uploads", announced(b"") | {"size": 9_000_000})
    return Run(database, tmp_path, {})


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with running_s3() as url:
        yield url


def settings_of(place: S3Place) -> dict[str, str]:
    return {
        "S3_ENDPOINT_URL": place.endpoint,
        "AWS_ACCESS_KEY_ID": place.access_key,
        "AWS_SECRET_ACCESS_KEY": place.secret_key,
    }


async def once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def put(folder: Path, key: str, *, age: float = LONG_AGO) -> Path:
    await FileStorage(folder / "media").put(key, once(b"strange"), media_type="image/png")
    path = folder / "media" / "objects" / key
    os.utime(path, (age, age))
    return path


async def avatar(run: Run) -> Path:
    """Keep a picture that somebody has of himself."""
    key = f"avatars/{new_id()}.png"
    path = await put(run.folder, key)
    owner = await connect(run.database, "test owner")
    await owner.execute(
        "with one as (insert into auth.account (id, name, name_key) values ($1, $2, $2) returning id)"
        " insert into auth.avatar (key, account, type) select $3, id, 'image/png' from one",
        new_id(), new_id().hex, key,
    )  # fmt: skip
    await owner.close()
    return path


async def test_a_picture_of_somebody_who_was_erased_does_not_come_back_by_a_move(run: Run, s3: str) -> None:
    """It was copied; then its row and its bytes went from where it is used; the folder has it still."""
    place = fresh_bucket(s3)
    there = run._replace(settings=settings_of(place))
    erased, stays = await avatar(run), await avatar(run)
    words = ("move", "--from", "files", "--to", f"s3://{place.bucket}")
    assert 0 == there(*words)[0]
    owner = await connect(run.database, "test owner")
    key = erased.relative_to(run.objects).as_posix()
    await owner.execute("delete from auth.avatar where key = $1", key)
    await owner.close()
    assert 0 == there(*words)[0]
    async with storage_at(place, run.folder, b"", "") as storage:
        kept = [one.key for one in (await storage.list("avatars/")).objects]
        assert [stays.relative_to(run.objects).as_posix()] == kept
    code, said = run("check")
    assert (3, "beyond", key) == (code, said[0]["what"], said[0]["key"])
    assert 0 == run("check", "--delete")[0]
    assert (False, True) == (erased.exists(), stays.exists())


async def test_a_picture_that_has_no_variants_yet_is_listed(run: Run) -> None:
    owner, picture = await connect(run.database, "test owner"), new_id()
    await set_aside(owner, picture, "storage: S3 answers InternalError")
    await owner.close()
    code, said = run("check")
    one = {"what": "late", "picture": str(picture), "reason": "storage: S3 answers InternalError", "tries": 1}
    assert (3, one, 1) == (code, {name: said[0][name] for name in one}, said[-1]["late"])


async def test_nothing_is_said_where_files_and_log_agree(run: Run) -> None:
    assert (0, [NOTHING]) == run("check", "--bytes")


async def test_what_the_log_tells_of_and_storage_lacks_is_a_fault(run: Run) -> None:
    gone, other, shorter, *_ = run.pictures()
    gone.unlink()
    other.write_bytes(bytes(len(other.read_bytes())))
    shorter.write_bytes(b"short")
    code, said = run("check", "--bytes")
    found = {(one["what"], run.objects / one["key"]) for one in said[:-1]}
    assert (1, {("missing", gone), ("differs", other), ("differs", shorter)}) == (code, found)
    code, said = run("check")
    assert (1, NOTHING | {"missing": 1, "differs": 1}) == (code, said[-1])


async def test_what_is_beyond_the_log_is_listed_and_goes_only_when_it_is_said(run: Run) -> None:
    """A file of a minute ago may be one that the log tells of in a moment."""
    old = await put(run.folder, STRANGE)
    others = [await put(run.folder, "variants/x.png"), await avatar(run)]
    young = await put(run.folder, STRANGE.replace("ab", "cd"), age=clock.now().timestamp())
    code, said = run("check")
    assert (3, [("beyond", STRANGE, False)]) == (
        code, [(one["what"], one["key"], one["removed"]) for one in said[:-1]],
    )  # fmt: skip
    assert old.exists()
    code, said = run("check", "--delete")
    assert (0, NOTHING | {"removed": 1}) == (code, said[-1])
    assert all(path.exists() for path in others)
    assert (False, True, len(FILES)) == (old.exists(), young.exists(), len(run.pictures()) - 1)


async def test_what_nobody_confirmed_is_swept(run: Run) -> None:
    old = UUID("0190b0a0-0000-7000-8000-000000000000")
    await put(run.folder, waiting_key(old, new_id(), "a" * 64))
    assert (0, [{"removed": 1}]) == run("sweep")
    assert (0, [{"removed": 0}]) == run("sweep")
    assert 2 == len(list((run.objects / "uploads").iterdir()))


async def test_files_go_to_an_s3_and_back_and_both_are_in_use_meanwhile(run: Run, s3: str) -> None:
    place = fresh_bucket(s3)
    there = run._replace(settings=settings_of(place))
    name = f"s3://{place.bucket}"
    code, said = there("move", "--to", name)
    assert (0, {"copied": 6, "there": 0, "gone": 0, "differs": 0}) == (code, without_bytes(said[-1]))
    configured = there._replace(settings=there.settings | {"FRANKENJET_S3_BUCKET": place.bucket})
    assert (0, 0) == ((checked := configured("check", "--bytes"))[0], checked[1][-1]["missing"])
    late = written("PNG", drawn(size=(50, 50)))
    async with in_process(run.database, run.folder, projector=False) as site:
        await registered(site.editor, late)  # by a process that does not know yet
    assert 1 == configured("check")[0]
    code, said = configured("move", "--from", "files", "--to", name)
    assert (0, {"copied": 1, "there": 6, "gone": 0, "differs": 0}) == (code, without_bytes(said[-1]))
    assert 0 == configured("check", "--bytes")[0]
    before = {path.name: path.read_bytes() for path in run.pictures()}
    for path in run.objects.rglob("*.*"):
        path.unlink()
    assert 0 == configured("move", "--to", "files")[0]
    assert before == {path.name: path.read_bytes() for path in run.pictures()}
    assert 0 == run("check", "--bytes")[0]


def without_bytes(said: dict[str, Any]) -> dict[str, Any]:
    assert said["bytes"] > 0
    return {name: value for name, value in said.items() if name != "bytes"}


async def test_a_file_that_is_not_what_its_name_says_is_not_moved(run: Run, s3: str) -> None:
    place = fresh_bucket(s3)
    there = run._replace(settings=settings_of(place))
    wrong = run.pictures()[0]
    wrong.write_bytes(b"wrong")
    code, said = there("move", "--to", f"s3://{place.bucket}")
    key = str(wrong.relative_to(run.objects))
    assert (1, ("differs", key), 1) == (code, (said[0]["what"], said[0]["key"]), said[-1]["differs"])
    async with storage_at(place, run.folder, b"", "") as storage:
        assert await storage.head(key) is None


async def test_a_move_that_was_killed_goes_on_where_it_was(run: Run, s3: str) -> None:
    place = fresh_bucket(s3)
    there = run._replace(settings=settings_of(place))
    for number in range(200):
        await put(run.folder, f"variants/{number:03}.png")
    verb, given = there.command("move", "--to", f"s3://{place.bucket}")
    process = start("scripts.main", verb, given)
    async with storage_at(place, run.folder, b"", "") as storage:
        await storage.ready()
        while not (moved := (await storage.list()).objects):  # noqa: ASYNC110 - another process moves them
            await asyncio.sleep(0.02)
        process.kill()
        await asyncio.to_thread(process.wait)
    assert len(moved) < 200
    code, said = there("move", "--to", f"s3://{place.bucket}")
    assert (0, 0) == (code, said[-1]["differs"])
    assert said[-1]["there"] > 0
    assert 206 == said[-1]["there"] + said[-1]["copied"]


def test_a_storage_that_is_away_or_none_is_said(database: str, tmp_path: Path) -> None:
    away = {"S3_ENDPOINT_URL": "http://127.0.0.1:1", "FRANKENJET_S3_BUCKET": "away"}
    run = Run(database, tmp_path, away | {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"})
    assert [2, 2, 2] == [run(*words)[0] for words in (("check",), ("sweep",), ("move", "--to", "files"))]
    for wrong in ("s3://", "http://x", "folder", "s3://a/b", "s3://away"):
        assert 2 == run("move", "--to", wrong)[0]
