"""The committed OpenAPI document as tests read it: its operations, and whether a value is what it says."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from scripts.dev.openapi import PATH

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "array": list, "boolean": bool, "integer": int, "null": type(None), "number": (int, float),
    "object": dict, "string": str,
}  # fmt: skip
_FORMATS: Mapping[str, Callable[[str], object]] = {"uuid": UUID, "date-time": datetime.fromisoformat}


class Operation(NamedTuple):
    """One method of one path."""

    method: str
    path: str
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.facts["operationId"])


@cache
def document() -> dict[str, Any]:
    """Return the committed document."""
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def schemas() -> dict[str, Any]:
    """Return its schemas by name."""
    found: dict[str, Any] = document()["components"]["schemas"]
    return found


@cache
def operations() -> Sequence[Operation]:
    """Return every operation of the document."""
    return tuple(
        Operation(method.upper(), path, facts | {"responses": _responses(facts)})
        for path, methods in document()["paths"].items()
        for method, facts in methods.items()
    )


def _responses(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an operation answers by status, with the answers that several share."""
    shared = document()["components"]["responses"]
    return {
        status: shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
        for status, answer in facts["responses"].items()
    }


def resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference to a schema."""
    while "$ref" in schema:
        schema = schemas()[schema["$ref"].rpartition("/")[2]]
    return schema


def faults(value: Any, schema: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """Say where a JSON value is not what a schema says; a member that the schema does not name is a fault."""
    schema = resolved(schema)
    if "anyOf" in schema:
        if all(any(True for _ in faults(value, one, place)) for one in schema["anyOf"]):
            yield f"{place}: {value!r} is none of {schema['anyOf']}"
        return
    type_ = schema.get("type")
    if type_ is not None and (
        not isinstance(value, _TYPES[type_]) or (type_ != "boolean" and isinstance(value, bool))
    ):
        yield f"{place}: {value!r} is no {type_}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is none of {schema['enum']}"
    if isinstance(value, str):
        yield from _in_text(value, schema, place)
    if isinstance(value, list):
        first = schema.get("prefixItems", [])
        for index, item in enumerate(value):
            inner = first[index] if index < len(first) else schema.get("items", {})
            yield from faults(item, inner, f"{place}/{index}")
    if isinstance(value, dict) and type_ == "object":
        yield from _in_object(value, schema, place)


def _in_text(value: str, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    try:
        _FORMATS.get(schema.get("format", ""), str)(value)
    except ValueError:
        yield f"{place}: {value!r} is no {schema['format']}"
    if not re.search(schema.get("pattern", ""), value):
        yield f"{place}: {value!r} does not look like {schema['pattern']}"


def _in_object(value: dict[str, Any], schema: Mapping[str, Any], place: str) -> Iterator[str]:
    known = schema.get("properties", {})
    for name in set(schema.get("required", ())) - set(value):
        yield f"{place}: {name} is missing"
    for name, item in value.items():
        inner = known.get(name, schema.get("additionalProperties", False))
        if inner is False:
            yield f"{place}: {name} is not declared"
        elif inner is not True:
            yield from faults(item, inner, f"{place}/{name}")
