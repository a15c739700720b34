"""In a real browser: a page of ours signs in and changes a name; a page of another site does neither."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.journeys.accounts.stranger import STRANGER, Letterbox, Stranger
from tests.servers.pages.chromium import Page, chromium
from tests.servers.running import as_processes

SIGN_IN = {"email": STRANGER["email"], "password": STRANGER["password"]}


async def evil(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer anything with an empty page that may do whatever a page may do."""
    await reader.readuntil(b"\r\n\r\n")
    body = b"<!doctype html><title>evil</title>"
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n")
    writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    await writer.drain()
    writer.close()


async def fetched(page: Page, path: str, **how: Any) -> list[Any]:
    """Return status and text of what a page fetches; 0: the browser shows it nothing."""
    asked = f"fetch({json.dumps(path)}, {json.dumps({'credentials': 'include', **how})})"
    script = f"{asked}.then(async a => [a.status, await a.text()]).catch(() => [0, ''])"
    found: list[Any] = await page.run(script)
    return found


def sent(method: str, body: Any, **headers: str) -> dict[str, Any]:
    return {
        "method": method,
        "body": json.dumps(body),
        "headers": {"Content-Type": "application/json", **headers},
    }


async def test_in_a_browser_a_page_of_ours_signs_in_and_one_of_another_site_changes_nothing(
    database: str, tmp_path: Path
) -> None:
    other = await asyncio.start_server(evil, "127.0.0.1", 0)
    port = other.sockets[0].getsockname()[1]
    async with as_processes(database, tmp_path) as (running, site), chromium(tmp_path / "browser") as page:
        await Stranger(site.client, Letterbox(tmp_path)).opened()
        ours = f"http://localhost:{running.port}"
        await page.go(f"{ours}/docs")
        status, text = await fetched(page, "/v1/browser-sessions", **sent("POST", SIGN_IN))
        assert 201 == status, text
        token = json.loads(text)["csrf_token"]
        assert "" == await page.run("document.cookie"), "no script reads it"
        assert 200 == (await fetched(page, "/v1/me"))[0]
        assert 403 == (await fetched(page, "/v1/me", **sent("PATCH", {"name": "No token"})))[0]
        good = sent("PATCH", {"name": "Anna P."}, **{"FrankenJet-CSRF": token})
        assert 204 == (await fetched(page, "/v1/me", **good))[0]

        for elsewhere in (f"http://127.0.0.1:{port}/", f"http://localhost:{port}/"):
            await page.go(elsewhere)  # from the second one the browser sends the cookie along
            for how in (good, sent("PATCH", {"name": "Evil"}), {"method": "DELETE"}):
                assert [0, ""] == await fetched(page, f"{ours}/v1/me", **how)
            simple = {"method": "POST", "mode": "no-cors", "body": json.dumps(SIGN_IN)}
            for path in ("/v1/browser-sessions", "/v1/me/socket-tickets"):
                assert [0, ""] == await fetched(page, ours + path, **simple)
            assert [0, ""] == await fetched(page, f"{ours}/v1/me")
            form = (
                f"f = document.createElement('form'); f.action = '{ours}/v1/browser-sessions';"
                "f.method = 'POST'; f.enctype = 'text/plain'; document.body.append(f); f.submit()"
            )
            await page.run(form)
            await asyncio.sleep(0.5)

        await page.go(f"{ours}/docs")
        status, text = await fetched(page, "/v1/me")
        assert (200, "Anna P.") == (status, json.loads(text)["name"]), "all that was tried changed nothing"
        gone = {"method": "DELETE", "headers": {"FrankenJet-CSRF": token}}
        assert 204 == (await fetched(page, "/v1/me/session", **gone))[0]
        assert 401 == (await fetched(page, "/v1/me"))[0]
    other.close()
    lines = [json.loads(one) for one in (tmp_path / "serve.log").read_text().splitlines() if one[0] == "{"]
    status = {
        path: [one["status"] for one in lines if one.get("path") == path]
        for path in ("/v1/browser-sessions", "/v1/me/socket-tickets")
    }
    assert {"/v1/browser-sessions": [201, *[403] * 4], "/v1/me/socket-tickets": [401, 403]} == status
