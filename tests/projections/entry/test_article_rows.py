"""What the rows of an article say, what makes cached answers old, and what handlers may ask for."""

from typing import Any

import pytest

from events.base import Locale
from events.entry import Source
from events.kinds.article import ARTICLE
from events.slug import SlugClaimed
from projections.applying.batch import Overlay, fold, further, needed
from projections.entry.held import KNOWN
from projections.projection import Outdated, Put
from read_side.entry import kind as read_kind
from read_side.entry.kinds import VIEWS
from read_side.entry.parts import hash_of
from tests.projections.given import ADDRESS, FACETS, PROJECTION, REVISION, Given
from tests.projections.lives import DAWN, EDITOR, Article, Log

VIEW = VIEWS["article"]

OTHER = "x" * 1_000_000
"""So long that no other text is remembered beside it."""

LONG_TEXT = "".join(f"{number}. It flew for the first time in 1968.\n" for number in range(60))


def test_a_translation_remembers_its_source_in_later_revisions() -> None:
    log = Log()
    one = Article(log, "tu-144")
    other = Article(
        log, "tu-144-ru", locale="ru", subject=one.subject, translated_from=Source(entry=one.id, revision=1)
    )
    other.revise(title="Ту-144")
    given = Given(log)
    assert given.revision(other, 2)["translated_from"] == {"entry": str(one.id), "revision": 1}


def test_links_to_other_articles_stand_beside_the_text_they_were_found_in() -> None:
    log = Log()
    one = Article(log, "tu-144", body="See [Concorde](/articles/concorde) and [it](/articles/concorde#end).")
    one.revise(title="No new text")
    given = Given(log)
    assert given.revision(one, 1)["links"] == ["article/concorde"]
    assert given.revision(one, 2)["links"] is None


def test_a_slug_of_another_kind_leads_to_no_article() -> None:
    log = Log()
    bureau = log.add(EDITOR, SlugClaimed(kind="bureau", slug="tupolev", owner=EDITOR))
    assert {("bureau", "tupolev", "")} == set(Given(log).rows[ADDRESS])
    assert [f"entry:{EDITOR}", "slug:bureau/tupolev"] == list(PROJECTION.tags(bureau))


def test_every_change_of_a_list_purges_the_lists() -> None:
    log = Log()
    one = Article(log, "tu-144")
    tag = f"entry:{one.id}"
    assert set(PROJECTION.tags(log.events[0])) == {tag, "slug:article/tu-144"}
    assert set(PROJECTION.tags(log.events[1])) == {tag, f"subject:{one.subject}"}
    for step in (one.publish(), one.rename("tu"), one.step(ARTICLE.life.unpublished)):
        assert set(PROJECTION.tags(step)) == {tag, "articles"}


def test_a_change_of_a_draft_makes_nothing_old_that_readers_see() -> None:
    one = Article(Log(), "tu-144")
    one.publish()
    returned = ARTICLE.life.returned(comment="Not yet")
    steps = (one.revise(title="x"), one.submit(), one.log.add(one.id, returned))
    assert [()] * 3 == [tuple(PROJECTION.tags(step)) for step in steps]


def test_handlers_ask_for_and_change_only_rows_that_they_named() -> None:
    log = Log()
    one = Article(log, "tu-144")
    one.revise(title="x")
    one.publish(1)
    one.rename("tu")
    touched: list[Any] = []

    class Watching(Overlay):
        def get(self, table: Any, *key: Any) -> Any:
            touched.append((table, key))
            return super().get(table, *key)

    overlay = Watching(PROJECTION.tables, {})
    for event in log.events:
        for change in PROJECTION.handlers[type(event.event)](event, overlay):
            if isinstance(change, Outdated):
                continue
            if isinstance(change, Put) and len(change.row) < len(change.table.columns):
                key = tuple(change.row[column.name] for column in change.table.primary_key)
                touched.append((change.table, key))
            overlay.apply(change)
    named = needed(PROJECTION, log.events).keys
    assert touched
    assert all(key in named[table] for table, key in touched)


@pytest.mark.parametrize("remembered", [True, False])
@pytest.mark.parametrize("batch", [1, 2, 3, 7])
def test_handlers_ask_for_and_change_only_rows_that_were_loaded(batch: int, *, remembered: bool) -> None:
    log = Log()
    one = Article(log, "tu-144", body=LONG_TEXT)
    for number in range(6):
        one.revise(body=f"{LONG_TEXT}{number}")
        wish: Any = {"title": f"{number}"} if number % 2 else {"body": f"{LONG_TEXT}{number} and more"}
        one.revise(**wish)
        one.publish(number + 1)
        one.publish(2 * number + 1)
        one.publish(2 * number + 2)
    tables: dict[Any, dict[Any, dict[str, Any]]] = {}
    for begin in range(0, len(log.events), batch):
        items = log.events[begin : begin + batch]
        if not remembered:
            KNOWN.keep(hash_of(OTHER), OTHER)
        loaded = _of(tables, needed(PROJECTION, items).keys)
        more = further(PROJECTION, items, loaded)
        for table, rows in _of(tables, more.keys).items():
            loaded[table] = loaded.get(table, {}) | rows
        folded = fold(PROJECTION, items, loaded, frozenset(), heavy=_of(tables, more.heavy, heavy=True))
        assert [] == folded.parked
        for table, changed in folded.changed.items():
            for key, row in changed.items():
                tables.setdefault(table, {})[key] = tables.get(table, {}).get(key, {}) | (row or {})
    at_once = Given(log)
    wanted = {key: {name: row[name] for name in NAMES} for key, row in at_once.rows[REVISION].items()}
    assert wanted == {key: {name: row[name] for name in NAMES} for key, row in tables[REVISION].items()}
    assert at_once.rows[FACETS] == tables[FACETS]
    assert f"{LONG_TEXT}4 and more" == at_once.text(one, 11)


NAMES = tuple(column.name for column in REVISION.columns)


def _of(tables: Any, keys: Any, *, heavy: bool = False) -> dict[Any, dict[Any, dict[str, Any]]]:
    """Return columns of the rows with these keys, as they would be loaded."""
    return {
        table: {
            key: {
                column.name: row[column.name]
                for column in table.columns
                if bool(column.info.get("heavy")) == heavy
            }
            for key in wanted
            if (row := tables.get(table, {}).get(key)) is not None
        }
        for table, wanted in keys.items()
    }


def test_an_event_before_its_creation_is_parked() -> None:
    log = Log()
    one = Article(log, "tu-144")
    one.publish()
    folded = fold(PROJECTION, log.events[2:], {}, frozenset())
    assert [parked.stream for parked in folded.parked] == [one.id]


def test_the_read_side_declares_the_fields_and_locales_of_the_events() -> None:
    assert tuple(VIEW.fields) == ARTICLE.content.__struct_fields__
    assert Locale == read_kind.Locale


def test_moments_come_from_the_log() -> None:
    log = Log()
    one = Article(log, "tu-144")
    assert Given(log).entry(one)["created_at"] > DAWN
