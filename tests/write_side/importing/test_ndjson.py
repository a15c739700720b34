"""Lines become revisions; a bad one is set aside by its number, and the rest goes on."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from events.entry import Created, Revised
from tests.given.media.kept import SHOWABLE, KeptPicture
from tests.write_side.importing.given import imported, log_of

COMPLETE = {
    "title": "Po-2",
    "summary": "A biplane.",
    "body": "It flew.\r\n",
    "sources": [{"title": "A book", "url": ""}],
}


def _write(folder: Path, *lines: Any) -> Path:
    path = folder / "entries.ndjson"
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
    return path


def _line(**said: Any) -> dict[str, Any]:
    return {"kind": "article", "key": "po-2", "locale": "en"} | said


async def test_each_line_is_a_revision_with_its_author_and_its_time(database: str, tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        _line(fields=COMPLETE, publish=True, author={"name": "Ann"}, at="1999-12-31T23:00:00-01:00"),
        _line(fields={"summary": "A famous biplane."}, author={"name": "Bob"}, reason="So it is"),
        _line(removed=True),
    )
    done = await imported(database, "ndjson", path)
    assert [] == done.aside
    events = [one for one in await log_of(database) if one.type.startswith("article.")]
    assert ["created", "submitted", "published", "revised", "archived"] == [
        one.type.partition(".")[2] for one in events
    ]
    assert datetime.fromisoformat("2000-01-01T00:00:00Z") == events[0].meta.source_time
    assert ("So it is", "import") == (events[3].meta.reason, events[3].meta.client)
    assert events[0].meta.actor == events[2].meta.actor != events[3].meta.actor
    made, revised = events[0].event, events[3].event
    assert isinstance(made, Created)
    assert isinstance(revised, Revised)
    assert ("It flew.\r\n", ["summary"]) == (made.content.body.text, list(revised.changed))


async def test_an_import_that_is_repeated_adds_nothing_and_brings_what_is_new(
    database: str, tmp_path: Path
) -> None:
    first = _line(fields=COMPLETE)
    await imported(database, "ndjson", _write(tmp_path, first))
    again = await imported(database, "ndjson", _write(tmp_path, first, _line(fields={"summary": "New."})))
    assert (1, {"article.revised": 1}) == (again.report.already, again.report.events)


async def test_an_entry_that_went_back_to_what_it_was_is_not_doubled_by_a_repeated_import(
    database: str, tmp_path: Path
) -> None:
    first, second = _line(fields=COMPLETE), _line(fields={"summary": "A famous biplane."})
    back = _line(fields={"summary": COMPLETE["summary"]})
    path = _write(tmp_path, first, second, back, second, back)
    done = await imported(database, "ndjson", path)
    assert 4 == done.report.events["article.revised"]
    again = await imported(database, "ndjson", path)
    assert ([], 5, {}) == (again.aside, again.report.already, again.report.events)


async def test_a_dry_run_counts_what_a_run_does_however_many_entries_take_turns(
    database: str, tmp_path: Path
) -> None:
    """More than are kept in memory."""
    lines = [
        _line(key=f"po-{key}", fields={"title": f"Po-{key}", "summary": f"Said {turn} times. " * turn})
        for turn in range(4)
        for key in range(40)
    ]
    await imported(database, "ndjson", _write(tmp_path, *lines[:5]))
    path = _write(tmp_path, *lines, _line(key="po-3", removed=True))
    tried = await imported(database, "ndjson", path, dry_run=True, remembered=2)
    done = await imported(database, "ndjson", path)
    assert (done.report.events, done.report.already) == (tried.report.events, tried.report.already)
    assert (35, 120, 1, 5) == (
        *(done.report.events[f"article.{name}"] for name in ("created", "revised", "archived")),
        tried.report.already,
    )


async def test_a_revision_that_is_named_twice_counts_once(database: str, tmp_path: Path) -> None:
    path = _write(
        tmp_path,
        _line(revision="1", fields=COMPLETE),
        _line(revision="2", fields={"summary": "A famous biplane."}),
        _line(revision="1", fields={"summary": "Another."}),
        _line(revision="2", fields={"summary": "A famous biplane."}),
        _line(revision="1", key="il-2", fields=COMPLETE),
    )
    for number in range(3):
        done = await imported(database, "ndjson", path)
        twice = [(f"line {line}", "stands there twice: the first one counts") for line in (3, 4)]
        assert (0 if number else 1, twice) == (done.report.events.get("article.revised", 0), done.aside)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{\n", "is no record"),
        ("[" * 100_000 + "\n", "is no record"),
        (json.dumps(_line(fields={}, x=1)) + "\n", "is no record"),
        (json.dumps(_line()) + "\n", "has either"),
        (json.dumps(_line(fields={"title": "x" * 301})) + "\n", "/title"),
        (json.dumps(_line(fields={"title": "x", "body": 1})) + "\n", "/body"),
        (json.dumps(_line(fields={"title": "x", "wings": 2})) + "\n", "does not have"),
        (json.dumps(_line(kind="zeppelin", fields={"title": "x"})) + "\n", "is of a kind"),
        (json.dumps(_line(locale=None, fields={"title": "x"})) + "\n", "is of a kind"),
        (json.dumps(_line(fields={"title": "x", "body": "x" * 3_000_000})) + "\n", "is longer"),
    ],
    ids=range(10),
)
async def test_a_bad_line_is_set_aside_and_the_next_one_is_imported(
    database: str, tmp_path: Path, line: str, reason: str
) -> None:
    good = {"kind": "article", "key": "other", "locale": "en", "fields": {"title": "Other"}}
    done = await imported(database, "ndjson", _write(tmp_path, line, good))
    assert ["line 1"] == [one.place for one in done.aside]
    assert done.aside[0].reason.startswith(reason) or reason in done.aside[0].reason
    assert {"article.created": 1, "slug.claimed": 1} == done.report.events


async def test_what_lacks_what_readers_need_is_a_draft_and_said(database: str, tmp_path: Path) -> None:
    done = await imported(database, "ndjson", _write(tmp_path, _line(fields={"title": "Po-2"}, publish=True)))
    assert {"article.created": 1, "slug.claimed": 1} == done.report.events
    assert "not published: /summary" in done.aside[0].reason


async def test_an_entry_is_not_imported_for_readers_with_a_picture_that_lacks_licence_or_words(
    database: str, tmp_path: Path
) -> None:
    """It is a draft, and said; the next run shows it, once the picture is told of as readers need it."""
    bare, whole = KeptPicture(1), KeptPicture(2)
    await bare.tell(database, bare.registered)
    await whole.tell(database, whole.registered, SHOWABLE)
    both = {"ru": "Он летает", "en": "It flies"}
    lines = [
        {
            "kind": "fact", "key": str(number), "publish": True,
            "fields": {"title": {"ru": f"Факт {number}", "en": f"Fact {number}"}, "text": both,
                       "pictures": [{"media": str(one.stream)}]},
        }
        for number, one in enumerate((bare, whole))
    ]  # fmt: skip
    done = await imported(database, "ndjson", _write(tmp_path, *lines))
    place = "is there as a draft, and not published: /pictures/0/media"
    assert [("line 1", f"{place}: has no licence; {place[-17:]}: has no alternative text in Russian")] == [
        (one.place, one.reason.rpartition(";")[0]) for one in done.aside
    ]
    assert (2, 1) == (done.report.events["fact.created"], done.report.events["fact.published"])
    await bare.tell(database, SHOWABLE)
    lines.append(lines[0] | {"fields": {"text": {"ru": "Да", "en": "It does"}}})
    again = await imported(database, "ndjson", _write(tmp_path, *lines))
    assert ([], 1) == (again.aside, again.report.events["fact.published"])


async def test_two_entries_that_would_like_one_slug_get_two(database: str, tmp_path: Path) -> None:
    lines = [_line(key=str(number), fields={"title": "Po-2"}) for number in range(3)]
    await imported(database, "ndjson", _write(tmp_path, *lines))
    slugs = [one.event.slug for one in await log_of(database) if isinstance(one.event, Created)]
    assert "po-2" == slugs[0]
    assert (3, True) == (len(set(slugs)), all(one.startswith("po-2") for one in slugs))


async def test_entries_of_any_kind_come_in_and_name_each_other_by_their_keys(
    database: str, tmp_path: Path
) -> None:
    term = {"title": {"en": "Test kind"}, "vocabulary": "tag", "code": "tested"}
    maker = {"title": {"en": "Works No. 1"}}
    plane = {"title": {"ru": "Ан-2"}, "manufacturers": [{"entry": "key:manufacturer/works"}]}
    lost = {"title": {"ru": "Ан-3"}, "manufacturers": [{"entry": "key:manufacturer/none"}]}
    path = _write(
        tmp_path,
        {"kind": "term", "key": "tag/tested", "fields": term},
        {"kind": "term", "key": "tag/other", "fields": term},
        {"kind": "manufacturer", "key": "works", "fields": maker},
        {"kind": "aircraft", "key": "an-2", "fields": plane},
        {"kind": "aircraft", "key": "an-3", "fields": lost},
    )
    done = await imported(database, "ndjson", path)
    assert ["line 2", "line 5"] == [one.place for one in done.aside], done.aside
    assert "names no entry" in done.aside[1].reason
    made = [one.event for one in await log_of(database) if isinstance(one.event, Created)]
    assert ["tag-tested", "works-no-1", "an-2"] == [one.slug for one in made]


async def test_a_code_that_no_term_has_by_then_is_set_aside(database: str, tmp_path: Path) -> None:
    plane = {"title": {"en": "Po-2"}, "purposes": ["trainer"]}
    trainer = {"title": {"en": "Trainer"}, "vocabulary": "purpose", "code": "trainer"}
    lines: list[dict[str, Any]] = [
        {"kind": "aircraft", "key": "early", "fields": plane},
        {"kind": "term", "key": "purpose/trainer", "fields": trainer},
        {"kind": "aircraft", "key": "po-2", "fields": plane},
        {"kind": "term", "key": "purpose/trainer", "removed": True},
        {"kind": "aircraft", "key": "late", "fields": plane},
        {"kind": "aircraft", "key": "po-2", "fields": {"purposes": ["trainer"], "status": None}},
        {"kind": "aircraft", "key": "po-2", "fields": {"tags": ["biplane"]}},
    ]
    wrong = [
        ("line 1", "/purposes/0: names no term of the vocabulary purpose"),
        ("line 5", "/purposes/0: names a term of the vocabulary purpose that is retired"),
        ("line 7", "/tags/0: names no term of the vocabulary tag"),
    ]
    path = _write(tmp_path, *lines)
    tried = await imported(database, "ndjson", path, dry_run=True)
    assert wrong == tried.aside
    done = await imported(database, "ndjson", path)
    assert wrong == done.aside
    assert {
        "aircraft.created": 1,
        "term.created": 1,
        "term.archived": 1,
        "slug.claimed": 2,
    } == done.report.events
