"""Kept answers in the codings that clients take, compressed once."""

import asyncio
import gzip
from typing import Any

import brotli
import httpx2
import pytest
import zstandard

from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from tests.kit.http.asking import Answered, ask
from tests.read_side.answers.world import World

TEXT = b"The An-2 first flew in 1947. " * 100

DECODE = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstandard.ZstdDecompressor().decompress,
}


def large() -> World:
    world = World()
    world.body = TEXT
    return world


async def raw(world: World, method: str = "GET", path: str = "/x", **headers: str) -> Answered:
    """Ask by way of the edge, and decode nothing."""
    edge = Edge(world.layer, metrics=Metrics(), at_once=world.layer.at_once)
    return await ask(edge, method, path, headers=[(k.replace("_", "-"), v) for k, v in headers.items()])


@pytest.mark.parametrize("coding", DECODE)
async def test_an_answer_comes_in_the_coding_that_is_taken(coding: str) -> None:
    world = large()
    for _ in range(3):  # from the route, compressed from the kept one, from memory
        answer = await raw(world, accept_encoding=coding)
        assert (answer.status, answer.header("content-encoding")) == (200, coding)
        assert DECODE[coding](answer.body) == TEXT
        assert answer.header("content-length") == str(len(answer.body))
        assert answer.header("vary") == "accept-encoding"
    plain = await raw(world)
    assert (plain.body, plain.header("content-encoding")) == (TEXT, None)
    assert plain.header("vary") == "accept-encoding"
    assert len(world.calls) == 1


async def test_it_is_compressed_once() -> None:
    world = large()
    answers = [await raw(world, accept_encoding="br") for _ in range(3)]
    (kept,) = world.layer._kept.values()  # noqa: SLF001 - whether it is the same one cannot be seen from outside
    assert kept.accepted(b"br")[0] is kept.accepted(b"br;q=0.5")[0]
    assert len({answer.body for answer in answers}) == 1


async def test_each_coding_has_a_tag_of_its_own_and_each_tag_answers_304() -> None:
    world = large()
    tags = {coding: (await raw(world, accept_encoding=coding)).header("etag") for coding in [*DECODE, "x"]}
    assert len(set(tags.values())) == 4
    for tag in tags.values():
        for taken in ("", "gzip", "br"):
            answer = await raw(world, accept_encoding=taken, if_none_match=f'"other", W/{tag}')
            assert (answer.status, answer.body, answer.header("etag")) == (304, b"", tag)
            assert answer.header("vary") == "accept-encoding"
            assert answer.header("content-encoding") is None
    assert (await raw(world, accept_encoding="br", if_none_match='"other"')).status == 200
    assert len(world.calls) == 1


async def test_a_first_request_with_the_tag_of_a_coding_is_a_304() -> None:
    tag = (await raw(large(), accept_encoding="gzip")).header("etag")
    assert (await raw(large(), accept_encoding="gzip", if_none_match=tag or "")).status == 304


async def test_head_says_what_get_says() -> None:
    world = large()
    got = await raw(world, accept_encoding="gzip")
    head = await raw(world, "HEAD", accept_encoding="gzip")
    assert (head.status, head.body) == (200, b"")
    same = ("content-length", "content-encoding", "etag", "vary", "content-type")
    assert [head.header(name) for name in same] == [got.header(name) for name in same]


async def test_a_small_answer_is_left_plain_unless_plain_is_not_taken() -> None:
    world = World()
    assert (await raw(world, accept_encoding="gzip")).body == b"text"
    answer = await raw(world, accept_encoding="gzip, identity;q=0")
    assert gzip.decompress(answer.body) == b"text"


@pytest.mark.parametrize("again", [False, True])
async def test_who_takes_nothing_that_there_is_gets_406(again: bool) -> None:  # noqa: FBT001 - both ways
    world = large()
    if again:
        await raw(world)
    answer = await raw(world, accept_encoding="identity;q=0, lzma")
    assert (answer.status, answer.problem, answer.header("vary")) == (
        406,
        "not-acceptable",
        "accept-encoding",
    )
    assert (await raw(world)).status == 200


async def test_a_purge_forgets_it_in_every_coding() -> None:
    world = large()
    await raw(world, accept_encoding="br")
    world.poll(11, (11, ["entry:1"]))
    world.stamp, world.body = 11, TEXT[::-1]
    assert brotli.decompress((await raw(world, accept_encoding="br")).body) == TEXT[::-1]


async def test_a_large_answer_is_compressed_beside_the_loop() -> None:
    world = World()
    world.body = TEXT * 20
    await raw(world)
    answer = await raw(world, accept_encoding="gzip")
    assert gzip.decompress(answer.body) == world.body
    assert len(world.calls) == 1


async def test_what_is_compressed_counts_as_memory() -> None:
    world = World(limit=30_000)
    world.body = bytes(range(256)) * 40
    for coding in DECODE:
        await raw(world, accept_encoding=coding)
    await raw(world, path="/y")
    assert world.layer._size <= 30_000  # noqa: SLF001 - a bound of memory has no other witness


@pytest.mark.parametrize("times", [1, 20])
async def test_a_crowd_that_asks_at_once_has_it_compressed_once(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressing: list[int] = []

    def compress(body: bytes, **how: Any) -> bytes:
        compressing.append(len(body))
        made: bytes = made_of(body, **how)
        return made

    made_of = brotli.compress
    monkeypatch.setattr(brotli, "compress", compress)
    world = World()
    world.body, world.etag = TEXT * times, '"the same"'
    world.wait = asyncio.Barrier(30)  # all of them are at the route before the first answer is kept
    answers = await asyncio.gather(*(raw(world, accept_encoding="br") for _ in range(30)))
    assert [world.body] == list({brotli.decompress(answer.body) for answer in answers})
    assert (30, [len(world.body)]) == (len(world.calls), compressing)


async def test_what_is_not_kept_is_compressed_only_for_who_does_not_take_it_plain() -> None:
    world = large()
    world.tags = ()
    answer = await raw(world, accept_encoding="gzip")
    assert (answer.body, answer.header("vary")) == (TEXT, "accept-encoding")
    answer = await raw(world, accept_encoding="gzip, identity;q=0")
    assert TEXT == gzip.decompress(answer.body)
    assert (await raw(world, accept_encoding="identity;q=0")).status == 406


async def test_a_condition_is_judged_also_for_what_is_not_kept() -> None:
    world = large()
    world.tags, world.etag = (), '"the same"'
    encoded = await raw(world, accept_encoding="br, identity;q=0")
    for tag in ('"the same"', encoded.header("etag") or "", "*"):
        for method in ("GET", "HEAD"):
            answer = await raw(world, method, if_none_match=tag)
            assert (answer.status, answer.body) == (304, b"")
    assert (await raw(world, if_none_match='"another"')).body == TEXT


async def test_an_ordinary_client_reads_what_was_compressed() -> None:
    world = large()
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=world.layer), base_url="http://t"
    ) as client:
        assert (await client.get("/x")).content == TEXT
