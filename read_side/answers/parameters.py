"""Query parameters in one pass over the query: the rules of everywhere, without the framework's cost."""

from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any, get_origin
from urllib.parse import parse_qsl

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from kit.http.refusals import joined, refusals
from kit.http.requests.limiting import Counting
from kit.http.requests.query import Query, check_query
from kit.limits.rules import Limit

SHOWN = frozenset(
    {
        "after", "category", "facets", "fields", "from", "include", "kind",
        "limit", "locale", "sort", "state", "tag", "to", "total", "units",
    }
)  # fmt: skip
"""Parameters of queries whose values may stand in a log, since they say nothing of a person."""

ANYBODY_READS = {"role": "nobody"}
"""Who may call a direct route, as OpenAPI says it: it never asks who somebody is."""

REMEMBERED, SHORT = 1_000, 200
"""Queries that need not be read again, and the bytes of the longest of them: they take little memory."""


class DirectRoute(APIRoute):
    """A route whose endpoint takes the request and nothing else; it is described like any other.

    With a `limit`, who leads requests to it counts them.
    """

    def __init__(self, *args: Any, limit: Limit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.counting = None if limit is None else Counting(limit)
        if limit is not None:
            self.responses = joined(self.responses, refusals(limit.problem_types))
        self.openapi_extra = {"x-permission": ANYBODY_READS} | (self.openapi_extra or {})

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return endpoint


class Parameters[Q: Query]:
    """Reads the query parameters that a model declares, and describes them in OpenAPI.

    Args:
        model: each field a parameter; a list may be repeated.
    """

    def __init__(self, model: type[Q]) -> None:
        self._model = model
        fields = model.model_fields.items()
        self._known = {field.alias or name: get_origin(field.annotation) is list for name, field in fields}

        self._remembered = lru_cache(REMEMBERED)(self._read)

    def read(self, request: Request) -> Q:
        """Return what a request asks for.

        Raises:
            Problem, RequestValidationError: for an unknown, repeated or invalid parameter; both become 400.
        """
        query: bytes = request.scope["query_string"]
        return self.of(query)

    def of(self, query: bytes) -> Q:
        """Return what a query asks for; raises what `read` does."""
        return self._remembered(query) if len(query) <= SHORT else self._read(query)

    def _read(self, query: bytes) -> Q:
        check_query(query, self._known)
        values: dict[str, Any] = {}
        for name, value in parse_qsl(query.decode("ascii", "replace"), keep_blank_values=True):
            if self._known[name]:
                values.setdefault(name, []).append(value)
            else:
                values[name] = value
        try:
            return self._model.model_validate(values)
        except ValidationError as error:
            raise RequestValidationError(
                [{**item, "loc": ("query", *item["loc"])} for item in error.errors()]
            ) from None

    def described(self) -> list[dict[str, Any]]:
        """Return the parameters as OpenAPI has them."""
        schema = self._model.model_json_schema()
        required = schema.get("required", ())
        return [
            {"name": name, "in": "query", "required": name in required, "schema": described}
            for name, described in schema["properties"].items()
        ]
