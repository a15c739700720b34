"""How answers and refusals are described in OpenAPI: what is absent has no default, headers have names."""

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

PROBLEM = "application/problem+json"


def example(value: dict[str, Any]) -> ConfigDict:
    """Return the configuration of a model that shows a whole example of itself."""
    return ConfigDict(json_schema_extra={"examples": [value]})


class Described(BaseModel):
    """Base of what is described by its members: one with a default may be absent, and is told without it.

    Generated clients send a field that has a default whether or not somebody set it. Of a change that names
    some fields, such a client would empty all the others.

    A docstring below a member describes it. That is read, and what checks values is built, when it is needed:
    most of these classes are for the API document alone, which few processes are ever asked for.
    """

    model_config = ConfigDict(defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        names = {field.alias or name: name for name, field in cls.model_fields.items()}
        for alias, member in handler.resolve_ref_schema(schema).get("properties", {}).items():
            member.pop("default", None)
            words = _words_below(cls, names[alias])
            if words:
                member.setdefault("description", words)
        return schema


def _words_below(model: type, member: str) -> str:
    """Return the docstring below a member, where the class that declares it stands in a file."""
    declares = next(one for one in model.__mro__ if member in inspect.get_annotations(one))
    if getattr(sys.modules.get(declares.__module__), declares.__name__, None) is not declares:
        return ""  # a function made it
    return _docstrings(declares.__module__).get((declares.__name__, member), "")


@cache
def _docstrings(module: str) -> Mapping[tuple[str, str], str]:
    """Return what stands below the members of all classes of a module: (class, member) → text."""
    source = ast.parse(inspect.getsource(sys.modules[module]))
    return {
        (model.name, member.target.id): inspect.cleandoc(below.value.value)
        for model in source.body
        if isinstance(model, ast.ClassDef)
        for member, below in pairwise(model.body)
        if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(below.value.value, str)
    }


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
