"""What changes while a request is on its way counts: rights that end, a database that goes away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson

from kit.auth.standing import FRESH_SECONDS
from tests.faults.test_bad_input import GOOD, unmoved
from tests.servers.proxy import proxied
from tests.servers.running import in_process, problem
from tests.write_side.log.given import value

END = "update auth.session set revoked_at = clock_timestamp() where revoked_at is null"


async def test_an_editor_who_loses_the_session_while_the_body_arrives_writes_nothing(
    database: str, tmp_path: Path
) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        body = orjson.dumps(GOOD)
        yield body[:5]
        await value(database, END)
        await asyncio.sleep(FRESH_SECONDS + 0.2)
        yield body[5:]

    async with in_process(database, tmp_path, projector=False) as site, unmoved(database):
        headers = site.editor.headers | {"content-type": "application/json"}
        answer = await site.client.post("/v1/articles", content=slowly(), headers=headers)
    assert 401 == answer.status_code


async def test_a_name_cannot_be_told_while_the_database_is_away(database: str, tmp_path: Path) -> None:
    async with (
        proxied(database) as (proxy, dsn),
        in_process(dsn, tmp_path, projector=False) as site,
    ):
        who = await value(database, "select id from auth.account limit 1")
        place, headers = f"/v1/accounts/{who}", site.moderator.headers
        assert 200 == (await site.client.get(place, headers=headers)).status_code
        await proxy.refuse()
        proxy.reset()
        answer = await site.client.get(place, headers=headers)
        assert (503, "1") == (answer.status_code, answer.headers["retry-after"])
        assert "/problems/accounts-unavailable" == problem(answer)["type"]
