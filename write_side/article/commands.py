"""What editors may write in an article: the bodies of its two commands that carry content."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from kit.http.requests.body import Body
from kit.http.requests.room import ALTOGETHER
from kit.http.requests.text import CleanLine, CleanText, Key, PageAddress
from write_side.entry.commands import CreateEntry, ReviseEntry

Title = Annotated[CleanLine, StringConstraints(min_length=1, max_length=300)]
Line = Annotated[CleanLine, StringConstraints(max_length=300)]
Summary = Annotated[CleanText, StringConstraints(max_length=2_000)]
Markdown = Annotated[CleanText, StringConstraints(max_length=200_000)]
Tag = Annotated[Key, StringConstraints(min_length=1, max_length=64)]


class Reference(Body):
    """A source that the article rests on; a book needs no address."""

    title: Title
    url: PageAddress = ""


SOURCES_BYTES = 240_000
"""Of all sources together in UTF-8: an event holds what was and what is, and has to have room for both."""


def _altogether(sources: list[Reference]) -> list[Reference]:
    if sum(len(f"{one.title}{one.url}".encode()) for one in sources) > SOURCES_BYTES:
        raise PydanticCustomError("our_sources", "must have at most 240,000 bytes altogether")
    return sources


def _each_once(tags: list[str]) -> list[str]:
    if len(set(tags)) != len(tags):
        raise PydanticCustomError("our_tags", "must have each tag once")
    return tags


class _Fields(Body):
    summary: Summary = ""
    body: Markdown = ""
    """CommonMark; a link to /articles/<slug> or /articles/<id> leads to another article."""
    sources: Annotated[list[Reference], AfterValidator(_altogether)] = Field(
        default_factory=list, max_length=200, json_schema_extra={ALTOGETHER: SOURCES_BYTES}
    )
    tags: Annotated[list[Tag], AfterValidator(_each_once)] = Field(default_factory=list, max_length=50)
    category: Annotated[Key, StringConstraints(max_length=64)] = ""
    meta_title: Line = ""
    meta_description: Summary = ""
    meta_keywords: Annotated[CleanLine, StringConstraints(max_length=500)] = ""


class CreateArticle(_Fields, CreateEntry):
    """Make an article; its first revision is an open draft."""

    title: Title


class ReviseArticle(_Fields, ReviseEntry):
    """Change the fields that are given; the others stay as they are."""

    title: Title = Field(default="")
