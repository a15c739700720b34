"""What is particular to articles: their fields, what their list shows and how it is filtered."""

from typing import TypedDict

from sqlalchemy import Column, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY

from read_side.entry.kind import Filter, Kind


class ReferenceView(TypedDict):
    """A source that an article rests on."""

    title: str
    url: str


ARTICLE = Kind(
    name="article",
    path="articles",
    fields={
        "title": str,
        "summary": str,
        "body": str,
        "sources": list[ReferenceView],
        "tags": list[str],
        "category": str,
        "meta_title": str,
        "meta_description": str,
        "meta_keywords": str,
    },
    examples={
        "title": "Antonov An-2",
        "summary": "A biplane that does everything.",
        "body": "It first flew in 1947, after the [Po-2](/articles/polikarpov-po-2).",
        "sources": [{"title": "B. Gunston, 1995", "url": ""}],
        "tags": ["biplane"],
        "category": "aircraft",
    },
    listed=(
        Column("summary", Text, nullable=False),
        Column("tags", ARRAY(Text), nullable=False),
        Column("category", Text, nullable=False),
    ),
    filters={"tag": Filter("tags", contains=True), "category": Filter("category")},
    indexes=(
        Index("listing_tags", "tags", postgresql_using="gin"),
        Index("listing_category", "category", "published_at", "sort_position"),
    ),
)
