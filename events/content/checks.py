"""How a value is refused: the error with its place, and the check of a length."""

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
