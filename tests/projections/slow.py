"""A projection whose handler takes as long as a title says, for tests of what that may do to others."""

import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, Uuid

from events.base import Recorded
from events.codec import CODEC
from events.entry import entry_stream
from events.kinds.article import ARTICLE
from kit.ids import named_id
from projections.projection import New, Projection, Rows
from tests.given.lives import Written

TITLE = Table(
    "title",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
)

AT_MOST = 6.0
"""Seconds of CPU after which a handler ends by itself, should nobody stop it."""


def burn(recorded: Recorded[Any], _rows: Rows) -> Iterable[New]:
    """Use the processor for the time that the title says, and then write a row."""
    title = recorded.event.content.title
    wanted = AT_MOST if title == "without end" else float(title)
    end = time.thread_time() + wanted
    while time.thread_time() < end:
        pass
    yield New(TITLE, {"id": recorded.stream, "position": recorded.position, "title": title})


SLOW = Projection(
    name="slow",
    tables=(TITLE,),
    handlers={ARTICLE.life.created: burn},
    needs=lambda _recorded: (),
    tags=lambda _recorded: (),
    parked_tag=str,
)

PROJECTIONS = (SLOW,)


def titled(*titles: str) -> list[Written]:
    """Return the creations of articles with these titles."""
    written: list[Written] = []
    for number, title in enumerate(titles):
        subject = named_id("slow", str(number), title)
        content = ARTICLE.content(title=title)
        made = ARTICLE.life.created(subject=subject, locale="en", slug=f"slow-{number}", content=content)
        written.append((entry_stream("article", subject, "en"), 0, made))
    return written


__all__ = ["CODEC", "PROJECTIONS", "SLOW", "TITLE", "titled"]
