"""What the process that reads a picture can do, should what it reads have taken it over: nothing."""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time

import pytest

from kit.checkout import ROOT
from kit.pictures.cleaning import Cleaner, PictureRefused
from tests.given.media.pictures import written
from tests.kit.pictures.test_cleaning import cleaned

FLOOD = "import sys\nwhile True: sys.stderr.write('x' * 65536)"
LIES = (
    '{"type": "image/png", "width": 1, "height": 1, "came_as": "image/png"}',
    '{"type": "text/html", "width": 1, "height": 1, "came_as": "image/png"}',
    '{"type": "image/png", "width": -1, "height": 1, "came_as": "image/png"}',
    '{"type": "image/png", "width": 1, "height": 1, "came_as": "image/png", "more": 1}',
    '{"refused": "not a reason"}', '{"refused": []}', "[1]", "null", "", "\xff", "[" * 9_000,
)  # fmt: skip


async def test_a_reader_that_was_taken_over_may_say_whatever_it_likes() -> None:
    """It writes a page, and says that it is a picture, or says nothing that makes sense."""
    for lie in LIES:
        program = f"import sys\nsys.stdout.write('<script>')\nsys.stderr.write({lie!r})"
        with pytest.raises(PictureRefused, match="cannot be read"):
            await cleaned(written("PNG"), Cleaner(reader=(sys.executable, "-c", program)))


async def test_a_reader_that_was_taken_over_cannot_fill_our_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PictureRefused, match="too much"):
        await cleaned(written("PNG"), Cleaner(seconds=2.0, reader=(sys.executable, "-c", FLOOD)))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


def test_the_reader_can_open_neither_a_file_nor_a_connection() -> None:
    program = """
import socket
from kit.pictures import reading
reading.bound()
reach = lambda: socket.create_connection(("127.0.0.1", 1))
for what in (socket.socket, lambda: open("/etc/hostname"), reach):
    try:
        what()
    except OSError as error:
        print(error.errno)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ["24", "24", "24"] == ran.stdout.split()


async def test_a_file_that_takes_too_long_is_given_up() -> None:
    """A pipe that nobody writes to is a file that never ends."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, tempfile.TemporaryFile() as target:
        cleaner = Cleaner(seconds=1.0)
        began = time.monotonic()
        with pytest.raises(PictureRefused, match="too much"):
            await cleaner.clean(source, target)
        assert time.monotonic() - began < 20
    os.close(writing)


SLEEPS = "import os, sys, time; sys.stdout.write(str(os.getpid())); sys.stdout.flush(); time.sleep(600)"


@pytest.mark.parametrize("begun", ["", "begun"])
async def test_a_picture_that_is_given_up_leaves_no_process(begun: str) -> None:
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        cleaner = Cleaner(seconds=60.0, reader=(sys.executable, "-c", SLEEPS))
        cleaning = asyncio.create_task(cleaner.clean(source, target))
        await asyncio.sleep(0)
        async with asyncio.timeout(30):
            while begun and not os.fstat(target.fileno()).st_size:  # noqa: ASYNC110 - a file is looked at
                await asyncio.sleep(0.05)
            cleaning.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cleaning
        target.seek(0)
        if pid := target.read():
            with pytest.raises(ProcessLookupError):
                os.kill(int(pid), 0)
