"""Completes the OpenAPI document that the framework makes: what any answer carries, and every refusal."""

from collections import Counter
from typing import Any

from kit.http.cookies import SESSION
from kit.http.described import PROBLEM, ProblemDocument, header, never_null
from kit.http.refusals import joined, refusals
from kit.problem_types import OF_EVERY_REQUEST

_OF_ANY_ANSWER = {
    "X-Request-ID": {
        **header("Finds the request in the log.", "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"),
        "required": True,
    },
    "Cache-Control": header("Who may keep the answer, and for how long.", "no-store"),
    "RateLimit": header(
        "How much is left of which policy (`r`), and for how many seconds (`t`).",
        '"command-account-1m";r=2999;t=60',
    ),
    "RateLimit-Policy": header(
        "How often you may ask this (`q`), in how many seconds (`w`).", '"command-account-1m";q=3000;w=60'
    ),
    "Vary": header("Headers of the request that the answer depends on.", "Authorization"),
}
"""Headers that any answer can have. Those of the transport and for browsers are not described."""


_COOKIE = {
    "type": "apiKey",
    "in": "cookie",
    "name": SESSION.safe,
    "description": (
        "What a browser is signed in by (POST /v1/browser-sessions). With whatever changes something a page"
        " sends the token of the session, too, as FrankenJet-CSRF; only pages of this very origin may."
    ),
}
"""The other way to be known, wherever a token is one."""


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe what the framework does not know: refusals are problem documents, no parameter is null.

    Args:
        schema: as the framework made it; it is changed.
    """
    components = schema.setdefault("components", {})
    examples: dict[str, Any] = {}
    schemes = components.get("securitySchemes")
    if schemes:
        schemes["cookie"] = _COOKIE
    for path in schema.get("paths", {}).values():
        for operation in path.values():
            if operation.get("security"):
                operation["security"].append({"cookie": []})
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = never_null(parameter["schema"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["schema"] = never_null(content["schema"])
            responses = operation["responses"]
            if _is_framework(responses.get("422", {})):
                del responses["422"]
            of_every = {str(status): answer for status, answer in refusals(OF_EVERY_REQUEST).items()}
            responses = joined(responses, of_every)
            operation["responses"] = {
                status: _told(responses[status], examples) for status in sorted(responses)
            }
    components["responses"] = _shared(schema.get("paths", {}))
    components["headers"] = dict(_OF_ANY_ANSWER)
    components["examples"] = dict(sorted(examples.items()))
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"ProblemDocument": problem}
    return schema


def _shared(paths: dict[str, Any]) -> dict[str, Any]:
    """Let operations refer to the refusals that several of them share; return those by name.

    A refusal is named by the problems that it can be: "stale.not-a-draft-tag".
    """
    found: dict[str, Any] = {}
    every = [operation["responses"] for path in paths.values() for operation in path.values()]
    times = Counter(_name(answer) for responses in every for answer in responses.values())
    for responses in every:
        for status, answer in responses.items():
            name = _name(answer)
            if name and times[name] > 1 and found.setdefault(name, answer) == answer:
                responses[status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(found.items()))


def _name(answer: dict[str, Any]) -> str:
    """Return the problems that an answer can be, by name; empty where it can be anything else."""
    content = answer.get("content", {})
    return ".".join(content[PROBLEM]["examples"]) if content.keys() == {PROBLEM} else ""


def _told(answer: dict[str, Any], examples: dict[str, Any]) -> dict[str, Any]:
    """Return the description of an answer with all its headers; examples of problems go to `examples`."""
    of_every = {name: {"$ref": f"#/components/headers/{name}"} for name in _OF_ANY_ANSWER}
    answer = answer | {"headers": answer.get("headers", {}) | of_every}
    content = answer.get("content", {})
    if PROBLEM not in content:
        return answer
    made = content.get("application/json", {}).get("schema")
    told = content[PROBLEM]
    shown = {}
    for name, example in sorted(told["examples"].items()):
        known = examples.get(name)
        if known is None or len(example["value"]) > len(known["value"]):  # the one that shows most
            examples[name] = example
        shown[name] = {"$ref": f"#/components/examples/{name}"}
    of_model = isinstance(made, dict) and str(made.get("$ref", "")).endswith("Problem")
    described = {"schema": made if of_model else told["schema"], "examples": shown}
    others = {
        type_: one
        for type_, one in content.items()
        if type_ != PROBLEM and not (of_model and type_ == "application/json")
    }
    return answer | {"content": others | {PROBLEM: described}}


def _is_framework(response: dict[str, Any]) -> bool:
    """Tell the framework's own idea of an invalid body, which is never sent."""
    content = response.get("content", {}).get("application/json", {})
    return bool(content.get("schema", {}).get("$ref", "").endswith("/HTTPValidationError"))
