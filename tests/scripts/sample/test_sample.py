"""The sample encyclopedia: complete, true to the rules of an article, rich enough to show the store."""

import re
from collections.abc import Callable
from typing import Any, Literal

import msgspec
import pytest

from events.base import Event
from events.entry import Source, entry_stream
from events.slug import slug_stream
from scripts.sample import SampleLife, accounts, final_body, lives, steps
from scripts.sample.lives import AnyStep
from write_side.entry import lifecycle
from write_side.entry.kinds import AGGREGATES
from write_side.entry.state import State, evolve

ARTICLE = AGGREGATES["article"]

LIVES = lives()
ROLES = {account.name: account.role for account in accounts()}
MODERATORS_ONLY = (steps.ReturnStep, steps.PublishStep, steps.Unpublish, steps.Archive, steps.Restore)
SITE_LINK = re.compile(r"\]\((/[^)]*)\)")

MODERATORS = {one.name for one in accounts() if one.role == "moderator"}

LONG = [life for life in LIVES if len(life.steps) > 3]
"""Those that have a history; the others were written once, submitted and published."""

each_life = pytest.mark.parametrize("life", LIVES, ids=lambda life: life.key)
each_long_life = pytest.mark.parametrize("life", LONG, ids=lambda life: life.key)


def words(markdown: str) -> int:
    """Count words as a reader would: without the addresses of links and the marks of headings."""
    text = re.sub(r"\]\([^)]*\)", "]", markdown).replace("#", " ")
    return len([word for word in text.split() if any(letter.isalnum() for letter in word)])


def plain(content: Any) -> dict[str, Any]:
    return {name: msgspec.to_builtins(getattr(content, name)) for name in content.__struct_fields__}


def decide(life: SampleLife, state: State | None, step: AnyStep) -> list[Event]:  # noqa: C901, PLR0911 - one line a verb
    """Ask the article itself what follows from a step; it raises Problem when the step may not be taken."""
    if isinstance(step, steps.Create):
        content = life.revisions[0]
        return [
            ARTICLE.life.created(subject=life.subject_id, locale=life.locale, slug=life.slug, content=content)
        ]
    assert state is not None
    match step:
        case steps.Revise():
            after = plain(life.revisions[state.revision])
            return lifecycle.revise(ARTICLE, state, {name: after[name] for name in step.fields()})
        case steps.RevertStep(to=to):
            return lifecycle.revise(ARTICLE, state, plain(life.revisions[to - 1]), reverts=to)
        case steps.RenameStep(slug=slug):
            return lifecycle.rename(ARTICLE, state, slug, moderates=step.by in MODERATORS)
        case steps.Submit():
            return lifecycle.submit(ARTICLE, state)
        case steps.Withdraw():
            return lifecycle.withdraw(ARTICLE, state)
        case steps.ReturnStep(comment=comment):
            return lifecycle.give_back(ARTICLE, state, comment)
        case steps.PublishStep(revision=revision):
            return lifecycle.publish(ARTICLE, state, revision, state.content, force=False, reason=step.reason)
        case steps.Unpublish():
            return lifecycle.unpublish(ARTICLE, state)
        case steps.Archive():
            return lifecycle.archive(ARTICLE, state)
        case _:
            return lifecycle.restore(ARTICLE, state)


def replay(life: SampleLife, watch: Callable[[State | None, AnyStep], None] | None = None) -> State:
    state: State | None = None
    for step in life.steps:
        if watch:
            watch(state, step)
        events = decide(life, state, step)
        assert len(events) == 1, f"{step} makes {len(events)} events"
        state = evolve(state, events[0])
    assert state is not None
    return state


def test_the_sample_has_24_subjects_in_russian_and_in_english_eight_of_them_with_a_history() -> None:
    subjects = {life.subject for life in LIVES}
    assert (24, 8) == (len(subjects), len({life.subject for life in LONG}))
    assert {(life.subject, life.locale) for life in LIVES} == {
        (s, tongue) for s in subjects for tongue in ("ru", "en")
    }
    assert (48, 16) == (len(LIVES), len(LONG))


@each_life
def test_an_article_is_worth_reading_and_says_what_it_rests_on(life: SampleLife) -> None:
    content = life.revisions[-1]
    assert words(final_body(life)) >= 120
    for field in ("summary", "category", "tags", "sources"):
        assert getattr(content, field), field


@each_long_life
def test_an_article_with_a_history_has_at_least_300_words_both_as_published_and_as_last_written(
    life: SampleLife,
) -> None:
    assert life.published is not None
    assert words(life.revisions[life.published - 1].body.text) >= 300
    assert words(final_body(life)) >= 300


@each_long_life
def test_an_article_was_written_by_several_people_in_several_revisions(life: SampleLife) -> None:
    authors = [step.by for step in life.steps if isinstance(step, steps.Writing | steps.RevertStep)]
    assert len(authors) == len(life.revisions) >= 4
    assert len(set(authors)) >= 3


@each_long_life
def test_an_article_names_its_sources_and_describes_itself(life: SampleLife) -> None:
    content = life.revisions[-1]
    assert len(content.sources) >= 2
    assert any(source.url for source in content.sources)
    for field in ("summary", "category", "tags", "meta_title", "meta_description", "meta_keywords"):
        assert getattr(content, field), field


@each_life
def test_every_step_is_allowed_by_the_article_and_makes_exactly_one_event(life: SampleLife) -> None:
    state = replay(life)
    assert len(life.steps) == state.version
    assert len(life.revisions) == state.revision
    assert life.published == state.pinned
    assert life.slugs[-1] == state.slug
    assert plain(life.revisions[-1])["body"]["sha256"] == state.content["body"]["sha256"]
    assert life.revisions[-1].title == state.content["title"]


@each_life
def test_nobody_does_more_than_the_role_allows_or_edits_what_waits_for_a_moderator(life: SampleLife) -> None:
    def watch(state: State | None, step: AnyStep) -> None:
        assert step.by in ROLES
        assert ROLES[step.by] == "moderator" or not isinstance(step, MODERATORS_ONLY)
        if isinstance(step, steps.Writing | steps.RevertStep | steps.RenameStep):
            assert state is None or state.draft != "submitted"

    replay(life, watch)


@each_life
def test_nobody_publishes_what_the_same_account_submitted(life: SampleLife) -> None:
    submitter = ""
    for step in life.steps:
        if isinstance(step, steps.Submit):
            submitter = step.by
        elif isinstance(step, steps.PublishStep):
            assert step.by != submitter


@each_life
def test_links_in_every_revision_lead_to_other_articles_in_the_same_language(life: SampleLife) -> None:
    known = {
        f"/articles/{other.slugs[-1]}" for other in LIVES if other.locale == life.locale and other != life
    }
    for content in life.revisions:
        assert set(SITE_LINK.findall(content.body.text)) <= known
    assert SITE_LINK.findall(final_body(life))


def test_every_article_is_linked_from_another_one() -> None:
    linked = {link for life in LIVES for link in SITE_LINK.findall(final_body(life))}
    assert {f"/articles/{life.slugs[-1]}" for life in LIVES} == linked


def test_no_two_articles_in_one_language_ever_have_the_same_slug() -> None:
    slugs = [(life.locale, slug) for life in LIVES for slug in life.slugs]
    assert len(set(slugs)) == len(slugs) == len({slug_stream("article", *slug) for slug in slugs})


def test_translations_share_their_natural_slug() -> None:
    assert [life.subject for life in LIVES] == [life.slugs[-1] for life in LIVES]


def test_a_translation_comes_after_the_revision_that_it_was_made_from() -> None:
    seen: dict[str, SampleLife] = {}
    for life in LIVES:
        for original in life.originals:
            assert 1 <= original.revision <= len(seen[original.key].revisions)
            assert (
                original.entry
                == seen[original.key].entry
                == entry_stream("article", life.subject_id, original.locale)
            )
            assert Source(entry=original.entry, revision=original.revision)
        seen[life.key] = life


def test_in_each_subject_one_language_is_translated_from_the_other() -> None:
    translated = {life.subject for life in LIVES if list(life.originals)}
    assert {life.subject for life in LIVES} == translated


def test_every_article_is_visible_at_the_end() -> None:
    assert [life.key for life in LIVES if life.published is None] == []


def test_every_turn_that_a_life_can_take_occurs() -> None:
    taken = {type(step) for life in LIVES for step in life.steps}
    verbs = set(steps.SampleStep.__subclasses__()) | set(steps.Writing.__subclasses__())
    assert {verb for verb in verbs if not verb.__subclasses__()} == taken


@pytest.mark.parametrize("draft", ["open", "submitted"])
def test_a_draft_is_ahead_of_what_readers_see(draft: Literal["open", "submitted"]) -> None:
    states = [replay(life) for life in LIVES]
    assert any(state.draft == draft and state.pinned and state.pinned < state.revision for state in states)


def test_a_published_article_is_renamed_and_one_is_published_again_after_being_hidden() -> None:
    renamed: set[str] = set()
    hidden: set[str] = set()
    for life in LIVES:

        def watch(state: State | None, step: AnyStep, key: str = life.key) -> None:
            if state and state.pinned and isinstance(step, steps.RenameStep):
                renamed.add(key)
            if state and state.pinned and isinstance(step, steps.Unpublish | steps.Archive):
                hidden.add(key)

        replay(life, watch)
    assert renamed
    assert {type(step) for life in LIVES if life.key in hidden for step in life.steps} >= {
        steps.Unpublish,
        steps.Archive,
        steps.Restore,
    }
