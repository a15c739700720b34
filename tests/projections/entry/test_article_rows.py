"""What the rows of an article say, what makes cached answers old, and what handlers may ask for."""

from typing import Any

from events import article
from events.entry import Locale, Source
from events.slug import SlugClaimed
from projections.applying.batch import Overlay, fold, needed
from projections.article import PROJECTION
from projections.projection import Put
from read_side.article.table import ARTICLE
from read_side.entry import kind as read_kind
from tests.projections.given import ADDRESS, Given
from tests.projections.lives import DAWN, EDITOR, Article, Log


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
    assert given.revision(one, 1)["links"] == ["concorde"]
    assert given.revision(one, 2)["links"] is None


def test_a_slug_of_another_kind_is_not_an_article() -> None:
    log = Log()
    bureau = log.add(EDITOR, SlugClaimed(kind="bureau", slug="tupolev", owner=EDITOR))
    assert Given(log).rows[ADDRESS] == {}
    assert list(PROJECTION.tags(bureau)) == []


def test_every_change_of_a_list_purges_the_lists() -> None:
    log = Log()
    one = Article(log, "tu-144")
    tag = f"article:{one.id}"
    assert set(PROJECTION.tags(log.events[0])) == {tag, "article-slug:tu-144"}
    assert set(PROJECTION.tags(log.events[1])) == {tag, f"article-subject:{one.subject}"}
    for step in (one.publish(), one.rename("tu"), one.step(article.ArticleUnpublished)):
        assert set(PROJECTION.tags(step)) == {tag, "articles"}


def test_a_change_of_a_draft_makes_nothing_old_that_readers_see() -> None:
    one = Article(Log(), "tu-144")
    one.publish()
    returned = article.ArticleReturned(comment="Not yet")
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
            if isinstance(change, Put) and len(change.row) < len(change.table.columns):
                key = tuple(change.row[column.name] for column in change.table.primary_key)
                touched.append((change.table, key))
            overlay.apply(change)
    named = needed(PROJECTION, log.events).keys
    assert touched
    assert all(key in named[table] for table, key in touched)


def test_an_event_before_its_creation_is_parked() -> None:
    log = Log()
    one = Article(log, "tu-144")
    one.publish()
    folded = fold(PROJECTION, log.events[2:], {}, frozenset())
    assert [parked.stream for parked in folded.parked] == [one.id]


def test_the_read_side_declares_the_fields_and_locales_of_the_events() -> None:
    assert tuple(ARTICLE.fields) == article.ArticleContent.__struct_fields__
    assert Locale == read_kind.Locale


def test_moments_come_from_the_log() -> None:
    log = Log()
    one = Article(log, "tu-144")
    assert Given(log).entry(one)["created_at"] > DAWN
