"""The feed's answers, described for OpenAPI from the very classes that are told."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from read_side.feed.event import StreamEvent

_ID = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"

EXAMPLE = {
    "specversion": "1.0", "id": _ID, "source": f"/frankenjet/logs/{_ID}", "type": "aircraft.published",
    "subject": f"aircraft/{_ID}", "time": "2026-01-31T12:00:00Z", "datacontenttype": "application/json",
    "dataschema": "urn:frankenjet:stream:1", "position": 171, "sequence": 12, "previous": 160, "logid": _ID,
    "epoch": "7301:1", "actor": _ID, "client": "api", "reason": "As the log book says",
    "data": {
        "kind": "aircraft", "entry": _ID, "slug": "tu-144", "path": "/v1/aircraft/tu-144",
        "title": {"ru": "Ту-144", "en": "Tu-144"}, "revision": 3,
        "changed": [
            {
                "field": "first_flight", "label": {"ru": "Первый полёт", "en": "First flight"},
                "before": {"edtf": "1969"}, "after": {"edtf": "1968-12-31"},
            }
        ],
        "line": {
            "ru": "«Ту-144»: первый полёт 31 декабря 1968, было 1969",
            "en": "«Tu-144»: first flight 31 December 1968, was 1969",
        },
    },
}  # fmt: skip
"""An event as anybody is told it."""

STREAM_EXAMPLE = 'id: 171\ndata: {"specversion":"1.0","type":"aircraft.published"}\n\n'
"""The same in a stream of events, shortened."""


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of an event of the stream, with nothing that it refers to elsewhere."""
    whole = msgspec.json.schema(StreamEvent)
    found: dict[str, Any] = _inlined(whole, whole["$defs"])
    return found


def page_schema() -> dict[str, Any]:
    """Return the JSON Schema of a page of events."""
    place = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "required": ["items", "next", "head"],
        "properties": {
            "items": {"type": "array", "items": schema()},
            "next": place | {"description": "Ask for what comes after it; there may be more before `head`."},
            "head": place | {"description": "Everything up to here can be told now."},
        },
    }


def _inlined(value: Any, parts: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_inlined(one, parts) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        beside = {name: one for name, one in value.items() if name not in {"$ref", "$defs"}}
        return _inlined(parts[value["$ref"].rpartition("/")[2]], parts) | beside
    return {name: _inlined(one, parts) for name, one in value.items() if name not in {"$defs", "default"}}
