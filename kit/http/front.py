"""The page at /: what answers here and where to go on, for people with a browser and for programs."""

from collections.abc import Sequence
from functools import partial
from html import escape
from typing import NamedTuple

import orjson
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from kit.http.deferred import DeferredRoute
from kit.http.pages import ALONE
from kit.http.requests.accepting import media_type

_HTML, _JSON = "text/html", "application/json"

_HEADERS = {"Cache-Control": "public, max-age=0, must-revalidate", "Vary": "Accept"}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body>
<h1>{title}</h1>
<p>{about}</p>
<ul>
{links}
</ul>
</body>
</html>
"""
"""No script, no style, no picture: the policy of every answer, `default-src 'none'`, holds for it too."""


class FrontLink(NamedTuple):
    """Where something is, and what."""

    path: str
    about: str


def front_route(title: str, about: str, places: Sequence[FrontLink]) -> DeferredRoute:
    """Return the route of the page; it is HTML unless the request prefers JSON.

    Args:
        title: of the page.
        about: what this is, in a sentence or two.
        places: where to go on.
    """
    links = "\n".join(
        f'<li><a href="{escape(path)}">{escape(path)}</a>: {escape(words)}</li>' for path, words in places
    )
    page = _PAGE.format(title=escape(title), about=escape(about), links=links).encode()
    document = orjson.dumps({"name": title, "about": about, "links": [one._asdict() for one in places]})

    async def front(request: Request) -> Response:
        if prefers_json(request.headers.get("accept", "")):
            return Response(document, media_type=_JSON, headers=_HEADERS)
        return Response(page, media_type=_HTML, headers=_HEADERS | {"Cross-Origin-Opener-Policy": ALONE})

    return DeferredRoute("GET", "/", lambda: partial(APIRoute, endpoint=front, include_in_schema=False))


def prefers_json(accept: str) -> bool:
    """Say whether a request would rather have JSON than HTML; by default it would not."""
    return media_type(accept, (_HTML, _JSON)) == _JSON
