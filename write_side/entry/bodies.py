"""The bodies of the two commands that carry the content of a kind, made from its declaration."""

from functools import cache
from typing import Any

from pydantic import create_model

from events.forms.fields import body
from events.kind import Kind
from write_side.command import Command
from write_side.entry.commands import CreateEntry, CreateLocalEntry, ReviseEntry, ReviseLocalEntry


@cache
def create_body(kind: Kind) -> Any:
    """Return the body that makes an entry of a kind: it needs the title, and what it is known by."""
    base = CreateLocalEntry if kind.localized else CreateEntry
    return _model("Create", kind, base, f"Make {kind.one}; its first revision is an open draft.")


@cache
def revise_body(kind: Kind) -> Any:
    """Return the body that changes an entry of a kind: what is left out stays as it is."""
    about = "Change the fields that are given; the others stay as they are."
    return _model("Revise", kind, ReviseLocalEntry if kind.localized else ReviseEntry, about)


def _model(verb: str, kind: Kind, base: type[Command], about: str) -> Any:
    members: dict[str, Any] = {one.name: (body(one), None) for one in kind.fields}
    if issubclass(base, CreateEntry):
        for name in ("title", *kind.identity):
            members[name] = (members[name][0], ...)
    return create_model(
        f"{verb}{kind.spelt}",
        __base__=base,
        __module__=__name__,
        __doc__=about,
        **members,
    )
