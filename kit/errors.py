"""Refusals that people can understand: of a request, an RFC 9457 problem document; of a start, some lines."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class ProblemType(NamedTuple):
    """A kind of refusal, with a stable name. Each that can be answered is declared once, by its owner."""

    status: int
    """HTTP status code, 400 to 599."""
    name: str
    """Such as "slug-taken"; the document says "/problems/<name>"."""
    title: str
    """One sentence for a person."""
    again: bool = False
    """Whether `Retry-After` can come with it: the same request may be accepted soon."""

    @property
    def path(self) -> str:
        """What a document says as its `type`."""
        return f"/problems/{self.name}"


class Problem(Exception):  # noqa: N818 - "problem" is the standard's own word
    """A refusal with a stable type.

    Args:
        type_: the kind of problem.
        title: one sentence for a person, better than that of the type; never an echo of the input.
        detail: what to do about it; may be empty.
        errors: the places that are wrong, each {"pointer": "/field", "detail": "..."}.
        headers: extra response headers, such as Retry-After.
        facts: further members of the document, such as "base" and "theirs" of a conflict.
    """

    def __init__(
        self,
        type_: ProblemType,
        title: str = "",
        *,
        detail: str = "",
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(title or type_.title)
        self.status = type_.status
        self.type = type_.name
        self.title = title or type_.title
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
