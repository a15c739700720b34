"""What may happen to an entry, decided from its past alone."""

from typing import Any

import msgspec
import pytest

from events.base import Event, Text
from events.entry import Change, Source
from kit.ids import named_id
from tests.write_side.given import CREATED, FULL, decides, published, refuses, revised, state_after, submitted
from write_side.entry import lifecycle
from write_side.entry.kinds import AGGREGATES
from write_side.entry.state import State

ARTICLE = AGGREGATES["article"]


def publish(revision: int, *, force: bool = False, reason: str = "", **content: Any) -> Any:
    def decide(state: State) -> list[Event]:
        what = state.content | content
        return lifecycle.publish(ARTICLE, state, revision, what, force=force, reason=reason)

    return decide


def test_a_revision_names_each_changed_field_before_and_after() -> None:
    decides(
        [CREATED],
        lambda state: lifecycle.revise(ARTICLE, state, {"title": "Ту-144Д", "summary": FULL.summary}),
        ARTICLE.life.revised(revision=2, changed={"title": Change("Ту-144", "Ту-144Д")}),
    )


def test_a_revision_that_changes_nothing_makes_no_event() -> None:
    same = {"title": "Ту-144", "body": msgspec.to_builtins(FULL.body), "tags": []}
    decides([CREATED], lambda state: lifecycle.revise(ARTICLE, state, same))


def test_a_long_text_is_kept_in_full_after_and_as_a_hash_before() -> None:
    after = msgspec.to_builtins(Text.of("Новый текст"))
    decides(
        [CREATED],
        lambda state: lifecycle.revise(ARTICLE, state, {"body": after}),
        ARTICLE.life.revised(revision=2, changed={"body": Change({"sha256": FULL.body.sha256}, after)}),
    )


def test_the_newest_revision_is_submitted() -> None:
    decides(
        [CREATED, revised(2, "Ту-144С")],
        lambda state: lifecycle.submit(ARTICLE, state),
        submitted(2, title="Ту-144С"),
    )


def test_submitting_again_makes_no_event() -> None:
    decides([CREATED, submitted(1)], lambda state: lifecycle.submit(ARTICLE, state))


def test_what_readers_see_already_cannot_be_submitted() -> None:
    refuses(
        [CREATED, submitted(1), published(1)],
        lambda state: lifecycle.submit(ARTICLE, state),
        409,
        "nothing-to-submit",
    )


def test_an_article_without_text_cannot_be_submitted_and_hears_all_it_lacks_at_once() -> None:
    bare = msgspec.structs.replace(CREATED, content=type(FULL)(title="Ту-144"))
    refused = refuses([bare], lambda state: lifecycle.submit(ARTICLE, state), 422, "not-publishable")
    assert {"/summary", "/body", "/sources"} == {error["pointer"] for error in refused.errors}


def test_only_a_submission_can_be_withdrawn_or_returned() -> None:
    withdrawn = ARTICLE.life.withdrawn()
    decides([CREATED, submitted(1)], lambda state: lifecycle.withdraw(ARTICLE, state), withdrawn)
    decides(
        [CREATED, submitted(1)],
        lambda state: lifecycle.give_back(ARTICLE, state, "Нет источника"),
        ARTICLE.life.returned(comment="Нет источника"),
    )
    refuses([CREATED], lambda state: lifecycle.withdraw(ARTICLE, state), 409, "not-submitted")
    refuses([CREATED], lambda state: lifecycle.give_back(ARTICLE, state, "?"), 409, "not-submitted")


def test_the_submitted_revision_is_published() -> None:
    decides([CREATED, submitted(1)], publish(1), published(1))


def test_a_revision_that_was_not_submitted_is_not_published() -> None:
    refuses([CREATED], publish(1), 409, "not-the-submitted-revision")
    refuses([CREATED, submitted(1), revised(2, "x")], publish(2), 409, "not-the-submitted-revision")
    refuses([CREATED, submitted(1)], publish(7), 409, "no-such-revision")


def test_publishing_by_force_needs_a_reason() -> None:
    refuses([CREATED], publish(1, force=True), 422, "reason-needed")
    decides([CREATED], publish(1, force=True, reason="срочно"), published_by_force(1))


def published_by_force(revision: int) -> Event:
    return msgspec.structs.replace(published(revision), forced=True)


def test_a_later_revision_is_a_draft_ahead_of_what_readers_see() -> None:
    state = state_after(CREATED, submitted(1), published(1), revised(2, "Ту-144Д"))
    assert ("open", 1, 2) == (state.draft, state.pinned, state.revision)


def test_publishing_an_older_revision_leaves_the_newer_draft_open() -> None:
    state = state_after(CREATED, submitted(1), revised(2, "Ту-144Д"), published(1))
    assert ("open", None, 1) == (state.draft, state.submitted, state.pinned)


def test_unpublishing_makes_the_content_a_draft_again() -> None:
    decides(
        [CREATED, submitted(1), published(1)],
        lambda state: lifecycle.unpublish(ARTICLE, state),
        ARTICLE.life.unpublished(),
    )
    state = state_after(CREATED, submitted(1), published(1), ARTICLE.life.unpublished())
    assert ("open", "none", None) == (state.draft, state.publication, state.pinned)


@pytest.mark.parametrize(
    "wish",
    [
        lambda state: lifecycle.revise(ARTICLE, state, {"title": "x"}),
        lambda state: lifecycle.submit(ARTICLE, state),
        lambda state: lifecycle.rename(ARTICLE, state, "x", moderates=True),
        lambda state: lifecycle.unpublish(ARTICLE, state),
        publish(1, force=True, reason="x"),
    ],
)
def test_nothing_happens_to_an_archived_article(wish: Any) -> None:
    refuses([CREATED, ARTICLE.life.archived()], wish, 409, "archived")


def test_an_archived_article_comes_back_unpublished() -> None:
    past = [CREATED, submitted(1), published(1), ARTICLE.life.archived()]
    decides(past, lambda state: lifecycle.restore(ARTICLE, state), ARTICLE.life.restored())
    state = state_after(*past, ARTICLE.life.restored())
    assert ("open", "none") == (state.draft, state.publication)


def test_archiving_twice_and_restoring_twice_make_no_event() -> None:
    decides([CREATED, ARTICLE.life.archived()], lambda state: lifecycle.archive(ARTICLE, state))
    decides([CREATED], lambda state: lifecycle.restore(ARTICLE, state))


def test_a_rename_is_in_force_at_once() -> None:
    decides(
        [CREATED],
        lambda state: lifecycle.rename(ARTICLE, state, "tu-144-sst", moderates=False),
        ARTICLE.life.renamed(before="tu-144", after="tu-144-sst"),
    )
    assert state_after(CREATED, ARTICLE.life.renamed(before="tu-144", after="x")).slug == "x"


def test_a_published_article_is_renamed_by_a_moderator_alone() -> None:
    past = [CREATED, submitted(1), published(1)]
    refuses(past, lambda state: lifecycle.rename(ARTICLE, state, "x", moderates=False), 403, "forbidden")
    refuses(past, lambda state: lifecycle.rename(ARTICLE, state, "tu-144", moderates=False), 403, "forbidden")
    decides(
        past,
        lambda state: lifecycle.rename(ARTICLE, state, "x", moderates=True),
        ARTICLE.life.renamed(before="tu-144", after="x"),
    )
    decides(
        [*past, ARTICLE.life.unpublished()],
        lambda state: lifecycle.rename(ARTICLE, state, "x", moderates=False),
        ARTICLE.life.renamed(before="tu-144", after="x"),
    )


ORIGINAL = Source(entry=named_id("test", "original"), revision=3)


def test_what_a_text_was_translated_from_is_a_revision_of_its_own() -> None:
    source = msgspec.to_builtins(ORIGINAL)
    decides(
        [CREATED],
        lambda state: lifecycle.revise(ARTICLE, state, {"translated_from": source}),
        ARTICLE.life.revised(revision=2, changed={}, translated_from=ORIGINAL),
    )
    told = ARTICLE.life.revised(revision=2, changed={}, translated_from=ORIGINAL)
    decides([CREATED, told], lambda state: lifecycle.revise(ARTICLE, state, {"translated_from": source}))
    decides(
        [CREATED, told],
        lambda state: lifecycle.revise(ARTICLE, state, {"translated_from": None, "title": "x"}, reverts=1),
        ARTICLE.life.revised(
            revision=3, changed={"title": Change("Ту-144", "x")}, reverts=1, translated_from=None
        ),
    )
