"""Every limit that the API document declares is refused at its place, in words with the right unit."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from events.kinds.catalog import KINDS
from tests.given.described import operations, resolved
from tests.given.imports import admin_of
from tests.servers.running import in_process, problem

ARTICLE = {"locale": "en", "title": "Comet", "slug": "comet"}

OTHERS = {kind.path for kind in KINDS} - {"articles"} | {"designers"}
"""Bodies of other kinds are made of the same types; `test_second_kind` has a field of each."""

WORDS = {
    "string": "must be a string",
    "integer": "must be a whole number",
    "boolean": "must be true or false",
    "array": "must be a list",
    "object": "must be an object",
}


class Wrong(NamedTuple):
    """A value, the place in it that is wrong, and what is to be said of that place."""

    value: Any
    place: str
    words: str


def wrongs(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    """Yield a value for each thing that can be wrong with what a schema describes."""
    schema = resolved(schema)
    some = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if some:
        schema = resolved(some[0])
    type_ = schema["type"]
    if "enum" in schema:
        *most, last = (f"'{one}'" for one in schema["enum"])
        yield Wrong("klingon", "", f"must be one of {', '.join(most)} or {last}")
    elif schema.get("format") == "uuid":
        yield Wrong("x", "", "must be a UUID of 36 characters")
    elif schema.get("format") == "date-time":
        yield Wrong("x", "", "must be a moment such as 2026-01-31T12:00:00Z")
    else:
        yield Wrong("x" if type_ != "string" else 5, "", WORDS[type_])
        yield from _OF[type_](schema)


def _of_texts(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    longest = schema["maxLength"]
    yield Wrong("a" * (longest + 1), "", f"must have at most {longest:,} characters")
    if schema.get("minLength") == 1:
        yield Wrong("", "", "must not be empty")
    if "pattern" in schema:
        yield Wrong("NO GOOD", "", f"must look like {schema['pattern']}")


def _of_numbers(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    least, most = int(schema["minimum"]), int(schema["maximum"])
    yield Wrong(least - 1, "", f"must be at least {least}")
    yield Wrong(most + 1, "", f"must be at most {most}")


def _of_lists(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    longest = schema["maxItems"]
    item: Any = "x" if resolved(schema["items"])["type"] == "string" else {"title": "x"}
    yield Wrong([item] * (longest + 1), "", f"must have at most {longest:,} items")
    for inner in wrongs(schema["items"]):
        yield Wrong([inner.value], f"/0{inner.place}", inner.words)


def _of_objects(schema: Mapping[str, Any]) -> Iterator[Wrong]:
    if "properties" not in schema:  # any members: what they may be is judged by the command
        return
    if schema.get("additionalProperties") is not True:  # what a browser writes
        yield Wrong(
            {"titel": 1}, "/titel", f"is not known here; known are: {', '.join(schema['properties'])}"
        )
    for name in schema.get("required", ()):
        yield Wrong({}, f"/{name}", "is required")
    for name, described in schema["properties"].items():
        for inner in wrongs(described):
            yield Wrong({name: inner.value}, f"/{name}{inner.place}", inner.words)


_OF: Mapping[str, Callable[[Mapping[str, Any]], Iterator[Wrong]]] = {
    "string": _of_texts,
    "integer": _of_numbers,
    "array": _of_lists,
    "object": _of_objects,
    "boolean": lambda _schema: iter(()),
}


async def test_every_limit_of_a_body_is_refused_at_its_place_in_the_right_words(
    database: str, tmp_path: Path
) -> None:
    count = 0
    async with in_process(database, tmp_path, projector=False, limits=0) as site:
        site.moderator.headers |= await admin_of(database, tmp_path)
        site.moderator.headers["Origin"] = "https://test"  # to sign in with a page
        made = await site.moderator.done("POST", "/articles", ARTICLE)
        for one in operations():
            body = one.facts.get("requestBody")
            if body is None or OTHERS.intersection(one.path.split("/")):
                continue
            if "application/json" not in body["content"]:
                continue  # a file
            for wrong in wrongs(body["content"]["application/json"]["schema"]):
                named = {"id": made["id"], "token": made["id"], "slug": "comet", "role": "editor"}
                named["provider"] = "google"
                place = one.path.removeprefix("/v1").format_map(named)
                answer = await site.moderator.send(one.method, place, wrong.value, version=1)
                told = {(error["pointer"], error["detail"]) for error in problem(answer)["errors"]}
                assert 422 == answer.status_code, f"{one.name} {wrong.place}"
                assert (wrong.place, wrong.words) in told, f"{one.name} {wrong.place}: {told}"
                count += 1
        for text, words in (
            ("я" * 200_001, "must have at most 200,000 characters"),
            ("語" * 180_000, "must have at most 524,288 bytes"),
        ):
            answer = await site.moderator.send("PATCH", f"/articles/{made['id']}", {"body": text}, version=1)
            assert [{"pointer": "/body", "detail": words}] == problem(answer)["errors"]
    assert count > 100


async def test_every_limit_of_a_parameter_is_refused_by_name_in_the_right_words(
    database: str, tmp_path: Path
) -> None:
    count = 0
    async with in_process(database, tmp_path, projector=False, limits=0) as site:
        site.moderator.headers |= await admin_of(database, tmp_path)
        made = await site.moderator.done("POST", "/articles", ARTICLE)
        for one in operations():
            if one.method != "GET":
                continue
            parameters = [each for each in one.facts.get("parameters", ()) if each["in"] == "query"]
            needed = {each["name"]: 1 for each in parameters if each["required"]}
            place = one.path.removeprefix("/v1").format(
                id=made["id"], address="comet", number=1, slug="s", name="status", code="retired",
                provider="google",
            )  # fmt: skip
            for each in parameters:
                schema = dict(each["schema"])
                own = schema.pop("pattern", None)  # what has one has words of its own
                for wrong in wrongs(schema):
                    if wrong.words in {WORDS["string"], WORDS["array"]} or (own and wrong.value == ""):
                        continue  # in an address everything is a text, and one is a list of one
                    if isinstance(wrong.value, list) and wrong.place and not isinstance(wrong.value[0], str):
                        continue
                    query = needed | {each["name"]: wrong.value}
                    answer = await site.moderator.send("GET", f"{place}?{urlencode(query, doseq=True)}")
                    assert (400, True) == (answer.status_code, "errors" in answer.json()), answer.text
                    told = {(error["parameter"], error["detail"]) for error in problem(answer)["errors"]}
                    words = wrong.words + (", written as 20 is" if wrong.words == WORDS["integer"] else "")
                    assert {(each["name"], words)} == told, (one.name, query)
                    count += 1
        answer = await site.client.get("/v1/articles", params={"fields": "titel"})
        assert "fields" == problem(answer)["errors"][0]["parameter"]
        answer = await site.client.get("/v1/articles", params={"lokale": "en"})
        known = "after, category, cursor, facets, fields, limit, locale, sort, tag, total"
        assert [{"parameter": "lokale", "detail": f"is not known here; known are: {known}"}] == problem(
            answer
        )["errors"]
    assert count > 20
