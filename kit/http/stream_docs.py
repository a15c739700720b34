"""The AsyncAPI document, and a page that shows it: made here, so that it needs no script and no network."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from html import escape
from typing import Any

import orjson
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, Response

from kit.http.deferred import DeferredRoute, Rest
from kit.http.pages import Policy, pages

PLACE = "/docs/stream"
DOCUMENT = "/asyncapi.json"

STREAM_DOCS = frozenset({PLACE, DOCUMENT})
"""Both paths."""

_POLICY = Policy(styles="'unsafe-inline'")

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code { background: #f2f2f2; padding: 0 .2em } table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; border-top: 1px solid #ddd; padding: .3em .6em }
"""


def stream_docs_routes(title: str, document: Callable[[], dict[str, Any]]) -> tuple[DeferredRoute, ...]:
    """Return the routes of the AsyncAPI document and of its page.

    Args:
        title: of the page.
        document: makes the document; it is asked once, in a thread.
    """
    making = asyncio.Lock()
    made: dict[str, Any] = {}

    async def whole() -> dict[str, Any]:
        async with making:  # who comes meanwhile waits for the same one
            if not made:
                made.update(await asyncio.to_thread(document))
        return made

    async def shown() -> Response:
        return HTMLResponse(page(title, await whole()))

    async def told() -> Response:
        return Response(orjson.dumps(await whole()), media_type="application/json")

    return (
        DeferredRoute("GET", DOCUMENT, lambda: _hidden(told)),
        DeferredRoute("GET", PLACE, lambda: _hidden(shown, pages(_POLICY))),
    )


def _hidden(endpoint: Callable[..., Any], route_class: type[APIRoute] = APIRoute) -> Rest:
    return partial(route_class, endpoint=endpoint, include_in_schema=False)


def page(title: str, document: Mapping[str, Any]) -> str:
    """Return the page of an AsyncAPI document: its channels, their messages, and what those hold."""
    info = document["info"]
    about = "".join(f"<p>{escape(one)}</p>" for one in info["description"].split("\n\n"))
    parts = "".join([*map(_channel, document["channels"].values()), *_schemas(document["components"])])
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}: the stream</title>'
        f"<style>{_STYLE}</style><h1>{escape(info['title'])} {escape(info['version'])}</h1>{about}"
        f'<p>For programs: <a href="{DOCUMENT}">{DOCUMENT}</a></p>{parts}</html>'
    )


def _channel(channel: Mapping[str, Any]) -> str:
    names = ", ".join(f"<code>{escape(name)}</code>" for name in channel["messages"])
    told = f"<p>{escape(channel['description'])}</p><p>Address: <code>{escape(channel['address'])}</code></p>"
    return f"<h2>{escape(channel['title'])}</h2>{told}<p>{names}</p>"


def _schemas(components: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in components["schemas"].items():
        members = schema.get("properties", {})
        needed = set(schema.get("required", ()))
        rows = "".join(
            f"<tr><td><code>{escape(member)}</code><td>{escape(_type(said))}"
            f"<td>{'always' if member in needed else ''}<td>{escape(said.get('description', ''))}"
            for member, said in members.items()
        )
        about = escape(schema.get("description", "").partition("\n")[0])
        yield f'<h3 id="{escape(name)}">{escape(name)}</h3><p>{about}</p><table>{rows}</table>'


def _type(schema: Mapping[str, Any]) -> str:
    """Return the type of a member in a word or two."""
    if "$ref" in schema:
        found: str = schema["$ref"].rpartition("/")[2]
        return found
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type", "anything"))
