"""Query parameters: unknown ones are refused, and those that come twice; every number has bounds."""

from collections.abc import Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from urllib.parse import unquote_plus

import annotated_types
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel, ConfigDict, Field

from kit.errors import Problem
from kit.http.requests.phrases import unknown
from kit.http.requests.text import Key, plainly
from kit.problem_types import INVALID_PARAMETER

Limit = Annotated[int, Field(ge=1, le=100), plainly]
"""How many items one answer may hold."""

Position = Annotated[int, Field(ge=0, le=2**62), plainly]
"""A position of the log."""

Word = Annotated[Key, Field(min_length=1, max_length=100)]
"""A filter's value."""


class Query(BaseModel):
    """Declare parameters as fields and take them by `Annotated[TheQuery, Query()]` of FastAPI.

    Raises:
        TypeError: when a subclass has a whole number without bounds, which would reach the database some day,
            or one that is not read `plainly`, so that there would be several ways to write it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        for name, field in cls.model_fields.items():
            if _is_unbounded(field.annotation, field.metadata):
                raise TypeError(
                    f"{cls.__name__}.{name} needs an upper and a lower bound, and to be read plainly"
                )


def check_query(query: bytes, parameters: dict[str, bool]) -> None:
    """Refuse query parameters that are unknown, or that come twice where one is meant.

    Args:
        query: as it came, already checked for its %-escapes.
        parameters: name → whether it may be repeated.

    Raises:
        Problem: 400.
    """
    seen: set[str] = set()
    for part in query.decode("ascii", "replace").split("&") if query else ():
        if not part:
            raise _bad_parameter({"detail": "There is an empty parameter."})
        name = unquote_plus(part.partition("=")[0])
        repeatable = parameters.get(name)
        if repeatable is None:
            shown, detail = unknown(name, sorted(parameters) or ["none"], "parameter")
            raise _bad_parameter({"parameter": shown, "detail": detail} if shown else {"detail": detail})
        if not repeatable and name in seen:
            raise _bad_parameter({"parameter": name, "detail": "may be given once"})
        seen.add(name)


def _bad_parameter(error: dict[str, str]) -> Problem:
    return Problem(INVALID_PARAMETER, errors=[error])


def query_parameters(dependants: Sequence[Dependant]) -> dict[str, bool]:
    """Return the parameters that endpoints declare: name → whether it may be repeated."""
    found: dict[str, bool] = {}
    for dependant in dependants:
        for field in dependant.query_params:
            annotation = field.field_info.annotation
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                for name, inner in annotation.model_fields.items():
                    found[inner.alias or name] = _repeatable(inner.annotation)
            else:
                found[field.alias] = _repeatable(annotation)
    return found


def _repeatable(annotation: Any) -> bool:
    if get_origin(annotation) in {Union, UnionType}:
        return any(_repeatable(inner) for inner in get_args(annotation))
    return get_origin(annotation) is list


def _is_unbounded(annotation: Any, metadata: list[Any]) -> bool:
    if get_origin(annotation) is Annotated:
        annotation, *extra = get_args(annotation)
        metadata = [*metadata, *(piece for item in extra for piece in getattr(item, "metadata", [item]))]
    if annotation is int:
        upper = any(isinstance(item, annotated_types.Le | annotated_types.Lt) for item in metadata)
        lower = any(isinstance(item, annotated_types.Ge | annotated_types.Gt) for item in metadata)
        return not (upper and lower and plainly in metadata)
    if get_origin(annotation) in {Union, UnionType, list}:
        return any(_is_unbounded(inner, metadata) for inner in get_args(annotation))
    return False
