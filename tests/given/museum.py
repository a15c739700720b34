"""A second kind of entry, declared for the proof: a museum with a title, one link and one rule of its own."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter
from pydantic import StringConstraints
from sqlalchemy import Column, Text

from events import entry, slug
from events.codec import Codec
from events.entry import Content
from kit.http.requests.text import CleanLine
from projections.entry.projection import entry_projection
from read_side.entry import kind as read
from read_side.entry.api import entry_router
from read_side.sources import Sources
from scripts.app import Build
from write_side.entry import commands
from write_side.entry.kind import Kind, Shortfall
from write_side.entry.routes import entry_routes


class MuseumContent(Content, frozen=True, kw_only=True):
    flagship: Annotated[str, msgspec.Meta(max_length=120)] = ""
    """Slug of the article on its best known exhibit."""


class Created(entry.Created, frozen=True, kw_only=True):
    TYPE, CONTENT = "museum.created", MuseumContent
    content: MuseumContent


class Revised(entry.Revised, frozen=True, kw_only=True):
    TYPE, CONTENT = "museum.revised", MuseumContent


class Submitted(entry.Submitted, frozen=True, kw_only=True):
    TYPE = "museum.submitted"


class Published(entry.Published, frozen=True, kw_only=True):
    TYPE = "museum.published"


class Withdrawn(entry.Withdrawn, frozen=True, kw_only=True):
    TYPE = "museum.withdrawn"


class Returned(entry.Returned, frozen=True, kw_only=True):
    TYPE = "museum.returned"


class Unpublished(entry.Unpublished, frozen=True, kw_only=True):
    TYPE = "museum.unpublished"


class Archived(entry.Archived, frozen=True, kw_only=True):
    TYPE = "museum.archived"


class Restored(entry.Restored, frozen=True, kw_only=True):
    TYPE = "museum.restored"


class Renamed(entry.Renamed, frozen=True, kw_only=True):
    TYPE = "museum.renamed"


LIFE = (Created, Revised, Submitted, Published, Withdrawn, Returned, Unpublished, Archived, Restored, Renamed)


def has_a_flagship(content: Mapping[str, Any]) -> Iterable[Shortfall]:
    if not content["flagship"]:
        yield "flagship", "a museum is shown with its best known exhibit"


MUSEUM = Kind.of("museum", "museums", LIFE, rules=(has_a_flagship,))

Flagship = Annotated[CleanLine, StringConstraints(max_length=120)]


class CreateMuseum(commands.CreateEntry):
    title: Annotated[CleanLine, StringConstraints(min_length=1, max_length=300)]
    flagship: Flagship = ""


class ReviseMuseum(commands.ReviseEntry):
    flagship: Flagship = ""


routes = entry_routes(MUSEUM, CreateMuseum, ReviseMuseum)


SHOWN = read.Kind(
    name="museum",
    path="museums",
    fields={"title": str, "flagship": str},
    listed=(Column("flagship", Text, nullable=False),),
    filters={"flagship": read.Filter("flagship")},
)


def queries(sources: Sources) -> APIRouter:
    return entry_router(SHOWN, sources)


BUILD = Build(Codec((*LIFE, *slug.EVENTS)), (entry_projection(SHOWN, LIFE),), (routes,), (queries,))
