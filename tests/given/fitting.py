"""Whether an answer is one that the committed OpenAPI document declares, and which of them were seen."""

import re
from collections.abc import Iterator

import httpx2

from tests.given.described import Operation, document, faults, operations

UNTOLD = {
    "connection", "content-encoding", "content-length", "content-security-policy", "content-type", "date",
    "referrer-policy", "server", "transfer-encoding", "x-content-type-options",
}  # fmt: skip
"""Headers of the transport and for browsers, which the document says nothing about."""

ALWAYS = {"ETag", "Location", "WWW-Authenticate", "X-Request-ID"}
"""Headers that are there whenever they are declared."""


def fitting(one: Operation, answer: httpx2.Response) -> list[str]:
    """Say what in an answer is not as its operation declares."""
    declared = one.facts["responses"].get(str(answer.status_code))
    if declared is None:
        return [f"{answer.status_code} is not declared: {answer.text}"]
    return [*_in_headers(declared["headers"], answer), *_in_content(declared.get("content"), answer)]


def _in_headers(declared: dict[str, object], answer: httpx2.Response) -> Iterator[str]:
    known = {name.lower() for name in declared}
    yield from (f"no {name}" for name in ALWAYS & set(declared) if name not in answer.headers)
    yield from (f"{name} is not declared" for name in answer.headers if name not in known | UNTOLD)


def _in_content(
    declared: dict[str, dict[str, dict[str, object]]] | None, answer: httpx2.Response
) -> Iterator[str]:
    if declared is None:
        if answer.content:
            yield "a body is not declared"
        return
    type_ = answer.headers["content-type"].partition(";")[0]
    content = declared.get(type_)
    if content is None:
        yield f"{type_} is not declared"
        return
    if type_ == "text/plain" or type_.startswith("image/"):
        return
    yield from faults(answer.json(), content["schema"])
    if type_ == "application/problem+json":
        name = answer.json()["type"].removeprefix("/problems/")
        if name not in content["examples"]:
            yield f"the type {name} is not declared"


class Witness:
    """Looks at every answer of a client; remembers types of problems, and what was not declared."""

    def __init__(self) -> None:
        self.undeclared: list[str] = []
        self.statuses: set[tuple[str, int]] = set()
        """Operation and status."""
        self.problems: set[str] = set()

    def watch(self, client: httpx2.AsyncClient) -> None:
        """Look at all that this client gets from now on."""
        client.event_hooks["response"].append(self._look)

    async def _look(self, answer: httpx2.Response) -> None:
        await answer.aread()
        one = operation_of(answer.request.method, answer.request.url.path)
        if one is None:
            return
        self.statuses.add((one.name, answer.status_code))
        self.undeclared += [f"{one.name} {answer.status_code}: {said}" for said in fitting(one, answer)]
        if answer.headers.get("content-type") == "application/problem+json":
            self.problems.add(answer.json()["type"].removeprefix("/problems/"))


def operation_of(method: str, path: str) -> Operation | None:
    """Return the operation that a request is for; among several, the one with fewest parameters."""
    found = [
        one
        for one in operations()
        if one.method == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one.path), path)
    ]
    return min(found, key=lambda one: one.path.count("{"), default=None)


def declared_problems() -> set[str]:
    """Return the names of all types of problems that the document lists."""
    return set(document()["components"]["examples"])
