"""The page at /docs is whole without a network, and the API document keeps nobody waiting."""

import asyncio
import re
from time import perf_counter
from typing import Any

from fastapi import FastAPI

from kit.http.docs import docs_routes
from tests.kit.http.asking import ask

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
app.router.routes.extend(docs_routes("A title", app.openapi))


async def test_the_page_loads_only_what_is_served_beside_it() -> None:
    page = (await ask(app, "GET", "/docs")).body.decode()
    loaded = re.findall(r"""(?:src|href|url)[=:] ?["']([^"']+)""", page)
    assert "A title" in page
    assert "/openapi.json" in loaded
    for place in loaded:
        answer = await ask(app, "GET", place)
        assert (200, True) == (answer.status, bool(answer.body)), place


async def test_it_is_no_part_of_the_api_document() -> None:
    assert [] == list(app.openapi()["paths"])


async def test_the_loop_goes_on_while_the_document_is_made_and_it_is_made_once() -> None:
    made: list[float] = []

    def document() -> dict[str, Any]:
        until = perf_counter() + 1.0
        while perf_counter() < until:
            pass
        made.append(until)
        return {"openapi": "3.1.0"}

    slow = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    slow.router.routes.extend(docs_routes("A title", document))
    asking = [asyncio.create_task(ask(slow, "GET", "/openapi.json")) for _ in range(3)]
    steps = 0
    while not all(one.done() for one in asking):
        await asyncio.sleep(0.01)
        steps += 1
    assert [one.result().json for one in asking] == [{"openapi": "3.1.0"}] * 3
    assert len(made) == 1
    assert steps > 10, "the loop stood still"
