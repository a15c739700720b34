"""`frankenjet media check | sweep | move`: what an operator does with the files of pictures."""

from collections.abc import Coroutine
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from events.codec import CODEC
from kit.errors import Refused
from kit.forms import Wrong, plain
from kit.postgres.connect import PROJECTOR, READER
from kit.postgres.server_watch import watched_connection
from kit.settings import Settings
from kit.storage.copying import copy_all, objects_of
from kit.storage.objects import Storage, StorageAway
from scripts.cli.bars import bars
from scripts.cli.database import database
from scripts.cli.options import LinesOption, StateOption, settings_for
from scripts.cli.report import reporting
from scripts.cli.stoppable import run_stoppable
from scripts.storage import storage_in
from write_side.media.checking import BEYOND, FAULTS, checked, deleted, in_log, named_hash, nobodys, of_people
from write_side.media.keys import ANNOUNCED, AVATARS
from write_side.media.variants.late import late_pictures
from write_side.media.waiting.sweeping import sweep as sweep_now

media_cli = typer.Typer(no_args_is_help=True, help="Look after the files of pictures.")

FILES = "files"
"""What the folder of files is called where a storage is named."""

WAITS = 3
"""Exit code: something waits for a person."""


@media_cli.command()
def check(
    *,
    delete: Annotated[bool, typer.Option("--delete", help="Remove what is beyond the log.")] = False,
    every_byte: Annotated[
        bool, typer.Option("--bytes", help="Read each file and compare its SHA-256 with its name.")
    ] = False,
    state: StateOption = None,
    json: LinesOption = False,
) -> None:
    """Compare the files with the log.

    A picture of the log whose file is missing or differs is a fault: it ends with 1. Files beyond the log
    that are older than a day are listed, and removed with --delete, and so are pictures of people that are
    nobody's, and parts of files that were never sent to their end. It ends with 3 while there are any, or
    pictures whose variants could not be made yet.
    """
    settings = settings_for(state)
    with database(settings, PROJECTOR) as dsn:
        looking = _check(settings, dsn, delete=delete, every_byte=every_byte, as_json=json)
        raise typer.Exit(run_stoppable(_answered(looking), "the check was stopped"))


@media_cli.command()
def sweep(*, state: StateOption = None, json: LinesOption = False) -> None:
    """Remove files that were sent and never confirmed.

    Those that have waited for a day; the processes that serve do so once an hour.
    """
    settings = settings_for(state)

    async def swept() -> int:
        async with _opened(settings, settings.s3_bucket) as storage:
            removed = await sweep_now(storage)
        say = reporting(as_json=json)
        say(f"{removed:,} files that nobody confirmed were removed", removed=removed)
        return 0

    raise typer.Exit(run_stoppable(_answered(swept()), "the sweep was stopped"))


@media_cli.command()
def move(
    *,
    to: Annotated[str, typer.Option("--to", metavar="s3://BUCKET|files", help="Where to.")],
    from_: Annotated[
        str, typer.Option("--from", metavar="s3://BUCKET|files", help="Where from; left out: as configured.")
    ] = "",
    state: StateOption = None,
    json: LinesOption = False,
) -> None:
    """Copy every file to another storage.

    What is there already is left alone, so that it can be stopped and started again. Each copy is read again
    and compared. Both storages may be in use; docs/operations.md tells the steps. Files whose parts are still
    coming are not taken along. Nothing is removed from where it was; where it goes to, pictures of people
    that are nobody's any more are.
    """
    settings = settings_for(state)
    source = _bucket("--from", from_) if from_ else settings.s3_bucket
    target = _bucket("--to", to)
    if source == target:
        raise typer.BadParameter("--to: the files are there already")
    with database(settings, PROJECTOR) as dsn:
        copying = _move(settings, dsn, source, target, as_json=json)
        raise typer.Exit(
            run_stoppable(_answered(copying), "the move was stopped; the next one goes on from there")
        )


def _bucket(option: str, said: str) -> str:
    """Return the bucket that an option names; empty: the folder of files."""
    if said == FILES:
        return ""
    parts = urlsplit(said)
    try:
        if (parts.scheme, bool(parts.netloc), parts.path.strip("/")) == ("s3", True, ""):
            return plain.bucket(parts.netloc)
    except Wrong:
        pass
    raise typer.BadParameter(f"{option}: s3://<bucket>, or files for the folder of the state folder")


def _opened(settings: Settings, bucket: str) -> Storage:
    return storage_in(settings, bucket)


async def _answered(verb: Coroutine[Any, Any, int]) -> int:
    try:
        return await verb
    except StorageAway as away:
        raise Refused([f"the files cannot be reached: {away}"]) from away


async def _check(settings: Settings, dsn: str, *, delete: bool, every_byte: bool, as_json: bool) -> int:
    say, found = reporting(as_json=as_json), dict.fromkeys(_COUNTED, 0)
    removed = 0
    async with (
        watched_connection(dsn, "frankenjet media check", PROJECTOR) as connection,
        watched_connection(dsn, "frankenjet media check", READER) as people,
        _opened(settings, settings.s3_bucket) as storage,
    ):

        async def read_log() -> dict[str, int]:
            return await in_log(connection, CODEC)

        with bars() as told:
            read_people = partial(of_people, people)
            looking = checked(storage, read_log, read_people, told, every_byte=every_byte)
            findings = [one async for one in looking]
        for one in findings:
            gone = delete and one.what in BEYOND and await deleted(storage, one)
            removed += gone
            found[one.what] += not gone
            what = "removed" if gone else _WORDS[one.what]
            say(
                f"{what}: {one.key} ({one.size:,} bytes)",
                what=one.what,
                key=one.key,
                size=one.size,
                removed=gone,
            )
        for late in await late_pictures(connection):
            found["late"] += 1
            why = f"{late.reason} (tried {late.tries} times)"
            say(
                f"variants could not be made yet: {late.picture}: {why}",
                what="late",
                picture=str(late.picture),
                reason=late.reason,
                tries=late.tries,
                since_seconds=round(late.seconds),
            )
    facts = found | {"removed": removed}
    say(", ".join(f"{name}: {count:,}" for name, count in facts.items()), **facts)
    if any(found[fault] for fault in FAULTS):
        return 1
    return WAITS if found["late"] or any(found[what] for what in BEYOND) else 0


async def _move(settings: Settings, dsn: str, source: str, target: str, *, as_json: bool) -> int:
    say, found = reporting(as_json=as_json), {"copied": 0, "there": 0, "gone": 0, "differs": 0}
    moved = 0
    async with (
        watched_connection(dsn, "frankenjet media move", READER) as people,
        _opened(settings, source) as old,
        _opened(settings, target) as new,
    ):
        await new.ready()
        objects = await objects_of(old)
        left = await nobodys(objects, people)
        objects = [one for one in objects if one.key not in left and not one.key.endswith(ANNOUNCED)]
        with bars() as told:
            done = 0
            async for one in copy_all(old, new, objects, named_hash):
                done += 1
                told("move", done, len(objects))
                found[one.what] += 1
                moved += one.size if one.what == "copied" else 0
                if one.what == "differs":
                    say(f"its bytes are not those of its name: {one.key}", what=one.what, key=one.key)
        for key in await nobodys(await objects_of(new, AVATARS), people):
            await new.delete(key)  # of somebody who was erased before this, or meanwhile
    facts = found | {"bytes": moved}
    say(", ".join(f"{name}: {count:,}" for name, count in facts.items()), **facts)
    return 1 if found["differs"] else 0


_COUNTED = ("missing", "differs", "beyond", "unfinished", "late")

_WORDS = {
    "missing": "the log tells of it, and it is missing",
    "differs": "the log tells of it, and it is another file",
    "beyond": "nothing tells of it",
    "unfinished": "it was never sent to its end",
}
