"""Describes in OpenAPI which problems a route can answer with: by status, each type with an example."""

from collections.abc import Iterable, Mapping
from typing import Any

from kit.errors import ProblemType
from kit.http.described import CHALLENGE, PROBLEM, RETRY_AFTER, ProblemDocument

type Responses = dict[int | str, dict[str, Any]]
"""Status → description, as a route and OpenAPI have it."""

_PLAIN = {"$ref": "#/components/schemas/ProblemDocument"}
_REQUEST_ID = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"
_NEEDS_A_TOKEN = 401


def refusals(
    types: Iterable[ProblemType], models: Mapping[int, type[ProblemDocument]] | None = None
) -> Responses:
    """Return the description of the answers with these problems.

    Args:
        types: all that can be answered; an example of each stands under its name.
        models: status → what its documents hold, where they hold more than any; named …Problem.
    """
    found: Responses = {}
    for one in types:
        model = (models or {}).get(one.status, ProblemDocument)
        answer = found.setdefault(one.status, _none_yet(model))
        answer["content"][PROBLEM]["examples"][one.name] = {
            "summary": one.title,
            "value": _example(one, model),
        }
        if one.status == _NEEDS_A_TOKEN:
            answer["headers"] |= CHALLENGE
        if one.again:
            answer["headers"] |= RETRY_AFTER
    for answer in found.values():
        examples = answer["content"][PROBLEM]["examples"].values()
        answer["description"] = " ".join(example["summary"] for example in examples)
    return found


def joined(first: Mapping[Any, dict[str, Any]], more: Mapping[Any, dict[str, Any]]) -> dict[Any, Any]:
    """Return both descriptions as one; what both say, and what a document holds, is as in the first."""
    found = dict(first)
    for status, answer in more.items():
        if status not in found:
            found[status] = answer
            continue
        known = found[status]
        content = dict(known.get("content", {}))
        shown = content.get(PROBLEM, {}).get("examples", {})
        further = answer["content"][PROBLEM]["examples"]
        told = (example["summary"] for name, example in further.items() if name not in shown)
        schema = {} if "model" in known else {"schema": _PLAIN}
        content[PROBLEM] = schema | content.get(PROBLEM, {}) | {"examples": further | shown}
        found[status] = known | {
            "content": content,
            "description": " ".join((known.get("description", ""), *told)).strip(),
            "headers": answer.get("headers", {}) | known.get("headers", {}),
        }
    return found


def _none_yet(model: type[ProblemDocument]) -> dict[str, Any]:
    """Return a description without examples; that of a model's schema is the framework's to add."""
    described: dict[str, Any] = {"headers": {}, "content": {PROBLEM: {"examples": {}}}}
    if model is ProblemDocument:
        described["content"][PROBLEM]["schema"] = _PLAIN
    else:
        described["model"] = model
    return described


def _example(one: ProblemType, model: type[ProblemDocument]) -> dict[str, Any]:
    """Return a document of this type: the model's own example where it is of this type."""
    extra = model.model_config.get("json_schema_extra")
    for example in extra.get("examples", ()) if isinstance(extra, dict) else ():  # type: ignore[union-attr]
        if isinstance(example, dict) and example["type"] == one.path:
            return dict(example)
    return {"type": one.path, "title": one.title, "status": one.status, "request_id": _REQUEST_ID}
