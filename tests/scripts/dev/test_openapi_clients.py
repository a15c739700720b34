"""What generated clients are made of: names, members and defaults of the committed OpenAPI document."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.given.described import document, faults, operations, resolved, schemas

OF_ANY = {"X-Request-ID", "Cache-Control", "Vary", "RateLimit", "RateLimit-Policy"}
"""Headers that any answer can have."""


def bodies() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name and the schema of every request body, of what is inside it as well."""
    waiting = [one.facts["requestBody"] for one in operations() if "requestBody" in one.facts]
    seen: set[str] = set()
    while waiting:
        for reference in re.findall(r"#/components/schemas/(\w+)", str(waiting.pop())):
            if reference not in seen:
                seen.add(reference)
                waiting.append(schemas()[reference])
                yield reference, schemas()[reference]


def test_a_field_that_is_left_out_of_a_command_has_no_value_that_a_client_could_send_for_it() -> None:
    found = {
        f"{name}.{field}"
        for name, schema in bodies()
        for field, described in schema.get("properties", {}).items()
        if "default" in described
    }
    assert {"CreateArticle", "ReviseArticle", "CitationBody", "Publish"} <= {name for name, _ in bodies()}
    assert set() == found


def test_every_schema_has_a_name_of_its_own() -> None:
    assert [] == [name for name in schemas() if not re.fullmatch(r"[A-Z][A-Za-z]+", name)]
    titles = [schema["title"] for schema in schemas().values()]
    assert sorted(set(titles)) == sorted(titles)
    assert list(schemas()) == titles


def test_every_operation_has_a_chosen_name_of_its_own() -> None:
    names = [one.name for one in operations()]
    assert sorted(set(names)) == sorted(names)
    assert [] == [name for name in names if re.search(r"_(get|put|post|patch|delete)$", name)]


def test_every_answer_is_declared() -> None:
    for one in operations():
        for status, answer in one.facts["responses"].items():
            if status in {"204", "301", "303", "304", "307"}:
                assert "content" not in answer, one.name
                continue
            described = [content["schema"] for content in answer["content"].values()]
            assert described, f"{one.name} {status}"
            assert all(described), f"{one.name} {status}"


def test_every_command_answers_with_a_receipt_and_says_how_it_refuses() -> None:
    beside = {"imports", "vocabularies"}  # files, and a question that has a body
    beside |= {"accounts", "sessions", "me", "webhooks"}  # what is outside the log has no version
    of_files = {"begin_upload", "take_file", "take_part"}  # before a command
    receipts = {"bulk": "BulkReceipt", "media": "MediaReceipt"}
    commands = [
        one
        for one in operations()
        if one.method != "GET" and not beside & {*one.facts["tags"]} and one.name not in of_files
    ]
    assert commands
    for one in commands:
        made = "201" in one.facts["responses"]
        receipt = receipts.get(one.facts["tags"][0], "EntryReceipt")
        wanted = {
            "201" if made else "200": receipt,
            "401": "ProblemDocument",
            "403": "ForbiddenProblem",
            "409": "ConflictProblem",
            "422": "InvalidProblem",
        } | ({} if made else {"412": "StaleProblem", "428": "UnnamedVersionProblem"})
        plain = {"400", "408", "413", "414", "415", "429", "431", "500", "501", "503", "507"}
        plain |= {"404"} if "{id}" in one.path else set()
        wanted |= {"200": "BulkDryRun"} if one.name == "change_many" else {}
        wanted |= {"200": receipt} if one.name == "register_media" else {}
        plain |= {"403", "409", "422"} if one.facts["tags"][0] == "media" else set()
        wanted |= dict.fromkeys(plain, "ProblemDocument")
        found = {
            status: next(iter(answer["content"].values()))["schema"]["$ref"].rpartition("/")[2]
            for status, answer in one.facts["responses"].items()
        }
        assert wanted == found, one.name
        headers = set(one.facts["responses"]["201" if made else "200"]["headers"])
        assert headers == OF_ANY | {"ETag", "Idempotency-Replayed"} | ({"Location"} if made else set()), (
            one.name
        )
        assert "Retry-After" in one.facts["responses"]["409"]["headers"], one.name


def test_every_query_says_which_headers_it_answers_with() -> None:
    for one in operations():
        if one.method == "GET" and "articles" in one.facts["tags"]:
            responses = one.facts["responses"]
            parked = set() if one.name == "list_articles" else {"FrankenJet-Parked"}
            assert OF_ANY | {"ETag"} | parked == set(responses["200"]["headers"]), one.name
            assert OF_ANY | {"Retry-After"} == set(responses["503"]["headers"]), one.name
    read = next(one for one in operations() if one.name == "read_article")
    assert OF_ANY | {"Location"} == set(read.facts["responses"]["301"]["headers"])


def test_states_are_listed() -> None:
    draft = schemas()["ArticleDraft"]["properties"]
    assert ["none", "open", "submitted"] == draft["draft"]["enum"]
    assert ["none", "pinned", "archived"] == draft["publication"]["enum"]
    assert ["page", "api", "bot", "import", "scheduler"] == schemas()["RevisionFacts"]["properties"][
        "client"
    ]["enum"]


def test_every_document_is_shown_by_an_example_that_is_one() -> None:
    shown = {
        content["schema"]["$ref"]
        for one in operations()
        for answer in one.facts["responses"].values()
        for content in answer.get("content", {}).values()
        if "$ref" in content["schema"]
    }
    assert len(shown) > 10
    for reference in shown:
        schema = resolved({"$ref": reference})
        assert schema.get("examples"), reference
        for one in schema["examples"]:
            assert [] == list(faults(one, schema)), reference


def test_the_document_can_be_told_from_a_value_that_is_none() -> None:
    """What the other tests rely on: the check of values finds what is wrong."""
    receipt = schemas()["EntryReceipt"]["examples"][0]
    assert document()["openapi"].startswith("3.1")
    wrongs: tuple[Any, ...] = (
        receipt | {"id": "x"},
        receipt | {"more": 1},
        {},
        receipt | {"version": "3"},
        [],
    )
    for wrong in wrongs:
        assert list(faults(wrong, schemas()["EntryReceipt"])), wrong


def test_every_problem_is_shown_by_an_example_that_is_one() -> None:
    examples = document()["components"]["examples"]
    used = set()
    for one in operations():
        for status, answer in one.facts["responses"].items():
            content = answer.get("content", {}).get("application/problem+json")
            if content is None:
                continue
            for name, reference in content["examples"].items():
                assert {"$ref": f"#/components/examples/{name}"} == reference
                shown = examples[name]["value"]
                assert (f"/problems/{name}", int(status)) == (shown["type"], shown["status"])
                assert [] == list(faults(shown, content["schema"])), f"{one.name} {name}"
                used.add(name)
    assert set(examples) == used
