"""What is decided about a picture that is there. Pure: from a state and a wish to events."""

from collections.abc import Mapping
from typing import Any

import msgspec

from events.base import Event
from events.content.checks import FieldError
from events.content.localized import LANGUAGES
from events.content.pictures import DESCRIPTION
from events.media import MediaDescribed, MediaRestored, MediaSuppressed
from kit.errors import Problem
from write_side.media.aggregate import MediaState
from write_side.problem_types import INVALID


def describe(state: MediaState, given: Mapping[str, Any]) -> list[Event]:
    """Say something of a picture; what is not given stays as it is.

    Args:
        state: the picture.
        given: JSON values by name, as bodies say them.

    Raises:
        Problem: 422, a value is none that there may be.
    """
    values = {field.name: getattr(state, field.name) for field in DESCRIPTION}
    wrong = []
    for field in DESCRIPTION:
        if field.name in given:
            before = msgspec.to_builtins(values[field.name])
            try:
                values[field.name] = field.admit(field.merged(before, given[field.name]))
            except FieldError as error:
                wrong.append({"pointer": f"/{field.name}{error.pointer}", "detail": error.detail})
    if wrong:
        raise Problem(INVALID, errors=wrong)
    if all(getattr(state, name) == value for name, value in values.items()):
        return []
    return [MediaDescribed(**values)]


def taken_away(before: MediaState, after: Event) -> list[str]:
    """Return pointers to what readers need of a picture and would lose: its licence, its words.

    Args:
        before: the picture.
        after: what is said of it from then on.
    """
    lost = ["/licence"] if before.licence and not after.licence else []  # type: ignore[attr-defined]
    old, new = before.alt, after.alt  # type: ignore[attr-defined]  # fields are declared once, elsewhere
    return lost + [f"/alt/{one}" for one in LANGUAGES if getattr(old, one) and not getattr(new, one)]


def suppress(state: MediaState, reason: str) -> list[Event]:
    """Show a picture to nobody any more."""
    return [] if state.suppressed else [MediaSuppressed(reason=reason)]


def restore(state: MediaState) -> list[Event]:
    """Show a suppressed picture again."""
    return [MediaRestored()] if state.suppressed else []
