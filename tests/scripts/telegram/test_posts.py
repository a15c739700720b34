"""From events to the messages that there should be."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest

from kit.ids import named_id
from scripts.bot.kept import kept
from scripts.telegram.our_api import OurApi
from scripts.telegram.posts import Posts
from scripts.telegram.settings import TelegramSettings
from scripts.telegram.state import TABLES, TelegramState
from tests.scripts.telegram.test_sending import one_picture

ANN = named_id("account", "x")
ENTRY = named_id("entry", "comet")
SETTINGS = TelegramSettings("1:x", "fjb_x", channel=-5, moderators=-6)


def event(step: str, **data: Any) -> dict[str, Any]:
    return {
        "id": str(uuid5(ENTRY, step)), "type": f"article.{step}", "subject": f"article/{ENTRY}",
        "actor": str(ANN), "position": 1, "streamversion": 1, "data": data,
    }  # fmt: skip


def published(title: str) -> dict[str, Any]:
    return event("published", title=title, summary="s", slug="comet", locale="en", revision=1)


async def ann(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as our API does that knows one account."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 15\r\n\r\n{"name":"Anna"}')
    writer.close()


async def test_who_is_erased_is_named_in_no_message_any_more(tmp_path: Path) -> None:
    with kept(tmp_path / "bot", TABLES) as database:
        state = TelegramState(database)
        site = await asyncio.start_server(ann, "127.0.0.1", 0)
        async with site, OurApi(f"http://127.0.0.1:{site.sockets[0].getsockname()[1]}", "") as ours:
            posts = Posts(state, SETTINGS, ours)
            await posts.handle(event("submitted", title="t", summary="s", revision=1), b"")
            await posts.handle(event("returned", comment="why"), b"")
            (before,) = state.beginning("review/")
            await posts.handle(event("erased") | {"type": "account.erased", "subject": f"account/{ANN}"}, b"")
        (after,) = state.beginning("review/")
        assert 2 == before.wanted.count("Anna")
        assert 0 == (after.wanted + str(after.facts)).count("Anna")


@pytest.mark.parametrize("sends", ["sending", ""])
async def test_a_post_that_may_be_there_is_not_forgotten_when_its_entry_comes_and_goes(
    tmp_path: Path, sends: str
) -> None:
    with kept(tmp_path / "bot", TABLES) as database:
        state = TelegramState(database)
        site = await asyncio.start_server(one_picture, "127.0.0.1", 0)
        async with site, OurApi(f"http://127.0.0.1:{site.sockets[0].getsockname()[1]}", "") as ours:
            posts = Posts(state, SETTINGS, ours)
            await posts.handle(published("one"), b"")
            first = state.unsent()
            assert first is not None
            if sends:
                state.sends(first.number)
            await posts.handle(event("unpublished"), b"")
            await posts.handle(published("two"), b"")
        found = state.of(first.key)
        assert found is not None
        assert bool(sends) == found.sending
        assert "two" in found.wanted
