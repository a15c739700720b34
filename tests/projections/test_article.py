"""The read model "article": given events, then rows."""

from typing import Any

import pytest

from events import article
from events.entry import Locale, Source
from events.slug import SlugClaimed
from projections.article import PROJECTION
from projections.batch import Overlay, fold, needed
from read_side.article.table import ARTICLE
from read_side.entry import kind as read_kind
from tests.projections.lives import DAWN, EDITOR, Article, Log

ENTRY, REVISION, ADDRESS, LISTING = ARTICLE.tables


class Given:
    """Rows that the events of a log leave behind, as the engine folds them."""

    def __init__(self, log: Log) -> None:
        folded = fold(PROJECTION, log.events, {}, frozenset())
        assert folded.parked == []
        self.rows = {
            table: {key: row for key, row in rows.items() if row is not None}
            for table, rows in folded.changed.items()
        }

    def entry(self, one: Article) -> dict[str, Any]:
        return self.rows[ENTRY][one.id,]

    def state(self, one: Article) -> tuple[Any, ...]:
        row = self.entry(one)
        return row["draft"], row["submitted"], row["publication"], row["pinned"]

    def revision(self, one: Article, number: int) -> dict[str, Any]:
        return self.rows[REVISION][one.id, number]

    def listed(self, one: Article) -> dict[str, Any] | None:
        return self.rows[LISTING].get((one.id,))


def test_a_created_article_is_an_open_draft_with_one_revision_and_a_slug() -> None:
    log = Log()
    one = Article(log, "tu-144", title="Tu-144", body="Text.", tags=("sst",))
    given = Given(log)
    entry, revision = given.entry(one), given.revision(one, 1)
    assert given.state(one) == ("open", None, "none", None)
    assert (entry["version"], entry["revision"], entry["position"]) == (1, 1, 2)
    assert list(entry["content"]) == [name for name in ARTICLE.fields if name != "body"]
    assert entry["content"]["tags"] == ("sst",)
    assert entry["content"]["category"] == ""
    assert (revision["body"], revision["body_revision"], revision["actor"]) == ("Text.", 1, EDITOR)
    assert "body" in revision["changed"]
    assert given.rows[ADDRESS] == {("tu-144",): {"slug": "tu-144", "entry": one.id}}
    assert given.listed(one) is None


def test_a_text_stands_only_in_the_revision_that_changed_it() -> None:
    log = Log()
    one = Article(log, "tu-144", body="First.")
    one.revise(title="Tu-144", reason="the usual spelling")
    one.revise(body="Second.")
    given = Given(log)
    second, third = given.revision(one, 2), given.revision(one, 3)
    assert (second["body"], second["body_revision"]) == (None, 1)
    assert (second["changed"], second["reason"]) == (["title"], "the usual spelling")
    assert second["content"]["title"] == "Tu-144"
    assert (third["body"], third["body_revision"]) == ("Second.", 3)
    assert given.entry(one)["body_revision"] == 3


def test_a_published_article_can_be_listed() -> None:
    log = Log()
    one = Article(
        log, "tu-144", title="Tu-144", summary="Supersonic.", tags=("sst", "ussr"), category="aircraft"
    )
    one.submit()
    published = one.publish()
    given = Given(log)
    assert given.state(one) == ("none", None, "pinned", 1)
    assert given.revision(one, 1)["published_at"] == published.at
    assert given.listed(one) == {
        "id": one.id,
        "locale": "en",
        "slug": "tu-144",
        "title": "Tu-144",
        "summary": "Supersonic.",
        "tags": ("sst", "ussr"),
        "category": "aircraft",
        "published_at": published.at,
        "updated_at": published.at,
        "revision": 1,
    }


def test_what_is_written_after_publication_stays_a_draft() -> None:
    log = Log()
    one = Article(log, "tu-144", title="Old")
    one.publish()
    one.revise(title="New")
    given = Given(log)
    listed = given.listed(one)
    assert given.state(one) == ("open", None, "pinned", 1)
    assert listed is not None
    assert listed["title"] == "Old"


def test_an_older_revision_is_listed_as_it_was() -> None:
    log = Log()
    one = Article(log, "tu-144", title="Old")
    one.revise(title="New")
    one.publish(1)
    given = Given(log)
    listed = given.listed(one)
    assert listed is not None
    assert (listed["title"], listed["revision"]) == ("Old", 1)
    assert given.state(one) == ("open", None, "pinned", 1)


def test_a_submission_of_a_later_revision_outlives_a_publication() -> None:
    log = Log()
    one = Article(log, "tu-144")
    one.revise(title="Later")
    one.submit()
    one.publish(1)
    assert Given(log).state(one) == ("submitted", 2, "pinned", 1)


def test_revising_a_submitted_article_leaves_it_submitted() -> None:
    log = Log()
    one = Article(log, "tu-144")
    one.submit()
    one.revise(title="Later")
    assert Given(log).state(one) == ("submitted", 1, "none", None)


def test_a_returned_submission_keeps_its_comment_until_publication() -> None:
    log = Log()
    one = Article(log, "tu-144")
    one.submit()
    one.give_back("Sources, please.")
    given = Given(log)
    assert given.state(one) == ("open", None, "none", None)
    assert given.entry(one)["comment"] == "Sources, please."
    one.submit()
    one.publish()
    assert Given(log).entry(one)["comment"] is None


def test_a_withdrawn_submission_is_an_open_draft() -> None:
    log = Log()
    one = Article(log, "tu-144")
    one.submit()
    one.step(article.ArticleWithdrawn)
    assert Given(log).state(one) == ("open", None, "none", None)


@pytest.mark.parametrize(
    ("event", "publication"),
    [(article.ArticleUnpublished, "none"), (article.ArticleArchived, "archived")],
)
def test_readers_lose_an_article_that_is_unpublished_or_archived(event: Any, publication: str) -> None:
    log = Log()
    one = Article(log, "tu-144")
    first = one.publish()
    one.step(event)
    given = Given(log)
    assert given.state(one) == ("open", None, publication, None)
    assert given.listed(one) is None
    assert given.entry(one)["first_published_at"] == first.at
    assert given.entry(one)["published_at"] is None


def test_a_restored_article_is_unpublished_and_keeps_its_slug() -> None:
    log = Log()
    one = Article(log, "tu-144")
    one.submit()
    one.step(article.ArticleArchived)
    one.step(article.ArticleRestored)
    given = Given(log)
    assert given.state(one) == ("open", None, "none", None)
    assert list(given.rows[ADDRESS]) == [("tu-144",)]


def test_a_renamed_article_keeps_its_former_slug_until_it_is_released() -> None:
    log = Log()
    one = Article(log, "concordski")
    one.publish()
    renamed = one.rename("tu-144")
    given = Given(log)
    listed = given.listed(one)
    assert {slug for (slug,) in given.rows[ADDRESS]} == {"concordski", "tu-144"}
    assert given.entry(one)["slug"] == "tu-144"
    assert listed is not None
    assert (listed["slug"], listed["updated_at"]) == ("tu-144", renamed.at)
    one.release("concordski")
    assert list(Given(log).rows[ADDRESS]) == [("tu-144",)]


def test_renaming_what_is_not_published_lists_nothing() -> None:
    log = Log()
    one = Article(log, "concordski")
    one.rename("tu-144")
    assert Given(log).listed(one) is None


def test_publishing_again_keeps_the_first_moment_of_each() -> None:
    log = Log()
    one = Article(log, "tu-144")
    first = one.publish()
    one.revise(title="Two")
    one.publish()
    back = one.publish(1)
    given = Given(log)
    assert given.revision(one, 1)["published_at"] == first.at
    assert given.entry(one)["first_published_at"] == first.at
    assert given.entry(one)["published_at"] == back.at


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
    assert set(PROJECTION.tags(one.revise(title="x"))) == {tag}
    for step in (one.publish(), one.rename("tu"), one.step(article.ArticleUnpublished)):
        assert set(PROJECTION.tags(step)) == {tag, "articles"}


def test_handlers_ask_only_for_rows_that_they_named() -> None:
    log = Log()
    one = Article(log, "tu-144")
    one.revise(title="x")
    one.publish(1)
    asked: list[Any] = []

    class Watching(Overlay):
        def get(self, table: Any, *key: Any) -> Any:
            asked.append((table, key))
            return super().get(table, *key)

    overlay = Watching(PROJECTION.tables, {})
    for event in log.events:
        for change in PROJECTION.handlers[type(event.event)](event, overlay):
            overlay.apply(change)
    named = needed(PROJECTION, log.events)
    assert all(key in named[table] for table, key in asked)


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
