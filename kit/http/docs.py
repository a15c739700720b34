"""The API document, and the page at /docs: a viewer of our own serving, so it works without a network."""

import asyncio
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from typing import Any

import orjson
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, Response

from kit.http.deferred import DeferredRoute, Rest
from kit.http.pages import Nonce, Policy, pages

PLACE = "/docs"
DOCUMENT = "/openapi.json"

_VIEWER = files("fastapi_swagger.resources")

_PARTS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
"""What the page loads, and of which type it is."""

DOCS = frozenset({PLACE, DOCUMENT, *(f"{PLACE}/{name}" for name in _PARTS)})
"""Every path of the document and the page."""

_POLICY = Policy("'self'", styles="'self' 'unsafe-inline'", images="'self' data:", connects="'self'")
"""The viewer sets styles by itself."""

_KEEP = {"Cache-Control": "public, max-age=86400"}


def docs_routes(title: str, document: Callable[[], dict[str, Any]]) -> tuple[DeferredRoute, ...]:
    """Return the routes of the API document, of the page and of what it loads.

    Args:
        title: of the page.
        document: makes the API document. It is asked once, in a thread: that can take more than a second.
    """
    whole = _made_once(document)
    return (
        DeferredRoute("GET", DOCUMENT, lambda: _hidden(whole)),
        DeferredRoute("GET", PLACE, lambda: _page(title)),
        *(DeferredRoute("GET", f"{PLACE}/{name}", partial(_part, name)) for name in _PARTS),
    )


def _hidden(endpoint: Callable[..., Any], route_class: type[APIRoute] = APIRoute) -> Rest:
    return partial(route_class, endpoint=endpoint, include_in_schema=False)


def _page(title: str) -> Rest:
    js, css, icon = (f"{PLACE}/{name}" for name in _PARTS)
    page = get_swagger_ui_html(
        openapi_url=DOCUMENT,
        title=title,
        swagger_js_url=js,
        swagger_css_url=css,
        swagger_favicon_url=icon,
        swagger_ui_parameters={"tryItOutEnabled": True},
    )

    before, script, after = bytes(page.body).decode().rpartition("<script>")
    assert script  # noqa: S101 - the one inline script of the page

    async def shown(nonce: Nonce) -> Response:
        return HTMLResponse(f'{before}<script nonce="{nonce}">{after}')

    return _hidden(shown, pages(_POLICY))


def _part(name: str) -> Rest:
    return _hidden(_answer(_VIEWER.joinpath(name).read_bytes(), _PARTS[name], _KEEP))


def _made_once(document: Callable[[], dict[str, Any]]) -> Callable[[], Any]:
    making = asyncio.Lock()
    made = b""

    async def answer() -> Response:
        nonlocal made
        async with making:  # who comes meanwhile waits for the same one
            if not made:
                made = await asyncio.to_thread(lambda: orjson.dumps(document()))
        return Response(made, media_type="application/json")

    return answer


def _answer(body: bytes, type_: str, headers: dict[str, str]) -> Callable[[], Response]:
    def answer() -> Response:
        return Response(body, media_type=type_, headers=headers)

    return answer
