"""The life of an article: given events, then rows."""

from typing import Any

import pytest

from events.kinds.article import ARTICLE
from read_side.entry.kinds import VIEWS
from tests.projections.given import ADDRESS, Given
from tests.projections.lives import EDITOR, Article, Log

VIEW = VIEWS["article"]


def test_a_created_article_is_an_open_draft_with_one_revision_and_a_slug() -> None:
    log = Log()
    one = Article(log, "tu-144", title="Tu-144", body="Text.", tags=("sst",))
    given = Given(log)
    entry, revision = given.entry(one), given.revision(one, 1)
    assert given.state(one) == ("open", None, "none", None)
    assert (entry["version"], entry["revision"], entry["position"]) == (1, 1, 2)
    assert list(entry["content"]) == [name for name in VIEW.fields if name != "body"]
    assert entry["content"]["tags"] == ("sst",)
    assert entry["content"]["category"] == ""
    assert (revision["body"], revision["body_revision"], revision["actor"]) == ("Text.", 1, EDITOR)
    assert "body" in revision["changed"]
    assert given.rows[ADDRESS] == {
        ("article", "tu-144", "en"): {"kind": "article", "slug": "tu-144", "locale": "en", "entry": one.id}
    }
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
    assert (second["content"]["title"], second["content_revision"]) == ("Tu-144", 2)
    assert (third["content"], third["content_revision"]) == (None, 2)
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
        "sort_title": b"tu!144\t\t1",
        "sort_position": published.position,
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
    one.step(ARTICLE.life.withdrawn)
    assert Given(log).state(one) == ("open", None, "none", None)


@pytest.mark.parametrize(
    ("event", "publication"),
    [(ARTICLE.life.unpublished, "none"), (ARTICLE.life.archived, "archived")],
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
    one.step(ARTICLE.life.archived)
    one.step(ARTICLE.life.restored)
    given = Given(log)
    assert given.state(one) == ("open", None, "none", None)
    assert list(given.rows[ADDRESS]) == [("article", "tu-144", "en")]


def test_a_renamed_article_keeps_its_former_slug_until_it_is_released() -> None:
    log = Log()
    one = Article(log, "concordski")
    one.publish()
    renamed = one.rename("tu-144")
    given = Given(log)
    listed = given.listed(one)
    assert {slug for _, slug, _ in given.rows[ADDRESS]} == {"concordski", "tu-144"}
    assert given.entry(one)["slug"] == "tu-144"
    assert listed is not None
    assert (listed["slug"], listed["updated_at"]) == ("tu-144", renamed.at)
    one.release("concordski")
    assert list(Given(log).rows[ADDRESS]) == [("article", "tu-144", "en")]


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
