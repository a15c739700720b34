"""The page at /docs is whole without a network."""

import re

from fastapi import FastAPI

from kit.http.docs import docs_routes
from tests.kit.http.asking import ask

app = FastAPI(docs_url=None, redoc_url=None)
app.router.routes.extend(docs_routes("A title").routes)


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
