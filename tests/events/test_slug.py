"""A slug is one word of an address, and never what an id could be."""

from collections.abc import Callable

import pytest

from events.base import Event
from events.kinds.article import ARTICLE
from events.slug import SlugClaimed
from kit.ids import named_id

ID = "018f2c1e-0000-7000-8000-0000000000ab"

MAKES: list[Callable[[str], Event]] = [
    lambda slug: SlugClaimed(kind="article", slug=slug, owner=named_id("test")),
    lambda slug: ARTICLE.life.renamed(before="tu-144", after=slug),
    lambda slug: ARTICLE.life.created(
        subject=named_id("test"), locale="en", slug=slug, content=ARTICLE.content(title="x")
    ),
]


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize(
    "slug", [ID, ID.replace("-", ""), "0-1-2-3-4-5-6-7-8-9-a-b-c-d-e-f-0-1-2-3-4-5-6-7-8-9-a-b-c-d-e-f"]
)
def test_no_event_holds_a_slug_that_is_spelt_like_an_id(make: Callable[[str], Event], slug: str) -> None:
    with pytest.raises(ValueError, match="not spelt like an id"):
        make(slug)


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize(
    "slug", ["", "x" * 121, "Tu-144", "tu--144", "-tu", "tu-", "ту-144", "ru:tu-144", "a\n"]
)
def test_no_event_holds_a_slug_that_no_address_could_hold(make: Callable[[str], Event], slug: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        make(slug)


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize(
    "slug", ["tu-144", "1914", "deadbeef", ID.replace("-", "")[:31], f"a{ID}", "x" * 120]
)
def test_anything_else_is_a_slug(make: Callable[[str], Event], slug: str) -> None:
    assert slug in repr(make(slug))
