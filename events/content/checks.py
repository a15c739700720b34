"""How a value is refused: the error with its place, and the checks of a type and of a length."""

from collections.abc import Callable
from typing import Any

import msgspec

from events.base import IS_READ


class FieldError(ValueError):
    """A value that a field never takes.

    Args:
        detail: what is wrong with it, without the value.
        pointer: where in the value, as a JSON pointer; empty: all of it.
    """

    def __init__(self, detail: str, pointer: str = "") -> None:
        super().__init__(f"{pointer} {detail}" if pointer else detail)
        self.detail = detail
        self.pointer = pointer


def check_length(value: str, limit: int, least: int = 0) -> None:
    """Refuse a text that is too long or too short; what is read is as long as it is.

    Raises:
        FieldError: saying how long it may be.
    """
    if IS_READ.get():
        return
    if len(value) > limit:
        raise FieldError(f"must have at most {limit:,} characters")
    if len(value) < least:
        raise FieldError("must not be empty" if least == 1 else f"must have at least {least} characters")


def converter(type_: Any) -> Callable[[Any], Any]:
    """Return what turns JSON values into a type, or raises FieldError.

    msgspec prepares a type that is no class again for each value, unless it is in a struct.
    """
    prepared: Any = (
        None
        if isinstance(type_, type)
        else msgspec.defstruct("Prepared", [("value", type_)], array_like=True)
    )

    def converted(value: Any) -> Any:
        try:
            if prepared is None:
                return msgspec.convert(value, type_)
            return msgspec.convert((value,), prepared).value
        except msgspec.ValidationError:
            return refused(value)

    def refused(value: Any) -> Any:
        try:
            return msgspec.convert(value, type_)  # says what is wrong without the struct
        except msgspec.ValidationError as error:
            raise FieldError(str(error)) from error

    return converted
