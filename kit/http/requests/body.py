"""Routes that are strict about bodies and queries: one media type, one reading, nothing unknown or twice."""

from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import cached_property
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import ConfigDict
from starlette.convertors import StringConvertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from kit.errors import Problem, ProblemType
from kit.http.deferred import whole
from kit.http.described import Described
from kit.http.refusals import joined, refusals
from kit.http.requests.calling import Answering, calling
from kit.http.requests.forms import FORM, Form, form
from kit.http.requests.head import SAFE
from kit.http.requests.headers import single
from kit.http.requests.limiting import Counting
from kit.http.requests.query import check_query, query_parameters
from kit.http.requests.room import UNBOUNDED, Held, Reading, room_for
from kit.http.requests.strict_json import parse
from kit.http.requests.uploads import Upload
from kit.limits.rules import Limit
from kit.problem_types import (
    BAD_REQUEST,
    NOT_FOUND,
    OF_A_BODY,
    OF_A_FORM,
    OF_JSON,
    UNSUPPORTED_MEDIA_TYPE,
)

_PLAIN_TYPES = frozenset({"application/json", "application/json;charset=utf-8"})


BODIES = Held()
"""Counts the bodies of this process."""


class Body(Described):
    """Base of every command that is a request body: unknown fields are refused, types are not converted.

    Fields are str, int, bool, float, Literal, list, other Bodies, and the types of `kit.http.requests.text`.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=False)


class StrictRoute(APIRoute):
    """A route that is strict about what it is sent; pass it as `APIRouter(route_class=StrictRoute)`.

    Who may not call it learns so before the body is read: dependencies with `before_body` come first.
    Query parameters are known when the endpoint or one of its own dependencies declares them. A dependency
    that reads headers by itself describes them for OpenAPI in an attribute `openapi_parameters`, and what it
    refuses in `problem_types`. A body is JSON, or where its model is a `Form`, a form; a file comes by the
    dependency `Upload`. With a `limit` it counts its requests.
    """

    def __init__(self, *args: Any, limit: Limit | None = None, **kwargs: Any) -> None:
        self.limit = limit
        super().__init__(*args, **kwargs)
        described = [
            parameter
            for found in _all(self.dependant)
            for parameter in getattr(found.call, "openapi_parameters", ())
        ]
        said = (getattr(one.call, "permission", None) for one in _all(self.dependant))
        permission = next((one for one in said if one is not None), None)
        if permission is not None:
            self.openapi_extra = {"x-permission": permission._asdict()} | (self.openapi_extra or {})
        if described:
            self.openapi_extra = {"parameters": described} | (self.openapi_extra or {})
        if self._upload is not None:
            self.openapi_extra = {"requestBody": self._upload.openapi_body} | (self.openapi_extra or {})
        if self._form is not None and self.body_field is not None:
            self.body_field.field_info.media_type = FORM  # type: ignore[attr-defined]  # it is FastAPI's Body
        self.responses = joined(self.responses, refusals(self._problem_types()))

    def _problem_types(self) -> Iterator[ProblemType]:
        """Yield what it refuses for its path and its body, and what its dependencies say that they refuse."""
        if self.param_convertors:
            yield NOT_FOUND
        if self.limit is not None:
            yield from self.limit.problem_types
        if self.body_field is not None:
            yield from OF_A_BODY + (OF_JSON if self._form is None else OF_A_FORM)
        for found in _all(self.dependant):
            yield from getattr(found.call, "problem_types", ())
            if not SAFE.issuperset(self.methods or ()):
                yield from getattr(found.call, "changing_problem_types", ())

    @cached_property
    def _called(self) -> Answering | None:
        return None if self.dependency_overrides_provider else calling(self.dependant)

    @cached_property
    def _upload(self) -> Upload | None:
        return next((one.call for one in _all(self.dependant) if isinstance(one.call, Upload)), None)

    @cached_property
    def _form(self) -> type[Form] | None:
        models = () if self.body_field is None else _members(self.body_field.field_info.annotation)
        return next((one for one in models if isinstance(one, type) and issubclass(one, Form)), None)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        answer = self._called
        dependants = list(_all(self.dependant))
        gates = [found.call for found in dependants if getattr(found.call, "before_body", False)]
        parameters = query_parameters(dependants)
        takes_body = self.body_field is not None
        model = self.body_field.field_info.annotation if self.body_field is not None else None
        room = self.room
        form_model = self._form

        counting = Counting(self.limit) if self.limit is not None else None

        async def strict(request: Request) -> Response:
            if counting is not None:
                await counting.before(request)
            for gate in gates:
                await gate(request)  # type: ignore[misc]  # a gate takes the request alone
            if counting is not None:
                await counting.known(request)
            query: bytes = request.scope["query_string"]
            if query:
                check_query(query, parameters)
            if not takes_body:
                return await handle(request) if answer is None else await answer(request, None)
            with Reading(BODIES, room) as reading:
                raw = await read_body(request.receive, reading)
                request.scope.get("state", {}).pop("identity", None)  # a body takes its time: who is it now?
                document = None
                scope = request.scope
                if raw and form_model is not None:
                    document = form(scope["headers"], raw, form_model)
                    scope = _as_json(scope)
                elif raw:
                    check_media_type(scope["headers"])
                    document = parse(raw, model)
                read = _ReadRequest(scope, request.receive, raw, document)
                return await handle(read) if answer is None else await answer(read, document)

        return strict

    @cached_property
    def handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request, raising what it refuses."""
        return self.get_route_handler()

    @cached_property
    def needs_no_framework(self) -> bool:
        """Whether it answers where nothing was prepared for it but the application and the path."""
        plain = all(isinstance(one, StringConvertor) for one in self.param_convertors.values())
        return plain and self._called is not None

    @property
    def room(self) -> int:
        """Bytes that a body may have: those of the longest spelling of all that its fields may hold."""
        if self._upload is not None:
            return self._upload.limit
        if self.body_field is None:
            return 0
        models = [one for one in _members(self.body_field.field_info.annotation) if one is not NoneType]
        return room_for(models[0]) if len(models) == 1 else UNBOUNDED


class _ReadRequest(Request):
    """A request whose body has been read and judged already."""

    def __init__(self, scope: Scope, receive: Receive, raw: bytes, document: Any) -> None:
        super().__init__(scope, receive)
        self._raw = raw
        self._document = document

    async def body(self) -> bytes:
        return self._raw

    async def json(self) -> Any:
        return self._document


def _as_json(scope: Scope) -> Scope:
    """Return the scope of a form, whose fields are handed to the framework like those of a JSON body."""
    others = [pair for pair in scope["headers"] if pair[0] != b"content-type"]
    return {**scope, "headers": [*others, (b"content-type", b"application/json")]}


async def read_body(receive: Receive, reading: Reading) -> bytes:
    """Read a whole body; the edge has bounded its time.

    Raises:
        Problem: 400 when the client goes away in the middle, and as `reading` does.
    """
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Problem(BAD_REQUEST, "The body ended too early.")
        chunk = message.get("body", b"")
        reading.take(chunk)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def check_media_type(headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Refuse a body that does not say it is plain JSON in UTF-8.

    Raises:
        Problem: 415, or 400 when Content-Type is there twice.
    """
    media_type = single(headers, b"content-type")
    if media_type != "application/json":
        plain = (media_type or "").replace(" ", "").replace('"', "").lower()
        if plain not in _PLAIN_TYPES:
            raise Problem(UNSUPPORTED_MEDIA_TYPE)
    encoding = single(headers, b"content-encoding")
    if encoding is not None and encoding.lower() != "identity":
        raise Problem(UNSUPPORTED_MEDIA_TYPE, "A body is sent uncompressed.")


def largest_room(routes: Sequence[Any]) -> int:
    """Return the room of the route that needs most: what the edge has to let pass."""
    every = map(whole, routes)
    return max((route.room for route in every if isinstance(route, StrictRoute)), default=UNBOUNDED)


def _members(annotation: Any) -> Sequence[Any]:
    return get_args(annotation) if get_origin(annotation) in {Union, UnionType} else (annotation,)


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _all(inner)
