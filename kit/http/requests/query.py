"""The base of query parameters: unknown ones are refused, and every number has bounds."""

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ConfigDict, Field

from kit.http.requests.text import Key, plainly

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
