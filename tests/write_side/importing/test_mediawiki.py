"""A dump of a wiki comes in page by page, and one that is made to harm is refused where it begins to."""

import bz2
from pathlib import Path

import pytest

from events.entry import Created, Revised
from tests.write_side.importing.given import imported, log_of

HEAD = '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><siteinfo><dbname>planes</dbname></siteinfo>'


def _revision(number: int, text: str, more: str = "", who: str = "<username>Ann</username><id>7</id>") -> str:
    return (
        f"<revision><id>{number}</id><timestamp>2005-01-0{number}T00:00:00Z</timestamp>"
        f"<contributor>{who}</contributor><comment>why {number}</comment><model>wikitext</model>"
        f'<text xml:space="preserve" {more}>{text}</text></revision>'
    )


def _page(number: int, title: str, *revisions: str, ns: int = 0) -> str:
    return f"<page><title>{title}</title><ns>{ns}</ns><id>{number}</id>{''.join(revisions)}</page>"


async def test_each_revision_of_a_page_is_one_here(database: str, tmp_path: Path) -> None:
    path = tmp_path / "dump.xml.bz2"
    ip = "<ip>203.0.113.7</ip>"
    pages = _page(1, "Po-2", _revision(1, "'''Po-2''' &lt;ref&gt;"), _revision(2, "Ещё", who=ip))
    path.write_bytes(
        bz2.compress(f"{HEAD}{pages}{_page(2, 'Talk:Po-2', _revision(3, 'x'), ns=1)}</mediawiki>".encode())
    )
    done = await imported(database, "mediawiki", path, locale="ru")
    assert ["is no article: it is in another namespace"] == [one.reason for one in done.aside]
    assert "mediawiki:planes" == done.report.source
    made, revised = [one for one in await log_of(database) if one.type.startswith("article.")]
    assert isinstance(made.event, Created)
    assert isinstance(revised.event, Revised)
    assert ("'''Po-2''' <ref>", "Po-2") == (made.event.content.body.text, made.event.content.title)
    assert ("Ещё", "why 2") == (revised.event.changed["body"].after["text"], revised.meta.reason)
    assert made.meta.source_time is not None
    assert "2005-01-01" == f"{made.meta.source_time:%Y-%m-%d}"
    assert made.meta.actor != revised.meta.actor


@pytest.mark.parametrize(
    ("begin", "reason"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', "entities"),
        ('<!DOCTYPE x SYSTEM "file:///etc/passwd">', "entities"),
        ("<a>" * 100, "deep"),
        ("<a b='" + "x" * 3_000_000, "tag without an end"),
        ("\x00", "cannot be read on"),
        ("<x>" + "".join(f"<a{number}/>" for number in range(1_001)), "names"),
        ("<x>" + "".join(f"<a xmlns:n{number}='u'/>" for number in range(1_001)), "names"),
    ],
    ids=["bomb", "file", "deep", "tag", "rubbish", "elements", "namespaces"],
)
async def test_what_is_made_to_harm_is_not_read(
    database: str, tmp_path: Path, begin: str, reason: str
) -> None:
    path = tmp_path / "dump.xml"
    path.write_text(f"{begin}{HEAD}{_page(1, 'x', _revision(1, '&b;'))}</mediawiki>")
    done = await imported(database, "mediawiki", path)
    assert (0, 1) == (done.report.records, len(done.aside))
    assert reason in done.aside[0].reason


async def test_what_a_wiki_has_deleted_or_is_too_long_is_set_aside(database: str, tmp_path: Path) -> None:
    path = tmp_path / "dump.xml"
    revisions = (
        _revision(1, "", 'deleted="deleted"'), _revision(2, "x" * 600_000), _revision(3, "good"),
    )  # fmt: skip
    path.write_text(f"{HEAD}{_page(1, 'Po-2', *revisions)}")
    done = await imported(database, "mediawiki", path)
    assert ["page 1, revision 1", "page 1, revision 2", "line 1"] == [one.place for one in done.aside]
    assert {"article.created": 1, "slug.claimed": 1} == done.report.events


async def test_members_that_a_dump_does_not_have_are_passed_over(database: str, tmp_path: Path) -> None:
    """Nor do they stand for what the reader itself notes of a page or a revision."""
    path = tmp_path / "dump.xml"
    strange = "<long>yes</long><told>yes</told><user>x</user>"
    revision = _revision(1, "text").replace("<id>", f"{strange}<id>", 1)
    talk = _page(2, "Talk:Po-2", strange, _revision(3, "x"), ns=1)
    path.write_text(f"{HEAD}{_page(1, 'Po-2', strange, revision)}{talk}</mediawiki>")
    done = await imported(database, "mediawiki", path)
    assert {"article.created": 1, "slug.claimed": 1} == done.report.events
    assert ["is no article: it is in another namespace"] == [one.reason for one in done.aside]


async def test_a_page_that_stands_there_twice_is_imported_once_however_often_it_is_repeated(
    database: str, tmp_path: Path
) -> None:
    path = tmp_path / "dump.xml"
    page = _page(1, "Po-2", _revision(1, "one"), _revision(2, "two"), _revision(1, "one"))
    path.write_text(f"{HEAD}{page}{_page(3, 'Il-2', _revision(5, 'x'))}{page}</mediawiki>")
    first = await imported(database, "mediawiki", path)
    assert {"article.created": 2, "article.revised": 1, "slug.claimed": 2} == first.report.events
    assert ["1", "1", "2", "1"] == [one.place.rpartition(" ")[2] for one in first.aside]
    for _ in "12":
        again = await imported(database, "mediawiki", path)
        assert ({}, 3, 4) == (again.report.events, again.report.already, again.report.set_aside)
