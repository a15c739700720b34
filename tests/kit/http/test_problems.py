"""Refusals say where and what, in words of ours, and are described in OpenAPI."""

import json
from typing import Annotated, Any
from urllib.parse import quote

import orjson
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, field_validator

from kit.errors import Problem
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from kit.http.problems import install
from kit.http.requests.body import Body, StrictRoute
from kit.http.requests.phrases import known_fields, phrase, pointer
from kit.http.requests.query import Query
from tests.kit.http.application import MakeThing, make_api
from tests.kit.http.asking import Answered, ask
from write_side.problem_types import STALE

JSON = [("content-type", "application/json")]
app = Edge(make_api(), metrics=Metrics())


async def command(document: Any) -> Answered:
    return await ask(app, "POST", "/v1/things", headers=JSON, body=orjson.dumps(document))


async def test_every_wrong_field_is_named_with_what_is_wrong() -> None:
    answered = await command(
        {"count": -1, "locale": "de", "sources": [{"title": "a"}, {"title": 5}], "share": "x"}
    )
    assert answered.json["errors"] == [
        {"pointer": "/title", "detail": "is required"},
        {"pointer": "/locale", "detail": "must be one of 'ru' or 'en'"},
        {"pointer": "/count", "detail": "must be at least 0"},
        {"pointer": "/share", "detail": "must be a number"},
        {"pointer": "/sources/1/title", "detail": "must be a string"},
    ]


async def test_an_unknown_field_is_named_and_the_known_ones_too() -> None:
    answered = await command({"title": "a", "titel": "canary-value", "sources": [{"title": "b", "jahr": 1}]})
    assert answered.json["errors"] == [
        {"pointer": "/sources/0/jahr", "detail": "is not known here; known are: title, year"},
        {
            "pointer": "/titel",
            "detail": "is not known here; known are: "
            "title, text, locale, count, share, public, subject, at, sources, free",
        },
    ]


@pytest.mark.parametrize("name", ["x" * 33, "fjb_secret", "eyJhbGciOi", "a b", "<b>", "ключ", "5", ""])
async def test_what_does_not_look_like_a_name_is_not_repeated(name: str) -> None:
    answered = await command({"title": "a", name: "canary-value"})
    (error,) = answered.json["errors"]
    assert ("", True) == (error["pointer"], error["detail"].startswith("There is a field that is not known"))
    answered = await ask(app, "GET", f"/v1/things?{quote(name)}=1")
    (error,) = answered.json["errors"]
    assert {
        "detail": "There is a parameter that is not known here; known are: after, limit, sort, tag"
    } == error


async def test_a_wrong_parameter_is_named() -> None:
    answered = await ask(app, "GET", "/v1/things?limit=500&sort=canary")
    assert answered.json["errors"] == [
        {"parameter": "limit", "detail": "must be at most 100"},
        {"parameter": "sort", "detail": "must be one of 'title' or '-title'"},
    ]
    answered = await ask(app, "GET", "/v1/things/diff?to=0")
    assert [error["parameter"] for error in answered.json["errors"]] == ["from", "to"]
    answered = await ask(app, "GET", "/v1/things?canary=1")
    assert answered.json["errors"] == [
        {"parameter": "canary", "detail": "is not known here; known are: after, limit, sort, tag"}
    ]


async def test_a_problem_of_the_application_is_answered_with_its_headers_and_facts() -> None:
    made = FastAPI()
    install(made)

    @made.get("/")
    async def conflict() -> None:
        raise Problem(STALE, "Somebody was quicker.", headers={"Retry-After": "2"}, facts={"theirs": 5})

    answered = await ask(Edge(made, metrics=Metrics()), "GET", "/")
    assert (answered.status, answered.problem, answered.header("retry-after")) == (412, "stale", "2")
    assert answered.json["theirs"] == 5


async def test_a_validator_speaks_for_itself_unless_it_quotes() -> None:
    class Wish(Body):
        one: Annotated[str, AfterValidator(lambda _: _fail("comes too late"))]
        two: Annotated[str, AfterValidator(lambda text: _fail(f"no such thing as {text}"))]

        @field_validator("one")
        @classmethod
        def _unused(cls, value: str) -> str:
            return value

    made = FastAPI()
    install(made)
    made.router.route_class = StrictRoute

    @made.post("/")
    async def wish(_wish: Wish) -> None: ...

    answered = await ask(
        Edge(made, metrics=Metrics()), "POST", "/", headers=JSON, body=b'{"one":"canary","two":"canary"}'
    )
    assert answered.json["errors"] == [
        {"pointer": "/one", "detail": "comes too late"},
        {"pointer": "/two", "detail": "is not valid"},
    ]


def _fail(message: str) -> str:
    raise ValueError(message)


CANARY = "c4nary"


@given(
    st.recursive(
        st.just(CANARY) | st.just(f"<{CANARY}>") | st.integers() | st.none() | st.just(f"{CANARY}\x00\ud800"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([f"{CANARY}/", f"{CANARY} {CANARY}", "title"]), inner)
        ),
        max_leaves=6,
    ),
    st.sampled_from(sorted(MakeThing.model_fields)),
)
async def test_what_is_sent_is_never_sent_back_but_for_names(value: Any, field: str) -> None:
    body = json.dumps({"title": "a"} | {field: value}).encode()
    answered = await ask(app, "POST", "/v1/things", headers=JSON, body=body)
    assert answered.status in {201, 422}
    if answered.status != 201:
        assert CANARY.encode() not in answered.body


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ((), ""),
        (("sources", 3, "title"), "/sources/3/title"),
        (("free", "made", "up"), "/free"),
        (("sources", "made", "up"), "/sources"),
        (("made",), ""),
        (("count", 3), "/count"),
    ],
)
def test_a_pointer_goes_as_far_as_names_are_ours(location: tuple[str | int, ...], expected: str) -> None:
    assert pointer(location, MakeThing) == expected


def test_an_unknown_kind_of_error_has_a_plain_phrase() -> None:
    assert phrase({"type": "something_new", "msg": "canary", "input": "canary"}) == "is not valid"


def test_known_fields_are_left_out_where_they_cannot_be_told() -> None:
    assert known_fields(("free", "a"), MakeThing) == []
    assert known_fields((), None) == []


def test_a_query_without_bounds_is_refused_when_it_is_written() -> None:
    with pytest.raises(TypeError, match="needs an upper and a lower bound"):
        type("Unbounded", (Query,), {"__annotations__": {"page": int}})
    with pytest.raises(TypeError, match="needs an upper and a lower bound"):
        type("Unbounded", (Query,), {"__annotations__": {"page": int | None}, "page": None})


def test_openapi_describes_problems_conditions_and_no_error_that_we_never_send() -> None:
    schema = make_api().openapi()
    operation = schema["paths"]["/v1/things/{id}"]["patch"]
    refused = operation["responses"]["422"]
    name = refused.get("$ref", "").rpartition("/")[2]
    invalid = (schema["components"]["responses"][name] if name else refused)["content"]
    assert {"application/problem+json"} == set(invalid)
    assert {"$ref": "#/components/schemas/ProblemDocument"} == invalid["application/problem+json"]["schema"]
    assert {"invalid-body"} == set(invalid["application/problem+json"]["examples"])
    assert "/problems/not-found" == schema["components"]["examples"]["not-found"]["value"]["type"]
    assert {"ProblemDocument", "MakeThing"} <= schema["components"]["schemas"].keys()
    assert "HTTPValidationError" not in schema["components"]["schemas"]
    named = {parameter["name"]: parameter for parameter in operation["parameters"]}
    assert named["If-Match"]["required"]
    assert named["id"]["schema"]["format"] == "uuid"
    post = schema["paths"]["/v1/things"]["post"]["parameters"]
    assert [(parameter["name"], parameter["required"]) for parameter in post] == [("Idempotency-Key", False)]
