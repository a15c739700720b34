"""Bodies that an HTML form posts: the same strictness as for JSON, and no foreign page sends one."""

import re
from collections.abc import Sequence
from typing import Any, get_origin
from urllib.parse import parse_qsl

from pydantic import ConfigDict

from kit.errors import Problem
from kit.http.described import Described
from kit.http.requests.headers import single
from kit.problem_types import FOREIGN_FORM, INVALID_BODY, INVALID_FORM, UNSUPPORTED_MEDIA_TYPE

FORM = "application/x-www-form-urlencoded"

MOST_FIELDS = 200
"""Fields that a form may send, those included that come several times."""

_TYPES = frozenset({FORM, f"{FORM};charset=utf-8"})
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Form(Described):
    """Base of a body that is a form: unknown fields are refused; one that is a list may come several times.

    All fields are texts when they come. Numbers are read `plainly`, as those of a query. A box that is not
    ticked is not sent, so it has a default.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=False)


def form(headers: Sequence[tuple[bytes, bytes]], raw: bytes, model: type[Form]) -> dict[str, Any]:
    """Return what a form says, by field.

    Raises:
        Problem: 415 when it is no form or compressed; 403 when the page of another site sent it; 400 when it
            cannot be read or has too many fields; 422 when a field comes twice that may come once.
    """
    media_type = (single(headers, b"content-type") or "").replace(" ", "").replace('"', "").lower()
    if media_type not in _TYPES or (single(headers, b"content-encoding") or "identity").lower() != "identity":
        raise Problem(UNSUPPORTED_MEDIA_TYPE, f"A form is sent as {FORM} in UTF-8, uncompressed.")
    _refuse_foreign(headers)
    if not raw.isascii() or _BROKEN_ESCAPE.search(raw) or b";" in raw:
        raise _invalid()
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict",
            max_num_fields=MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise _invalid() from None
    repeated = {
        field.alias or name
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) is list
    }
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in repeated:
            found.setdefault(name, []).append(value)
        elif name not in found:
            found[name] = value
        elif name in model.model_fields:
            errors = [{"pointer": f"/{name}", "detail": "may be given once"}]
            raise Problem(INVALID_BODY, errors=errors)
    return found


def _refuse_foreign(headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Refuse what a browser sent for a page of another site: it asks nobody before it posts a form."""
    site = single(headers, b"sec-fetch-site") or "none"
    origin = single(headers, b"origin")
    host = single(headers, b"host") or ""
    if site not in {"same-origin", "none"} or (
        origin is not None and origin.partition("://")[2].lower() != host.lower()
    ):
        raise Problem(FOREIGN_FORM)


def _invalid() -> Problem:
    return Problem(INVALID_FORM)
