"""How answers and refusals are described in OpenAPI: what is absent has no default, headers have names."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

PROBLEM = "application/problem+json"


def example(value: dict[str, Any]) -> ConfigDict:
    """Return the configuration of a model that shows a whole example of itself."""
    return ConfigDict(json_schema_extra={"examples": [value]})


MADE = ConfigDict(use_attribute_docstrings=False)
"""For a model that a function makes: it stands in no file, and to look for its words there takes long."""


class Described(BaseModel):
    """Base of what is described by its members: one with a default may be absent, and is told without it.

    Generated clients send a field that has a default whether or not somebody set it. Of a change that names
    some fields, such a client would empty all the others.
    """

    model_config = ConfigDict(use_attribute_docstrings=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        for member in handler.resolve_ref_schema(schema).get("properties", {}).values():
            member.pop("default", None)
        return schema


class Fault(Described):
    """One place that is wrong: in the body (`pointer`), the query (`parameter`) or the headers (`header`)."""

    model_config = example({"pointer": "/title", "detail": "must have at most 300 characters"})

    detail: str
    """What is wrong there."""
    pointer: str = ""
    """JSON pointer into the body."""
    parameter: str = ""
    """Name of a query parameter."""
    header: str = ""
    """Name of a header."""


class ProblemDocument(Described):
    """Why a request was refused (RFC 9457)."""

    model_config = example(
        {
            "type": "/problems/invalid-parameter",
            "title": "A parameter is not valid.",
            "status": 400,
            "errors": [{"parameter": "limit", "detail": "must be at most 100"}],
            "request_id": "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e",
        }
    )

    type: str
    """Stable name of the kind of problem."""
    title: str
    """The same in words."""
    status: int
    """The status code of the answer."""
    detail: str = ""
    """What to do about it."""
    request_id: str = ""
    """Finds the request in the log."""
    errors: list[Fault] = Field(default_factory=list)
    """The places that are wrong."""


def header(about: str, example: str | int) -> dict[str, Any]:
    """Return the description of a header of an answer."""
    type_ = "integer" if isinstance(example, int) else "string"
    return {"description": about, "schema": {"type": type_}, "example": example}


RETRY_AFTER = {"Retry-After": header("Seconds after which to ask again.", 1)}

CHALLENGE = {"WWW-Authenticate": header("Which kind of token is taken.", 'Bearer realm="frankenjet"')}


def never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe what may be left out as what it is when it is there; leaving out is the way to say null."""
    some = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(some) == 1:
        schema = {name: value for name, value in schema.items() if name != "anyOf"} | some[0]
    return {name: value for name, value in schema.items() if name != "default" or value not in (None, [])}
