"""What is done to each of many entries: from the wish and an entry's state to a command on it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from events.content.field import Field as ContentField
from events.content.items import Items
from events.content.texts import MarkdownField
from kit.errors import Problem
from kit.http.problems import misfit
from kit.http.requests.body import Body
from write_side.command import Command, Why
from write_side.entry import commands
from write_side.entry.bodies import revise_body
from write_side.entry.kind import EntryKind
from write_side.entry.state import State
from write_side.problem_types import INVALID, NOT_SUBMITTED


class ChangeOfEach(Body):
    """What is done to each entry: exactly one of these."""

    set: dict[str, Any] | None = None
    """Field → its new value, as in the body that revises one entry. No long texts."""
    add: dict[str, Any] | None = None
    """Field that is a list → items that each entry has from then on."""
    take: dict[str, Any] | None = None
    """Field that is a list → items that no entry has any more: texts, or some members of an item."""
    do: Literal["publish", "archive", "restore"] | None = None
    """A step of the life. `publish` shows the submitted revision; with `force`, the newest one."""
    force: bool = Field(default=False)
    """Publish also what is not submitted; needs a reason."""

    @model_validator(mode="after")
    def _one(self) -> "ChangeOfEach":
        if sum(one is not None for one in (self.set, self.add, self.take, self.do)) != 1:
            raise PydanticCustomError("our_change", "must have exactly one of set, add, take and do")
        return self

    @property
    def is_of_life(self) -> bool:
        """Whether it is a moderator's."""
        return self.do is not None

    def said(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return self.model_dump(mode="json", exclude_unset=True)


class OneCommand(NamedTuple):
    """A command on one entry."""

    handler: Any
    body: Command


class Changing:
    """Makes the command on each entry.

    Args:
        kind: of the entries.
        change: what is done to each.
        reason: the edit summary.

    Raises:
        Problem: 422, what is set, added or taken is nothing that an entry of this kind can hold.
    """

    def __init__(self, kind: EntryKind, change: ChangeOfEach, reason: str) -> None:
        self._kind = kind
        self._change = change
        self._reason = reason
        self._model = revise_body(kind.declared)
        self._fields: Mapping[str, ContentField] = kind.content.FIELDS
        self._set = None if change.set is None else self._checked(change.set, "/change/set")
        if change.add is not None:
            self._lists(change.add, "/change/add")
            self._checked(change.add, "/change/add")
        if change.take is not None:
            self._lists(change.take, "/change/take")

    def of(self, state: State) -> OneCommand:
        """Return the command that makes the change on an entry.

        Raises:
            Problem: 409 or 422, it cannot be made on this one.
        """
        if self._set is not None:
            return OneCommand(commands.revise, self._set)
        if self._change.add is not None:
            added = {
                name: joined(self._fields[name], state.content[name], items)
                for name, items in self._change.add.items()
            }
            return OneCommand(commands.revise, self._checked(added, "/change/add"))
        if self._change.take is not None:
            left = {
                name: [item for item in state.content[name] if not any(_matches(item, one) for one in items)]
                for name, items in self._change.take.items()
            }
            return OneCommand(commands.revise, self._checked(left, "/change/take"))
        return self._step(state)

    def _step(self, state: State) -> OneCommand:
        if self._change.do == "archive":
            return OneCommand(commands.archive, Why(reason=self._reason))
        if self._change.do == "restore":
            return OneCommand(commands.restore, Why(reason=self._reason))
        revision = state.revision if state.submitted is None else state.submitted
        if state.submitted is None and state.pinned != revision and not self._change.force:
            raise Problem(NOT_SUBMITTED)
        return OneCommand(
            commands.publish,
            commands.Publish(revision=revision, force=self._change.force, reason=self._reason),
        )

    def _checked(self, values: dict[str, Any], at: str) -> Command:
        """Read values as the body that revises an entry; raises Problem 422 with pointers."""
        long = [name for name in values if isinstance(self._fields.get(name), MarkdownField)]
        if long:
            raise _refused(f"{at}/{long[0]}", "is a long text, which is changed in one entry at a time")
        if "reason" in values:
            raise _refused(at, "has no reason: that stands beside the change")
        try:
            body: Command = self._model.model_validate({**values, "reason": self._reason})
        except ValidationError as error:
            raise misfit(error, self._model, at) from None
        return body

    def _lists(self, values: dict[str, Any], at: str) -> None:
        for name, items in values.items():
            field = self._fields.get(name)
            if field is None or field.empty != ():
                known = ", ".join(name for name, one in self._fields.items() if one.empty == ())
                raise _refused(at, f"names a field that is no list; there are: {known}")
            if not isinstance(items, list) or not items:
                raise _refused(f"{at}/{name}", "must be a list with at least one item")


def joined(field: ContentField, before: Sequence[Any], items: Sequence[Any]) -> list[Any]:
    """Return a list with more items; one with the key of another takes its place."""
    key = field.key if isinstance(field, Items) else ()

    def known(item: Any) -> Any:
        if not isinstance(item, dict):
            return item
        members = {name: value for name, value in item.items() if value not in (None, "", [], {})}
        return [members.get(name) for name in key] if key else members

    result = list(before)
    for item in items:
        places = [number for number, one in enumerate(result) if known(one) == known(item)]
        if not places:
            result.append(item)
        elif isinstance(item, dict):
            result[places[0]] = {**result[places[0]], **item}
    return result


def _matches(item: Any, wanted: Any) -> bool:
    if isinstance(item, dict) and isinstance(wanted, dict):
        return bool(wanted) and all(name in item and item[name] == value for name, value in wanted.items())
    return bool(item == wanted)


def _refused(pointer: str, detail: str) -> Problem:
    return Problem(INVALID, errors=[{"pointer": pointer, "detail": detail}])
