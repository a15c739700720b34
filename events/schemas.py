"""The JSON Schema of each event, for those who receive it; and whether another one of it would break them."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from events.base import Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"

type Schema = Mapping[str, Any]

_AT_MOST = ("maxLength", "maxItems", "maximum", "exclusiveMaximum")
_AT_LEAST = ("minLength", "minItems", "minimum", "exclusiveMinimum")
_LOOKED_AT = {
    *_AT_MOST, *_AT_LEAST, "$ref", "anyOf", "type", "enum", "properties", "required", "items",
    "additionalProperties",
}  # fmt: skip
_TOLD = {"$defs", "$id", "$schema", "title", "description", "default", "examples"}
"""What a schema says beside what it allows."""


def schema_of(event: type[Event]) -> dict[str, Any]:
    """Return the schema of `data` in messages that carry such an event.

    Members that it does not name are allowed: a bot of today meets the fields of tomorrow.
    """
    found = msgspec.json.schema(event)
    parts: dict[str, Any] = found.pop("$defs")
    for part in parts.values():
        part.pop("additionalProperties", None)
    top = parts.pop(event.__name__)
    named = {"title": event.TYPE, "description": (event.__doc__ or "").partition("\n")[0]}
    whole = {"$schema": DIALECT, "$id": f"urn:frankenjet:event:{event.TYPE}:{event.SCHEMA}", **top, **named}
    return whole | ({"$defs": parts} if parts else {})


def breaks(old: Schema, new: Schema) -> list[str]:
    """Return what a reader of events of the old schema could not bear in those of the new one.

    All that the new one allows has to be allowed by the old one. What is compared is what `schema_of` says;
    where it cannot be seen that nothing breaks, it is said that it does.

    Args:
        old: a schema that others may have built on.
        new: one that would take its place.
    """
    return _Compared(old, new).breaks(old, new, "")


class _Compared:
    """Two whole schemas while they are compared, part by part."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old.get("$defs", {})
        self._new = new.get("$defs", {})
        self._found: dict[tuple[str, str], list[str]] = {}
        """What two parts that are referred to differ in: of those that hold themselves, nothing yet."""

    def breaks(self, old: Schema, new: Schema, at: str) -> list[str]:
        """Return what breaks at a place: a JSON pointer."""
        pair = old.get("$ref", ""), new.get("$ref", "")
        if not any(pair):
            return list(self._breaks(old, new, at))
        if pair not in self._found or not all(pair):
            self._found[pair] = []
            followed = _followed(old, self._old), _followed(new, self._new)
            self._found[pair] = list(self._breaks(*followed, at))
        return self._found[pair]

    def _breaks(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        if "anyOf" in old or "anyOf" in new:
            ways = old.get("anyOf", [old])
            for way in new.get("anyOf", [new]):
                if all(self.breaks(one, way, at) for one in ways):
                    yield f"{at or '/'} may be something else"
            return
        yield from _values(old, new, at or "/")
        for name in sorted({*old.get("required", ())} - {*new.get("required", ())}):
            yield f"{at}/{name} may be missing"
        held = new.get("properties", {})
        for name, inner in old.get("properties", {}).items():
            if name in held:
                yield from self.breaks(inner, held[name], f"{at}/{name}")
            else:
                yield f"{at}/{name} is gone"
        for name in ("items", "additionalProperties"):
            if isinstance(old.get(name), Mapping):
                yield from self.breaks(old[name], new.get(name) or {}, f"{at}/*")


def _followed(schema: Schema, parts: Mapping[str, Schema]) -> Schema:
    while "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    return schema


def _values(old: Schema, new: Schema, at: str) -> Iterator[str]:
    if "enum" in old and not ("enum" in new and all(one in old["enum"] for one in new["enum"])):
        yield f"{at} may have other values"
    if "type" in old and "enum" not in new and new.get("type") != old["type"]:
        yield f"{at} has another type"
    if any(new.get(name) != old[name] for name in old.keys() - _LOOKED_AT - _TOLD):
        yield f"{at} has another form"
    if any(name in old and new.get(name, float("inf")) > old[name] for name in _AT_MOST):
        yield f"{at} may be larger"
    if any(name in old and new.get(name, float("-inf")) < old[name] for name in _AT_LEAST):
        yield f"{at} may be smaller"
