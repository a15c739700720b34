"""Whole answers: what is kept, for whom, and for how long."""

import httpx2
import pytest
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from read_side.answers.cached import Cached
from read_side.answers.respond import KEEP, Keep
from read_side.fresh.served import TRUSTED, PollResult
from tests.read_side.answers.world import SCHEMA, World


async def test_the_second_answer_comes_from_memory() -> None:
    world = World()
    first, second = await world.get(), await world.get()
    assert len(world.calls) == 1
    assert (first.content, first.headers["etag"]) == (second.content, second.headers["etag"])


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/y", {}),
        ("/x?a=1", {}),
        ("/x", {"authorization": "Bearer x"}),
    ],
)
async def test_another_question_or_a_known_caller_goes_to_the_application(
    path: str, headers: dict[str, str]
) -> None:
    world = World()
    await world.get()
    await world.get(path, **headers)
    assert len(world.calls) == 2


@pytest.mark.parametrize("cookie", ["a=b; __Host-frankenjet-session=c", "frankenjet-session=c"])
async def test_who_has_a_cookie_of_ours_gets_from_memory_what_is_the_same_for_everybody(cookie: str) -> None:
    world = World()
    await world.get(cookie=cookie)
    await world.get()
    await world.get(cookie=cookie)
    assert len(world.calls) == 1


@pytest.mark.parametrize("cookie", ["a=b; __Host-frankenjet-session=c", "frankenjet-session=c"])
async def test_what_depends_on_who_asks_is_kept_for_those_alone_whom_nobody_knows(cookie: str) -> None:
    world = World()
    world.asks_who = True
    await world.get(cookie=cookie)
    await world.get()
    assert len(world.calls) == 2, "it was not kept for a browser that is signed in"
    await world.get()
    assert len(world.calls) == 2
    await world.get(cookie=cookie)
    assert len(world.calls) == 3, "nor is it answered what nobody is answered"


async def test_cookies_of_others_are_as_if_they_were_not_sent() -> None:
    world = World()
    world.asks_who = True
    await world.get(cookie="consent=frankenjet-session; x__Host-frankenjet-session=1")
    await world.get(cookie="_ga=GA1.2.3")
    await world.get()
    assert len(world.calls) == 1


async def test_what_somebody_known_was_answered_is_not_kept() -> None:
    world = World()
    await world.get(authorization="Bearer x")
    await world.get()
    assert len(world.calls) == 2


async def test_what_is_not_marked_or_no_success_is_not_kept() -> None:
    world = World()
    world.tags = ()
    await world.get()
    await world.get()
    world.tags, world.status = ("entry:1",), 404
    await world.get()
    await world.get()
    assert len(world.calls) == 4


async def test_other_methods_pass() -> None:
    world = World()
    await world.get()
    world.tags = ()
    await world.get(method="POST")
    assert [call["method"] for call in world.calls] == ["GET", "POST"]


async def test_head_is_answered_without_a_body() -> None:
    world = World()
    await world.get()
    answer = await world.get(method="HEAD")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "4")
    assert len(world.calls) == 1


async def test_a_purge_forgets_what_hangs_on_its_tags_and_nothing_else() -> None:
    world = World()
    await world.get("/a")
    world.tags = ("entry:2",)
    await world.get("/b")
    world.poll(11, (11, ["entry:1"]))
    await world.get("/a")
    await world.get("/b")
    assert [call["path"] for call in world.calls] == ["/a", "/b", "/a"]


async def test_an_answer_that_became_old_while_it_was_made_is_not_kept() -> None:
    world = World()
    world.during = lambda: world.poll(11, (11, ["entry:1"]))
    await world.get()
    world.during = lambda: None
    world.stamp = 11
    await world.get()
    await world.get()
    assert len(world.calls) == 2


async def test_an_answer_newer_than_the_last_poll_is_kept_until_its_purge_is_seen() -> None:
    world = World()
    world.stamp = 15
    await world.get()
    await world.get()
    assert len(world.calls) == 1


async def test_an_answer_from_rows_that_are_no_longer_current_is_not_kept() -> None:
    world = World()
    world.during = lambda: world.poll(11, schema="read_entries_aaaaaaaaaaaa_2")
    await world.get()
    await world.get()
    assert len(world.calls) == 2


async def test_a_new_generation_and_missed_purges_forget_everything() -> None:
    for change in ({"schema": "read_entries_aaaaaaaaaaaa_2"}, {"cut": True}):
        world = World()
        await world.get()
        world.poll(12, (12, ["other"]), **change)
        await world.get()
        assert len(world.calls) == 2


async def test_nothing_is_served_from_memory_when_the_last_poll_is_too_old() -> None:
    world = World()
    await world.get()
    world.now += TRUSTED - 0.01
    await world.get()
    assert len(world.calls) == 1
    world.now += 0.02
    await world.get()
    assert len(world.calls) == 2


async def test_an_answer_that_is_good_until_a_moment_is_kept_no_longer() -> None:
    world = World()
    world.until = world.now + 0.1
    await world.get()
    await world.get()
    assert len(world.calls) == 1
    world.now += 0.11
    await world.get()
    assert len(world.calls) == 2


async def test_the_age_of_a_poll_counts_from_its_beginning() -> None:
    world = World()
    await world.get()
    began = world.now
    world.now += TRUSTED
    world.served.saw(began, 10, [PollResult("entries", SCHEMA, 10, 0, cut=False, purges=[])])
    await world.get()
    assert len(world.calls) == 2


async def test_a_condition_is_answered_from_memory() -> None:
    world = World()
    first = await world.get(if_none_match='"1"')
    assert first.status_code == 304
    assert (await world.get()).content == b"text"
    again = await world.get(if_none_match='"other", W/"1"')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", '"1"')
    assert "content-length" not in again.headers
    assert (await world.get(if_none_match='"2"')).status_code == 200
    assert len(world.calls) == 1


async def test_memory_is_bounded_and_the_oldest_used_go_first() -> None:
    world = World(limit=3 * 2_400)
    world.body = b"x" * 100
    for path in ("/a", "/b", "/c", "/a", "/d", "/a", "/b"):
        await world.get(path)
    assert [call["path"] for call in world.calls] == ["/a", "/b", "/c", "/d", "/b"]


async def test_an_answer_as_large_as_the_difference_of_two_long_texts_is_kept() -> None:
    world = World(limit=10_000_000)
    world.body = bytes(3_000_000)
    for _ in range(2):
        assert world.body == (await world.get()).content
    assert 1 == len(world.calls)


async def test_tags_take_part_of_the_memory_too() -> None:
    world = World(limit=1_000_000)
    world.tags = tuple(f"entry:{number}" for number in range(1_000))
    for number in range(8):
        await world.get(f"/x?fields={number}")
    for number in range(8):
        await world.get(f"/x?fields={number}")
    assert len(world.calls) > 8, "eight tiny answers with a thousand tags each do not fit into a megabyte"
    world.calls.clear()
    await world.get("/x?fields=7")
    assert [] == world.calls


async def test_what_others_add_to_an_answer_is_not_kept() -> None:
    world = World()
    app = CORSMiddleware(world.layer, allow_origins=["https://a.example", "https://b.example"])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://t") as client:
        for origin in ("https://a.example", "https://b.example", "https://a.example"):
            answer = await client.get("/x", headers={"origin": origin})
            assert answer.headers.get_list("access-control-allow-origin") == [origin]
        assert "access-control-allow-origin" not in (await client.get("/x")).headers
    assert len(world.calls) == 1


async def test_an_answer_in_pieces_is_passed_on_and_not_kept() -> None:
    world = World()

    async def streaming(_scope: Scope, _receive: Receive, send: Send) -> None:
        world.calls.append({})
        keep = Keep({SCHEMA: 10}, "/v1/x", ("entry:1",))
        await send({"type": "http.response.start", "status": 200, "headers": [], KEEP: keep})
        await send({"type": "http.response.body", "body": b"one ", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})

    world.layer = Cached(streaming, world.served)
    assert [(await world.get()).content for _ in range(2)] == [b"one two"] * 2
    assert len(world.calls) == 2
