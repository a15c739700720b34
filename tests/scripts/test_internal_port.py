"""What is for those who run it can have a port of its own."""

import asyncio
import socket
from pathlib import Path

import httpx2

from tests.servers.processes import free_port, processes
from tests.servers.running import settings_for

FOR_OPERATORS = (
    "/metrics", "/readyz", "/docs", "/openapi.json", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css",
    "/docs/favicon-32x32.png",
)  # fmt: skip
FOR_ALL = ("/livez", "/v1/articles")


async def test_what_is_for_operators_answers_on_the_internal_port_only(database: str, tmp_path: Path) -> None:
    internal = free_port()
    settings = settings_for(database, tmp_path, redis_url="")
    with processes(settings, tmp_path, FRANKENJET_INTERNAL_PORT=str(internal)) as running:
        running.start("serve")
        async with httpx2.AsyncClient(timeout=60) as client:  # the document takes seconds of the processor
            await listening(running.port)
            for path in FOR_OPERATORS:
                refused = await client.get(f"{running.url}{path}")
                assert (404, "/problems/not-found") == (refused.status_code, refused.json()["type"])
                assert (await client.get(f"http://127.0.0.1:{internal}{path}")).status_code in {200, 503}
            front = (await client.get(running.url, headers={"Accept": "application/json"})).json()
            assert ["/v1/articles", "/livez"] == [one["path"] for one in front["links"]]
            for path in FOR_ALL:
                urls = [f"http://127.0.0.1:{port}{path}" for port in (running.port, internal)]
                both = [await client.get(url) for url in urls]
                assert both[0].status_code == both[1].status_code
                assert both[0].json()["type" if both[0].status_code == 503 else "alive"]
                assert ["web", "web"] == [answer.headers["server"] for answer in both]


async def listening(port: int) -> None:
    """Wait until somebody listens on a port."""
    async with asyncio.timeout(30):
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                await asyncio.sleep(0.05)
            else:
                return
