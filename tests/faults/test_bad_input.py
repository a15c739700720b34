"""Whatever is sent to the composed application is answered as it deserves, and nothing of it is stored."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import jwt
import orjson
import pytest

from kit import clock
from kit.auth.keys import load_signing_key
from kit.auth.tokens import mint
from kit.ids import new_id
from tests.servers.running import Site, in_process, problem
from tests.write_side.log.given import value

GOOD: dict[str, Any] = {"locale": "ru", "title": "Ту-144", "slug": "good"}

STORED = "select log.head() + (select count(*) from log.key) + (select count(*) from log.snapshot)"


def with_field(raw: bytes) -> bytes:
    """Return a good command with one more field, written as it is."""
    return orjson.dumps(GOOD)[:-1] + b"," + raw + b"}"


BODIES: list[tuple[bytes, int]] = [
    (with_field(rb'"summary":"a\u0000b"'), 422),
    (with_field(rb'"a\u0000b":1'), 422),
    (with_field(rb'"summary":"\ud800"'), 422),
    (with_field(rb'"tags":["\udfff"]'), 422),
    (with_field(rb'"subject":"\ud800"'), 422),
    (with_field(b'"summary":NaN'), 400),
    (with_field(b'"tags":[Infinity]'), 400),
    (with_field(b'"translated_from":{"revision":9223372036854775808}'), 422),
    (with_field(b'"translated_from":{"revision":' + b"9" * 4_000 + b"}"), 422),
    (with_field(b'"translated_from":{"revision":' + b"9" * 4_301 + b"}"), 400),
    (with_field(b'"translated_from":{"revision":1e400}'), 422),
    (with_field(b'"summary":1e999999'), 422),
    (with_field(b'"summary":1'), 422),
    (with_field(b'"tags":' + b"[" * 900 + b"]" * 900), 422),
    (with_field(b'"tags":' + b"[" * 100_000 + b"]" * 100_000), 422),
    (with_field(b'"tags":' + b"[" * 100_000), 422),
    (with_field(b'"title":"again"'), 400),
    (with_field(b'"role":"admin"'), 422),
    (with_field(b'"author":"somebody else"'), 422),
    (with_field(b'"status":"published"'), 422),
    (with_field(b'"sources":[{"title":"t","url":"javascript:alert(1)"}]'), 422),
    (with_field(b'"subject":"urn:uuid:6f1f9ad6-3c6b-5a0e-9f0b-2b8f4b7f3d11"'), 422),
    (with_field(b'"summary":"\xff"'), 400),
    (with_field(b'"summary":"a"').decode().encode("utf-16"), 400),
    (b"\xef\xbb\xbf" + orjson.dumps(GOOD), 400),
    (orjson.dumps(GOOD | {"title": ""}), 422),
    (orjson.dumps(GOOD | {"title": "a" * 301}), 422),
    (orjson.dumps(GOOD | {"title": "a\u202eb"}), 422),
    (orjson.dumps(GOOD | {"title": "a" + "\u0301" * 9}), 422),
    (orjson.dumps(GOOD | {"locale": "de"}), 422),
    (orjson.dumps(GOOD | {"slug": "../../etc"}), 422),
    (orjson.dumps(GOOD | {"summary": "a" * 2_001}), 422),
    (orjson.dumps(GOOD | {"body": "a" * 200_001}), 422),
    (orjson.dumps(GOOD | {"reason": "a" * 501}), 422),
    (orjson.dumps(GOOD | {"body": "a" * 2_000_000}), 422),
    (orjson.dumps(GOOD | {"body": "a" * 4_200_000}), 413),
    (orjson.dumps([GOOD]), 422),
    (b"", 422),
    (b"{", 400),
    (b"null", 422),
]
"""Bodies of a new article, and how each is answered."""

HEADERS: list[tuple[dict[str, str], int]] = [
    ({"content-type": ""}, 415),
    ({"content-type": "text/plain"}, 415),
    ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ({"content-type": "application/json; charset=utf-16"}, 415),
    ({"content-encoding": "gzip"}, 415),
    ({"idempotency-key": "a" * 256}, 400),
    ({"idempotency-key": ""}, 400),
    ({"x-filler": "a" * 100_000}, 431),
    ({"authorization": ""}, 401),
    ({"authorization": "Bearer x"}, 401),
    ({"authorization": "Bearer " + "x" * 5_000}, 401),
    ({"authorization": "Basic Zm9vOmJhcg=="}, 401),
]
"""Headers of a good command, and how each is answered."""

QUERIES: list[tuple[str, int]] = [
    ("/v1/articles?limit=99999999999999999999", 400),
    ("/v1/articles?limit=-1", 400),
    ("/v1/articles?limit=101", 400),
    ("/v1/articles?limit=1&limit=2", 400),
    ("/v1/articles?limit=", 400),
    ("/v1/articles?limit=1&", 400),
    ("/v1/articles?fields=title,title", 400),
    ("/v1/articles?limt=1", 400),
    ("/v1/articles?sort=body", 400),
    ("/v1/articles?fields=title,__class__", 400),
    ("/v1/articles?tag=%00", 400),
    ("/v1/articles?tag=%FF", 400),
    ("/v1/articles?tag=%ud800", 400),
    ("/v1/articles?cursor=AAAA", 400),
    ("/v1/articles?cursor=" + "A" * 5_000, 400),
    ("/v1/articles?after=9223372036854775808", 400),
    ("/v1/articles?after=NaN", 400),
    ("/v1/articles?after=-1", 400),
    ("/v1/articles/good?after=1e400", 400),
    ("/v1/articles/good?$where=1", 400),
    ("/v1/articles/%00", 404),
    ("/v1/articles/%FF", 400),
    ("/v1/articles/..%2F..%2Fetc%2Fpasswd", 404),
    ("/v1/articles/" + "a" * 10_000, 414),
    ("/v1/articles/00000000-0000-0000-0000-000000000000", 404),
    ("/v1/articles/not-an-id/revisions", 404),
    ("/v1/articles/00000000-0000-0000-0000-000000000000/revisions/9223372036854775808", 404),
    ("/v1/articles/00000000-0000-0000-0000-000000000000/diff?from=1", 400),
    ("/v1/nothing", 404),
]
"""What readers ask that cannot be answered."""


@asynccontextmanager
async def unmoved(database: str) -> AsyncIterator[None]:
    """Fail when the block leaves anything in the log."""
    before = await value(database, STORED)
    yield
    assert before == await value(database, STORED)


def check(asked: Any, wanted: int, answer: httpx2.Response) -> str:
    """Say what is wrong with an answer; nothing when it is a proper refusal."""
    if answer.status_code != wanted:
        return f"{str(asked)[:100]}: {answer.status_code} instead of {wanted}: {answer.text[:200]}"
    document = problem(answer)
    if "Traceback" in answer.text or "asyncpg" in answer.text or len(answer.content) > 2_000:
        return f"{str(asked)[:100]}: {document}"
    return ""


async def test_no_bad_body_is_stored(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site, unmoved(database):
        headers = site.editor.headers | {"content-type": "application/json", "idempotency-key": "bad"}
        found = [
            check(body, wanted, await site.client.post("/v1/articles", content=body, headers=headers))
            for body, wanted in BODIES
        ]
    assert [] == [one for one in found if one]


HOSTS = "evil.example/livez?", "evil.example/../livez#", "livez@evil.example", "evil\\livez", "[::1]/livez?"
"""What a Host may say where somebody puts it together with a path, and believes what comes of that."""


async def test_who_may_do_something_does_not_depend_on_the_host(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site, unmoved(database):
        for host in HOSTS:
            sent = {"host": host, "content-type": "application/json", "idempotency-key": "host"}
            for method, path in (("POST", "/v1/articles"), ("GET", "/v1/accounts"), ("GET", "/v1/me")):
                answer = await site.client.request(method, path, content=orjson.dumps(GOOD), headers=sent)
                assert answer.status_code in {400, 401}, (host, path)
                assert "evil" not in str(answer.headers.get("location", ""))


async def chunks() -> AsyncIterator[bytes]:
    for _ in range(70):
        yield b"a" * 100_000


async def test_no_bad_header_gets_a_command_through(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site, unmoved(database):
        good = site.editor.headers | {"content-type": "application/json"}
        found = []
        for headers, wanted in HEADERS:
            sent = {
                name: text
                for name, text in (good | _named(good, headers)).items()
                if text or name == "idempotency-key"
            }
            answer = await site.client.post("/v1/articles", content=orjson.dumps(GOOD), headers=sent)
            found.append(check(headers, wanted, answer))
        endless = await site.client.post("/v1/articles", content=chunks(), headers=good)
        found.append(check("a body without end", 413, endless))
        twice = [*good.items(), ("Authorization", good["Authorization"])]
        answer = await site.client.post("/v1/articles", content=orjson.dumps(GOOD), headers=twice)
        found.append(check("two tokens", 400, answer))
        answer = await site.client.request("TRACE", "/v1/articles")
        found.append(check("TRACE", 405, answer))
    assert [] == [one for one in found if one]


def _named(good: dict[str, str], headers: dict[str, str]) -> dict[str, str]:
    spelled = {name.lower(): name for name in good}
    return {spelled.get(name, name): text for name, text in headers.items()}


async def test_no_bad_question_of_a_reader_is_a_fault_of_ours(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        await ready(site)
        found = [check(path, wanted, await site.client.get(path)) for path, wanted in QUERIES]
    assert [] == [one for one in found if one]


async def ready(site: Site) -> None:
    async with asyncio.timeout(30):
        while (await site.client.get("/readyz")).status_code != 200:  # noqa: ASYNC110 - that is how it is told
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("forged", ["expired", "unsigned", "of another key", "in the query"])
async def test_a_token_that_is_no_good_gets_nobody_in(database: str, tmp_path: Path, forged: str) -> None:
    async with in_process(database, tmp_path) as site, unmoved(database):
        true = site.editor.headers["Authorization"].removeprefix("Bearer ")
        claims = jwt.decode(true, options={"verify_signature": False})
        path, token = "/v1/articles", true
        if forged == "expired":
            key = load_signing_key(tmp_path / "signing-key.pem")
            ago = clock.now() - timedelta(hours=1)
            token = mint(key, claims["sub"], claims["sid"], timedelta(minutes=15), ago)
        elif forged == "unsigned":
            token = jwt.encode(
                claims, "", algorithm="none", headers=jwt.get_unverified_header(true) | {"alg": "none"}
            )
        elif forged == "of another key":
            token = jwt.encode(
                claims,
                "x" * 32,
                algorithm="HS256",
                headers=jwt.get_unverified_header(true) | {"alg": "HS256"},
            )
        else:
            path, token = f"/v1/articles?token={true}", ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await site.client.post(path, json=GOOD, headers=headers)
    assert "" == check(forged, 401, answer)


async def test_the_good_command_that_the_bad_ones_were_made_of_is_accepted(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        await site.editor.done("POST", "/articles", GOOD, key=str(new_id()))
        connection = await asyncpg.connect(database)
        assert 2 == await connection.fetchval("select log.head()")
        await connection.close()
