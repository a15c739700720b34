"""What waits for somebody reaches him at any process; who is too far behind is told to look for himself."""

import asyncio
from pathlib import Path
from uuid import UUID

import httpx2

from kit.ids import new_id
from kit.postgres.connect import connect
from tests.given.imports import BYTES, admin_of
from tests.journeys.accounts.test_sockets import heard, hosts, opened
from tests.servers.pages.sockets import Closed
from tests.servers.proxy import proxied
from write_side.accounts.socket.listeners import ASK_AGAIN, WAITING
from write_side.accounts.socket.looking import UNKNOWN_SECONDS, listeners

ENDED = """
insert into auth.import_run (id, actor, format, dry_run, ended_at)
select gen_random_uuid(), $1, 'ndjson', false, clock_timestamp() from generate_series(1, $2)"""


async def said(lines: "asyncio.Queue[str]", count: int) -> list[str]:
    async with asyncio.timeout(30):
        return [await lines.get() for _ in range(count)]


async def test_anyone_who_imports_hears_of_its_end_and_with_more_than_waits_for_him_to_look_himself(
    database: str, tmp_path: Path
) -> None:
    async with hosts(database, tmp_path) as site:
        admin = await admin_of(database, tmp_path)
        token = admin["Authorization"].removeprefix("Bearer ")
        me = UUID((await site.somebody.client.get("/v1/me", headers=admin)).json()["id"])
        socket = await opened(site.second, site.somebody, token)
        other = await opened(
            site.second, site.somebody, site.moderator.headers["Authorization"].removeprefix("Bearer ")
        )
        lines: asyncio.Queue[str] = asyncio.Queue()

        async def follow() -> None:
            async with (
                httpx2.AsyncClient(base_url=site.second.url) as client,
                client.stream("GET", "/v1/me/events", headers=admin) as stream,
            ):
                async for line in stream.aiter_lines():
                    if line and not line.startswith(":"):
                        lines.put_nowait(line)
            lines.put_nowait("the end")

        following = asyncio.create_task(follow())
        assert ["retry: 5000"] == await said(lines, 1)
        begun = await site.somebody.client.post(
            "/v1/imports?format=ndjson&source=x", content=b"{}\n", headers=admin | {"Content-Type": BYTES}
        )
        assert 202 == begun.status_code, begun.text
        run = begun.json()["id"]
        assert {"event": "import-ended", "kind": "import", "id": run} == await heard(socket)
        assert [
            "event: import-ended",
            f'data: {{"kind":"import","id":"{run}"}}',
        ] == await said(lines, 2)

        owner = await connect(database, "test owner")
        await owner.execute(ENDED, me, WAITING + 1)
        await owner.close()
        told = [await heard(socket)]
        while not isinstance(told[-1], Closed):
            told.append(await heard(socket))
        assert [{"event": "ask-again"}, Closed(1013, "")] == told[-2:]
        assert len(told) < WAITING, "what waited is not told any more"
        await following
        told = await said(lines, lines.qsize())
        assert ["event: ask-again", "data: {}", "the end"] == told[-3:]
        await other.say("anything")
        assert Closed(1008, "Nothing is taken here.") == await heard(other), "nothing was for him"
        for one in (socket, other):
            await one.close()


async def test_while_nobody_can_tell_whether_a_session_goes_on_its_clients_are_sent_away(
    database: str,
) -> None:
    async with proxied(database) as (proxy, dsn), listeners(dsn) as found:
        with found.listening(new_id(), new_id()) as listener:
            await asyncio.sleep(0.5)
            assert not listener.behind
            await proxy.refuse()
            proxy.reset()
            async with asyncio.timeout(2 * UNKNOWN_SECONDS):
                assert ASK_AGAIN == await listener.next()
