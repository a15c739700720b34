"""A zip of Markdown and JSON comes in; what leads out of it, or would fill the machine, does not."""

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest

from events.entry import Created
from kit.errors import Refused
from tests.write_side.importing.given import imported, log_of
from write_side.importing.formats import zip_members


def _zip(folder: Path, members: dict[str, Any]) -> Path:
    path = folder / "content.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content if isinstance(content, str | bytes) else json.dumps(content))
    return path


ARTICLE = {
    "slug": "il-2",
    "title": "Ил-2",
    "summary": "Штурмовик.",
    "content": None,
    "sources": "- [Книга](https://example.org/book), 1995\n- Архив\n",
    "seo_keywords": "ил-2",
    "is_published": True,
}


async def test_a_document_takes_its_text_from_beside_it_or_from_where_it_is_told(
    database: str, tmp_path: Path
) -> None:
    path = _zip(
        tmp_path,
        {
            "articles/il-2.json": ARTICLE,
            "articles/il-2.md": "Ил-2\r\n",
            "articles/far.json": {"title": "Far"},
            "texts/other.md": "far text",
            "alone.md": "# Alone\n",
            "mappings.json": {"articles/far.json": {"resolve_content_from": "texts/other.md"}, "x": None},
        },
    )
    done = await imported(database, "zip", path, locale="ru")
    assert [] == done.aside
    made = {one.event.slug: one.event for one in await log_of(database) if isinstance(one.event, Created)}
    assert {"il-2", "far", "alone"} == made.keys()
    assert "Ил-2\r\n" == made["il-2"].content.body.text
    assert [("Книга, 1995", "https://example.org/book"), ("Архив", "")] == [
        (one.title, one.url) for one in made["il-2"].content.sources
    ]
    assert ("far text", "# Alone\n") == (made["far"].content.body.text, made["alone"].content.body.text)
    assert 1 == done.report.events["article.published"]


async def test_a_zip_that_was_changed_brings_what_is_new(database: str, tmp_path: Path) -> None:
    await imported(database, "zip", _zip(tmp_path, {"a.md": "one", "b.md": "same"}))
    again = await imported(database, "zip", _zip(tmp_path, {"a.md": "two", "b.md": "same"}))
    assert (1, {"article.revised": 1}) == (again.report.already, again.report.events)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("../../etc/a.md", "x", "leads out"),
        ("/etc/a.md", "x", "leads out"),
        ("C:/a.md", "x", "leads out"),
        ("a\\..\\b.md", "x", "leads out"),
        ("bomb.md", b"\x20" * 50_000_000, "more than"),
        ("binary.md", b"\x00\x01", "binary"),
        ("latin.json", b'{"title": "\xe9"}', "no JSON object"),
        ("list.json", [1], "no JSON object"),
        ("deep.json", "[" * 100_000, "no JSON object"),
        ("picture.png", b"x", "neither"),
        ("unknown.json", {"title": "x", "wings": 2}, "does not have"),
    ],
    ids=lambda value: value[:12] if isinstance(value, str) else "",
)
async def test_what_may_not_come_in_is_set_aside_and_the_rest_comes(
    database: str, tmp_path: Path, name: str, content: Any, reason: str
) -> None:
    path = _zip(tmp_path, {name: content, "good.md": "good"})
    done = await imported(database, "zip", path)
    assert reason in done.aside[0].reason
    assert (1, 1) == (len(done.aside), done.report.events["article.created"])


async def test_a_broken_member_and_one_that_is_there_twice_are_set_aside(
    database: str, tmp_path: Path
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as made:
            made.writestr("a.md", "first of all")
            made.writestr("b.md", "good")
            made.writestr("b.md", "again")
    content = (tmp_path / "x.zip").read_bytes().replace(b"first of all", b"other at all")
    (tmp_path / "x.zip").write_bytes(content)
    done = await imported(database, "zip", tmp_path / "x.zip")
    assert {("b.md", "is there twice"), ("a.md", "is broken, or packed in a way that is not read")} == set(
        done.aside
    )


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06", b"x" * 100, b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_or_has_too_many_members_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(Refused):
        zip_members.ZipMembers(tmp_path / "x.zip")


async def test_an_entry_that_two_files_are_about_is_that_of_the_first(database: str, tmp_path: Path) -> None:
    path = _zip(tmp_path, {"a.md": "# One\n", "a.en.md": "# Two\n"})
    for number in range(3):
        done = await imported(database, "zip", path)
        assert (0 if number else 2, 1) == (sum(done.report.events.values()), len(done.aside))
