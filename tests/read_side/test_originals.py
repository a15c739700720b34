"""What a text was translated from: readers are told of the original only while they see it."""

from typing import Any

import pytest

from events.entry import Source
from events.kinds.article import ARTICLE
from tests.projections.lives import Article
from tests.read_side.site import EDITORS, Site


async def translated(here: Site) -> tuple[Article, Article]:
    """Publish a translation in two revisions, made from two revisions of an original that nobody has seen."""
    original = Article(here.log, "tu-144")
    original.revise(title="Tu-144 again")
    first, second = (Source(entry=original.id, revision=number) for number in (1, 2))
    one = Article(here.log, "tu-144-ru", locale="ru", subject=original.subject, translated_from=first)
    one.publish()
    one.revision = 2
    here.log.add(one.id, ARTICLE.life.revised(revision=2, changed={}, translated_from=second))
    one.publish()
    await here.shown()
    return original, one


async def told(here: Site, path: str, headers: dict[str, str] | None = None) -> str:
    answer = await here.get(path, headers)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("away", [ARTICLE.life.unpublished, ARTICLE.life.archived])
async def test_readers_are_told_of_an_original_only_while_they_see_it(here: Site, away: Any) -> None:
    original, one = await translated(here)
    place, id_ = f"/v1/articles/{one.id}", str(original.id)
    parts = ("", "/revisions", "/revisions?limit=1", "/revisions/1", "/diff?from=1&to=2", "/diff?from=2&to=1")
    ways = [place + part for part in parts]

    for _ in range(2):  # made, and kept
        assert [id_ in await told(here, way) for way in ways] == [False] * 6
        assert [id_ in await told(here, way, EDITORS) for way in ways[1:]] == [True] * 5
    original.publish(1)
    await here.shown()
    for _ in range(2):
        assert [id_ in await told(here, way) for way in ways] == [True] * 6
    original.step(away)
    await here.shown()
    assert [id_ in await told(here, way) for way in ways] == [False] * 6
    assert [id_ in await told(here, way, EDITORS) for way in ways[1:]] == [True] * 5
