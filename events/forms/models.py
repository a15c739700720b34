"""What models of values have in common: strict for what is sent, without defaults for what is shown."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    create_model,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from kit.http.described import Described


class ValueBody(Described):
    """A value with members in a command's body: unknown members are refused, types are not converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Shown(Described):
    """A value with members in an answer."""


def model(name: str, about: str, members: Mapping[str, tuple[Any, Any]], *, sent: bool = True) -> Any:
    """Return a model of a value.

    Args:
        name: of its schema.
        about: what it is, in words.
        members: name → type, and what it is when it is left out; `...`: it may not be.
        sent: whether it is part of a body; else of an answer.
    """
    made: dict[str, Any] = dict(members)
    return create_model(
        name,
        __base__=ValueBody if sent else Shown,
        __module__=__name__,
        __doc__=about,
        **made,
    )


class OrSaid(NamedTuple):
    """Marks a type whose value may be "unknown" or "none"; refusals point as if it could not."""

    words: tuple[str, ...]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        def judged(value: Any, inner: core_schema.ValidatorFunctionWrapHandler) -> Any:
            return value if value in self.words else inner(value)

        return core_schema.no_info_wrap_validator_function(judged, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"enum": list(self.words), "type": "string"}]}


def plain(value: Any) -> Any:
    """Return what a body says as JSON values; members that were left out are left out."""
    if isinstance(value, BaseModel):
        return {
            name: plain(getattr(value, name))
            for name in type(value).model_fields
            if name in value.model_fields_set
        }
    if isinstance(value, list):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, UUID) else value


def each_once(lines: list[str]) -> list[str]:
    """Refuse a line that is there twice."""
    if len(set(lines)) != len(lines):
        raise PydanticCustomError("our_lines", "must have each item once")
    return lines
