"""The page at / says what answers here, to people in HTML and to programs in JSON."""

import re

import pytest
from fastapi import FastAPI

from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from kit.http.front import FrontLink, front_route, prefers_json
from tests.kit.http.asking import ask

PLACES = (FrontLink("/v1/things", "every <thing>"), FrontLink("/docs", "how to ask"))
made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
made.router.routes.extend([front_route("A & B", "What this is.", PLACES)])
app = Edge(made, metrics=Metrics())

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


async def test_a_browser_gets_a_page_with_links_that_needs_nothing_but_itself() -> None:
    answer = await ask(app, "GET", "/", headers=[("accept", BROWSER)])
    page = answer.body.decode()
    assert (200, "text/html; charset=utf-8") == (answer.status, answer.header("content-type"))
    assert ["/v1/things", "/docs"] == re.findall(r'href="([^"]+)"', page)
    assert ("<h1>A &amp; B</h1>" in page, "every &lt;thing&gt;" in page) == (True, True)
    assert not re.search(r"<(script|style|link|img|iframe)|style=| on\w+=|src=", page)
    assert "default-src 'none'; frame-ancestors 'none'" == answer.header("content-security-policy")
    assert "Accept" == answer.header("vary")
    assert "same-origin" == answer.header("cross-origin-opener-policy")


async def test_a_program_gets_the_same_as_json() -> None:
    answer = await ask(app, "GET", "/", headers=[("accept", "application/json")])
    assert "application/json" == answer.header("content-type")
    assert {
        "name": "A & B",
        "about": "What this is.",
        "links": [
            {"path": "/v1/things", "about": "every <thing>"},
            {"path": "/docs", "about": "how to ask"},
        ],
    } == answer.json


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", True),
        ("application/json, text/html;q=0.9", True),
        ("application/json;charset=utf-8;q=0.8, */*;q=0.1", True),
        ("application/*", True),
        ("APPLICATION/JSON", True),
        ("", False),
        ("*/*", False),
        (BROWSER, False),
        ("application/json;q=0.5, text/html", False),
        ("application/json, text/html", False),
        ("application/json;q=1.2.3", False),
        (";;,,=", False),
    ],
)
def test_who_asks_decides_what_comes(accept: str, expected: bool) -> None:  # noqa: FBT001 - of the table
    assert expected == prefers_json(accept)
