"""Given these events, when this is decided, then those events: no database, no clock."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from events.base import Event, Text
from events.content.sources import Citation
from events.entry import Change, Published, Revised, Submitted
from events.kinds.article import ARTICLE
from kit.errors import Problem
from kit.ids import named_id
from write_side.entry.state import State, evolve

SUBJECT = named_id("test", "subject")

FULL = ARTICLE.content(
    title="Ту-144",
    summary="Сверхзвуковой пассажирский самолёт.",
    body=Text.of("Первый полёт — 31 декабря 1968 года."),
    sources=(Citation(title="Ригмант В. Г. Ту-144", url=""),),
)

CREATED = ARTICLE.life.created(subject=SUBJECT, locale="ru", slug="tu-144", content=FULL)
HEADLINE = {"title": FULL.title, "slug": "tu-144", "locale": "ru", "summary": FULL.summary}


def revised(revision: int, title: str) -> Revised:
    """Return a revision that changes the title."""
    made: Revised = ARTICLE.life.revised(revision=revision, changed={"title": Change("…", title)})
    return made


def submitted(revision: int, **headline: Any) -> Submitted:
    made: Submitted = ARTICLE.life.submitted(revision=revision, **(HEADLINE | headline))
    return made


def published(revision: int, **headline: Any) -> Published:
    made: Published = ARTICLE.life.published(revision=revision, **(HEADLINE | headline))
    return made


def state_after(*events: Event) -> State:
    """Return the state of an article that lived through these events."""
    state: State | None = None
    for event in events:
        state = evolve(state, event)
    assert state is not None
    return state


def decides(past: Sequence[Event], decide: Callable[[State], list[Event]], *expected: Event) -> None:
    """Assert that the decision makes exactly these events."""
    assert list(expected) == decide(state_after(*past))


def refuses(
    past: Sequence[Event], decide: Callable[[State], list[Event]], status: int, type_: str
) -> Problem:
    """Assert that the decision is refused, and return how."""
    with pytest.raises(Problem) as refusal:
        decide(state_after(*past))
    assert (status, type_) == (refusal.value.status, refusal.value.type)
    return refusal.value
