"""People hear at once, at whichever process, that their session ended and what waits for them."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from kit.postgres.connect import connect
from tests.journeys.accounts.stranger import STRANGER, Letterbox, Stranger
from tests.servers.pages.sockets import Closed, Socket, connected, socket_at
from tests.servers.processes import Processes, processes
from tests.servers.running import Editor, settings_for, tokens_for

ARTICLE = {"locale": "en", "title": "Comet", "summary": "s", "body": "b", "sources": [{"title": "t"}]}


class Hosts(NamedTuple):
    """Two processes on one database, somebody at the first of them, and an editor and a moderator."""

    first: Processes
    second: Processes
    somebody: Stranger
    editor: Editor
    moderator: Editor


@asynccontextmanager
async def hosts(database: str, folder: Path) -> AsyncIterator[Hosts]:
    settings = settings_for(database, folder)
    tokens = await tokens_for(settings, database)
    async with AsyncExitStack() as stack:
        both = [
            stack.enter_context(processes(settings, made))
            for made in (folder / "first", folder / "second")
            if not made.mkdir()  # type: ignore[func-returns-value]
        ]
        stack.enter_context(processes(settings, folder)).start("project")
        for one in both:
            one.start("serve")
        for one in both:
            await one.ready()
        client = await stack.enter_async_context(httpx2.AsyncClient(base_url=both[0].url, timeout=10))
        people = [Editor(client, tokens[role]) for role in ("editor", "moderator")]
        yield Hosts(both[0], both[1], Stranger(client, Letterbox(folder)), *people)


async def opened(host: Processes, somebody: Stranger, token: str) -> Socket:
    """Return a socket of a host, opened with a ticket of another one."""
    ticket = await somebody.done("POST", "/v1/me/socket-tickets", token=token)
    found = await connected(host.port, f"/v1/me/socket?ticket={ticket['ticket']}")
    assert 101 == found.status
    return found


async def heard(socket: Socket) -> Any:
    async with asyncio.timeout(30):
        return await socket.hear()


async def test_every_client_hears_within_a_second_that_its_session_ended_and_why(
    database: str, tmp_path: Path
) -> None:
    async with hosts(database, tmp_path) as site:
        somebody = site.somebody
        made = await somebody.opened()
        token = made["access_token"]
        here, there = [await opened(one, somebody, token) for one in (site.first, site.second)]
        other = await somebody.signed_in(STRANGER["email"], STRANGER["password"])
        goes_on = await opened(site.second, somebody, other["access_token"])
        async with httpx2.AsyncClient(base_url=site.second.url) as client:
            headers = {"Authorization": f"Bearer {token}"}
            async with client.stream("GET", "/v1/me/events", headers=headers) as stream:
                assert (200, "no-store") == (stream.status_code, stream.headers["cache-control"])
                lines = stream.aiter_lines()
                assert "retry: 5000" == await anext(lines)
                began = time.monotonic()
                await somebody.done("DELETE", f"/v1/me/sessions/{made['session']}", token=token)
                ended = {"event": "session-ended", "why": "signed-out"}
                assert [ended, ended] == [await heard(one) for one in (here, there)]
                said = [line async for line in lines if line]
                took = time.monotonic() - began
                assert ["event: session-ended", 'data: {"why":"signed-out"}'] == said
        assert took < 5, "a second, on a machine that has nothing else to do"
        closed = Closed(4401, "signed-out")
        assert [closed, closed] == [await heard(one) for one in (here, there)]
        await somebody.done("DELETE", "/v1/me/sessions", token=other["access_token"])
        assert "signed-out-everywhere" == (await heard(goes_on))["why"]
        again = await somebody.signed_in(STRANGER["email"], STRANGER["password"])
        last = await opened(site.second, somebody, again["access_token"])
        proof = {"account": again["account"]}
        await somebody.done("DELETE", "/v1/me", proof, token=again["access_token"])
        assert "account-erased" == (await heard(last))["why"]
        for one in (here, there, goes_on, last):
            await one.close()


async def test_a_ticket_opens_one_socket_and_only_for_pages_of_ours(database: str, tmp_path: Path) -> None:
    async with hosts(database, tmp_path) as site:
        somebody = site.somebody
        token = (await somebody.opened())["access_token"]

        async def ticket() -> str:
            made = await somebody.done("POST", "/v1/me/socket-tickets", token=token)
            return f"/v1/me/socket?ticket={made['ticket']}"

        once = await ticket()
        tried = await asyncio.gather(
            *(connected(one.port, once) for one in (site.first, site.second) for _ in range(10))
        )
        assert [101] + [401] * 19 == sorted(one.status for one in tried)
        for one in tried:
            await one.close()
        foreign = {"Origin": "https://evil.example"}
        for path, headers, expected in (
            ("/v1/me/socket", {}, 401),
            ("/v1/me/socket?ticket=", {}, 401),
            (f"/v1/me/socket?ticket=fjt_{'A' * 43}", {}, 401),
            (f"/v1/me/socket?ticket={token}", {}, 401),
            ("/v1/me/socket", {"Authorization": f"Bearer {token}"}, 401),
            (await ticket() + "&ticket=x", {}, 401),
            (await ticket(), foreign, 403),
            (await ticket(), {"Origin": f"http://127.0.0.1:{site.first.port}"}, 101),
        ):
            async with socket_at(site.first.port, path, **headers) as tried_:
                assert expected == tried_.status, path
        late = await ticket()
        owner = await connect(database, "test owner")
        await owner.execute("update auth.socket_ticket set expires_at = clock_timestamp()")
        async with socket_at(site.first.port, late) as tried_:
            assert 401 == tried_.status
            assert b'"/problems/ticket-invalid"' in await tried_.body()
        ended = await ticket()
        await owner.execute("update auth.session set revoked_at = clock_timestamp()")
        async with socket_at(site.first.port, ended) as tried_:
            assert 401 == tried_.status
        await owner.close()
        logs = (tmp_path / "first" / "serve.log").read_text() + (
            tmp_path / "second" / "serve.log"
        ).read_text()
        assert "fjt_" not in logs


async def test_an_editor_hears_that_a_submission_came_back_and_nobody_else_does(
    database: str, tmp_path: Path
) -> None:
    async with hosts(database, tmp_path) as site:
        editor, moderator = [
            await opened(site.second, site.somebody, one.headers["Authorization"].removeprefix("Bearer "))
            for one in (site.editor, site.moderator)
        ]
        await asyncio.sleep(0.6)
        made = await site.editor.done("POST", "/articles", ARTICLE)
        one = f"/articles/{made['id']}"
        await site.editor.done("PUT", f"{one}/submission", version=1)
        await site.moderator.done("POST", f"{one}/return", {"comment": "A date, please"}, version=2)
        assert {"event": "submission-returned", "kind": "article", "id": made["id"]} == await heard(editor)
        await asyncio.sleep(0.6)
        await editor.say("anything")
        assert Closed(1008, "Nothing is taken here.") == await heard(editor)
        site.second.kill("serve", signal.SIGTERM)
        assert Closed(1001, "") == await heard(moderator), "it heard of nothing but the end of the process"
        for socket in (editor, moderator):
            await socket.close()


async def test_an_account_has_ten_of_them_at_most(database: str, tmp_path: Path) -> None:
    async with hosts(database, tmp_path) as site:
        somebody = site.somebody
        token = (await somebody.opened())["access_token"]
        open_ = [await opened(site.first, somebody, token) for _ in range(10)]
        ticket = await somebody.done("POST", "/v1/me/socket-tickets", token=token)
        async with socket_at(site.first.port, f"/v1/me/socket?ticket={ticket['ticket']}") as refused:
            assert 429 == refused.status
        answer = await somebody.send("GET", "/v1/me/events", token=token)
        assert 429 == answer.status_code
        assert "/problems/too-many-listeners" == answer.json()["type"]
        await open_.pop().close()
        await asyncio.sleep(0.3)
        open_.append(await opened(site.first, somebody, token))
        for one in open_:
            await one.close()
