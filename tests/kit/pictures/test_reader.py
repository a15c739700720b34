"""What the process that reads a picture can do, should what it reads have taken it over: nothing."""

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kit.checkout import ROOT
from kit.pictures.cleaning import AT_ONCE, Cleaner
from kit.pictures.readers import PictureReaders
from kit.pictures.refusing import PictureRefused
from kit.running.child import Busy
from tests.given.media.pictures import written
from tests.kit.pictures.taken_over import FLOOD, LIES
from tests.kit.pictures.test_cleaning import cleaned


@asynccontextmanager
async def taken_over(seconds: float = 300.0, turn: float = 300.0) -> AsyncIterator[Cleaner]:
    async with Cleaner(seconds, turn, PictureReaders("tests.kit.pictures.taken_over")) as cleaner:
        yield cleaner


async def test_a_reader_that_was_taken_over_may_say_whatever_it_likes() -> None:
    """It writes a page, and says that it is a picture, or says nothing that makes sense."""
    async with taken_over() as cleaner:
        for number in range(len(LIES)):
            with pytest.raises(PictureRefused, match="cannot be read"):
                await cleaned(written("PNG"), cleaner, square=number)


async def test_a_reader_that_was_taken_over_cannot_fill_our_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with taken_over(seconds=2.0) as cleaner:
        with pytest.raises(Busy):
            await cleaned(written("PNG"), cleaner, square=FLOOD)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


def test_the_reader_can_open_neither_a_file_nor_a_connection() -> None:
    program = """
import socket
from kit.pictures import reading
reading.bound(reading.mapped_alone())
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
    """A pipe that nobody writes to is a file that never ends; who waits for his turn is sent away, too."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, tempfile.TemporaryFile() as target:
        async with Cleaner(seconds=1.0, turn=0.1) as cleaner:
            first = asyncio.create_task(cleaner.clean("first", source, target))
            others = [asyncio.create_task(cleaned(written("PNG"), cleaner)) for _ in range(AT_ONCE)]
            found = await asyncio.gather(first, *others, return_exceptions=True)
            assert isinstance(found[0], Busy)
            assert any(isinstance(one, Busy) for one in found[1:])
    os.close(writing)
