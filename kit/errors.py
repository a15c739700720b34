"""Refusals that people can understand: of a request, an RFC 9457 problem document; of a start, some lines."""

from collections.abc import Mapping, Sequence
from typing import Any


class Problem(Exception):  # noqa: N818 - "problem" is the standard's own word
    """A refusal with a stable type.

    Args:
        status: HTTP status code, 400 to 599.
        type_: stable slug of the kind of problem, such as "slug-taken"; becomes "/problems/<slug>".
        title: one sentence for a person; never an echo of the input.
        detail: what to do about it; may be empty.
        errors: the places that are wrong, each {"pointer": "/field", "detail": "..."}.
        headers: extra response headers, such as Retry-After.
        facts: further members of the document, such as "base" and "theirs" of a conflict.
    """

    def __init__(
        self,
        status: int,
        type_: str,
        title: str,
        *,
        detail: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.type = type_
        self.title = title
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.facts = dict(facts or {})

    def document(self, request_id: str = "") -> dict[str, Any]:
        """Return the members of the problem document (RFC 9457, section 3)."""
        body: dict[str, Any] = {"type": f"/problems/{self.type}", "title": self.title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = self.errors
        if request_id:
            body["request_id"] = request_id
        return body | self.facts


class Refused(Exception):  # noqa: N818 - a verdict
    """A process of this build must not run on what it found.

    Attributes:
        lines: one for each reason, with how to mend it.
    """

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines
