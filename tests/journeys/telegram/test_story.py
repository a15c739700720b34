"""Submitted, published by a button, told in the channel, renamed, edited, archived; a sign-in, shut out."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.given.media.pictures import written
from tests.given.media.sending import registered
from tests.journeys.telegram.story import (
    ADMIN,
    CHANNEL,
    DRAFT,
    MODERATOR,
    MODERATORS,
    STRANGER,
    Story,
    story,
)

pytestmark = pytest.mark.rabbitmq
pytest_plugins = ["tests.servers.broker"]


async def nothing(_story: Story) -> None:
    """Disturb nobody."""


async def begun(one: Story) -> None:
    """Let both chats have a message, after which later ones are looked for."""
    entry = (await one.site.editor.done("POST", "/articles", DRAFT | {"slug": "first"}))["id"]
    await one.submitted(entry, 1)
    assert "Done" == await one.press("Publish", MODERATOR)
    await one.until(one.in_channel)
    await one.site.moderator.done("PUT", f"/articles/{entry}/archive", version=3)
    await one.until(lambda: one.in_channel() == [])


async def told(one: Story, disturb: Callable[[Story], Awaitable[None]] = nothing) -> None:
    """Go through the whole story, and disturb somebody after each step."""
    await one.linked(one.site.moderator, MODERATOR)
    await one.linked(one.admin, ADMIN)
    if disturb is not nothing:
        await begun(one)
    entry = (await one.site.editor.done("POST", "/articles", DRAFT))["id"]
    await one.submitted(entry, 1)
    await disturb(one)
    assert "is not linked" in await one.press("Publish", STRANGER)
    assert "Done" == await one.press("Publish", MODERATOR)
    await disturb(one)
    await one.until(lambda: one.in_channel() == ["Comet <1>\n\nA jet & a half."])
    await one.until(lambda: "Published by moderator" in one.reviews()[-1])
    assert None is one.with_button("Publish")
    post = one.chats.in_chat(CHANNEL)[0]
    assert '"https://example.org/articles/comet"' in post.raw
    await one.site.moderator.done("PUT", f"/articles/{entry}/slug", {"slug": "comet-1"}, version=3)
    await disturb(one)
    await one.until(lambda: '"https://example.org/articles/comet-1"' in post.raw)
    await one.site.editor.done("PATCH", f"/articles/{entry}", {"title": "Comet 2"}, version=4)
    await one.submitted(entry, 5)
    assert "Done" == await one.press("Publish", MODERATOR)
    await disturb(one)
    await one.until(lambda: one.in_channel() == ["Comet 2\n\nA jet & a half."])
    await one.site.moderator.done("PUT", f"/articles/{entry}/archive", version=7)
    await disturb(one)
    await one.until(lambda: one.in_channel() == [])
    suspect = await one.suspect("Mallory")
    await disturb(one)
    headers = {"Authorization": f"Bearer {suspect.token}"}
    assert 200 == (await one.site.client.get("/v1/me", headers=headers)).status_code
    await one.until(lambda: "Mallory signed in, who may publish" in one.reviews())
    assert "Not done" in await one.press("Shut out", MODERATOR)
    assert "Done" == await one.press("Shut out", ADMIN)
    await asyncio.sleep(1)
    assert 401 == (await one.site.client.get("/v1/me", headers=headers)).status_code
    await disturb(one)
    await one.until(lambda: "Shut out by Admin" in one.reviews()[-1])
    assert None is one.with_button("Shut out")


async def test_the_whole_story(database: str, tmp_path: Path, broker_url: str) -> None:
    async with story(database, tmp_path, broker_url) as one:
        await told(one)
        assert [] == one.telegram.wrong
        sent = [method for method, _ in one.telegram.calls if method == "sendMessage"]
        assert 2 + 2 + 1 + 1 == len(sent), "two links, two submissions, one post, one alert"
        assert 1 == len(one.chats.posts[CHANNEL])
        assert 3 == len(one.chats.posts[MODERATORS])


class Killer:
    """Kills one process after the other, and starts it again."""

    def __init__(self, *verbs: str) -> None:
        self._next = itertools.cycle(verbs)

    async def __call__(self, one: Story) -> None:
        verb = next(self._next)
        one.running.kill(verb)
        one.running.start(verb)
        await one.running.ready()


@pytest.mark.prove
@pytest.mark.timeout(400)
@pytest.mark.parametrize("first", range(3))
async def test_the_whole_story_with_a_process_killed_after_each_step(
    database: str, tmp_path: Path, broker_url: str, first: int
) -> None:
    verbs = ["telegram", "serve", "project"]
    async with story(database, tmp_path, broker_url) as one:
        await told(one, Killer(*verbs[first:], *verbs[:first]))
        assert [] == one.telegram.wrong
        assert 2 == len(one.chats.posts[CHANNEL]), "each message is sent once"


@pytest.mark.prove
@pytest.mark.timeout(400)
async def test_a_bot_that_is_killed_while_it_waits_for_answers_edits_what_is_there(
    database: str, tmp_path: Path, broker_url: str
) -> None:
    async with story(database, tmp_path, broker_url) as one:
        one.telegram.delay = 0.3
        await told(one, Killer("telegram"))
        assert 2 == len(one.chats.posts[CHANNEL])


async def test_a_submission_is_returned_with_the_comment_of_who_pressed(
    database: str, tmp_path: Path, broker_url: str
) -> None:
    async with story(database, tmp_path, broker_url) as one:
        await one.linked(one.site.moderator, MODERATOR)
        entry = (await one.site.editor.done("POST", "/articles", DRAFT))["id"]
        await one.submitted(entry, 1)
        assert "" == await one.press("Return", MODERATOR)
        asking = await one.until(
            lambda: [p for p in one.chats.in_chat(MODERATORS) if "reply to this" in p.text]
        )
        one.chats.write(MODERATORS, STRANGER, "Never!", asking[0])
        await one.until(lambda: "Somebody else was asked for that comment." in one.reviews())
        one.chats.again = True
        one.chats.write(MODERATORS, MODERATOR, "A source,  <please>", asking[0])
        returned = "Returned by moderator"
        await one.until(lambda: any(returned in text for text in one.reviews()))
        assert any("A source, <please>" in text for text in one.reviews())
        await one.until(lambda: "Done" in one.reviews())
        assert None is one.with_button("Return")
        counted = "select count(*) from log.event where type = 'article.returned'"
        assert 1 == await one.owner.fetchval(counted)
        assert [] == one.telegram.wrong


@pytest.mark.prove
async def test_what_changed_since_it_was_told_is_not_published_by_its_button(
    database: str, tmp_path: Path, broker_url: str
) -> None:
    async with story(database, tmp_path, broker_url) as one:
        await one.linked(one.site.moderator, MODERATOR)
        entry = (await one.site.editor.done("POST", "/articles", DRAFT))["id"]
        await one.submitted(entry, 1)
        await one.until(lambda: one.with_button("Publish"))
        await one.site.editor.done("PATCH", f"/articles/{entry}", {"title": "Comet 2"}, version=2)
        assert (await one.press("Publish", MODERATOR)).startswith("It has changed meanwhile")
        other = one.chats.in_chat(MODERATORS)[0]
        other.markup["inline_keyboard"][0][0]["callback_data"] = "publish.1.AAAAAAAAAAAAAAAAAAAAAA"
        assert "I do not know this button any more." == await one.press("Publish", MODERATOR)


@pytest.mark.prove
async def test_the_bot_obeys_a_hurried_telegram_and_outlives_one_that_is_away(
    database: str, tmp_path: Path, broker_url: str
) -> None:
    async with story(database, tmp_path, broker_url) as one:
        one.telegram.most = 1
        one.telegram.away = 502
        for number in range(4):
            draft = DRAFT | {"slug": f"comet-{number}"}
            await one.submitted((await one.site.editor.done("POST", "/articles", draft))["id"], 1)
        await asyncio.sleep(1.5)
        one.telegram.away = -1
        await asyncio.sleep(1.5)
        one.telegram.away = 0
        await one.until(lambda: len(one.reviews()) == 4, 90)  # one call a second, some to look for the first
        await asyncio.sleep(0.5)
        assert 4 == len(one.chats.in_chat(MODERATORS))  # the mark by which it was looked for is gone
        assert [] == one.telegram.impatient


@pytest.mark.prove
async def test_a_post_has_the_first_picture_of_its_entry_and_keeps_it_when_it_is_edited(
    database: str, tmp_path: Path, broker_url: str
) -> None:
    async with story(database, tmp_path, broker_url) as one:
        await one.linked(one.site.moderator, MODERATOR)
        media = (await registered(one.site.editor, written("PNG")))["id"]
        words = {"licence": "CC0", "alt": {"en": "A gate"}}
        await one.site.editor.done("PATCH", f"/media/{media}", words, version=1)
        draft = {"title": {"en": "OKB-1"}, "summary": {"en": "🛩" * 900}, "sources": [{"title": "A book"}]}
        made = await one.site.editor.done("POST", "/bureaus", draft | {"pictures": [{"media": media}]})
        entry = f"/bureaus/{made['id']}"
        await one.site.editor.done("PUT", f"{entry}/submission", version=1)
        assert "Done" == await one.press("Publish", MODERATOR)
        (post,) = await one.until(lambda: one.chats.in_chat(CHANNEL))
        assert post.photo is not None
        assert post.text.endswith("🛩…")
        await one.site.moderator.done("PUT", f"{entry}/slug", {"slug": "okb-korolev"}, version=3)
        await one.until(lambda: "bureaus/okb-korolev" in post.raw)
        await one.site.moderator.done("DELETE", f"{entry}/publication", version=4)
        await one.until(lambda: one.chats.in_chat(CHANNEL) == [])
        assert [] == one.telegram.wrong
