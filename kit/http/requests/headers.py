"""Reading request headers: those that may be there once, and those that are a list."""

from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import Request

from kit.errors import Problem
from kit.problem_types import INVALID_HEADER


def single(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return the value of a header, or None when it is absent.

    Args:
        headers: names in lower case, values undecoded, as ASGI gives them.
        name: in lower case.

    Raises:
        Problem: 400 when the header is there twice: another reader may see another request.
    """
    found: str | None = None
    for header, value in headers:
        if header == name:
            if found is not None:
                raise twice(name)
            found = value.decode("latin-1")
    return found


def joined(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return the value of a header that is a list: several lines are one (RFC 9110, 5.3). None: absent."""
    found = [value.decode("latin-1") for header, value in headers if header == name]
    return ", ".join(found) if found else None


def twice(name: bytes) -> Problem:
    """Return the refusal of a request that sends a header twice."""
    shown = name.decode()
    errors = [{"header": shown, "detail": "may be sent once"}]
    return Problem(INVALID_HEADER, f"The header {shown} may be sent once.", errors=errors)


class OneHeader[T]:
    """A FastAPI dependency that reads one header, once, and describes it in OpenAPI.

    Args:
        name: as it is usually spelt.
        read: turns its value, or None, into what the endpoint takes; raises Problem.
        required: whether OpenAPI says so.
        about: one sentence for OpenAPI.
    """

    def __init__(
        self, name: str, read: Callable[[str | None], T], *, about: str, required: bool = False
    ) -> None:
        self._name = name.lower().encode()
        self._read = read
        self.openapi_parameters: tuple[dict[str, Any], ...] = (
            {
                "name": name,
                "in": "header",
                "required": required,
                "description": about,
                "schema": {"type": "string"},
            },
        )

    def of(self, headers: Iterable[tuple[bytes, bytes]]) -> T:
        """Return what the header of a request says."""
        return self._read(single(headers, self._name))

    async def __call__(self, request: Request) -> T:
        return self.of(request.scope["headers"])
