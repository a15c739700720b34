"""What lists show of a published entry, and what they filter and sort by: a row of its kind's own table."""

from collections.abc import Mapping
from typing import Any

from events.base import Recorded
from kit.alphabet import sort_key
from projections.projection import Row
from read_side.entry.kind import KindView
from read_side.list_table import title_key


def facets(view: KindView, row: Row, published: Recorded[Any], content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of an entry in the table of its kind.

    Args:
        view: its kind.
        row: the entry.
        published: the event that showed readers a revision.
        content: the small fields of that revision.
    """
    listed: dict[str, Any] = {}
    for field in view.in_lists:
        listed |= field.row(content[field.name])
    if view.localized:
        listed["locale"] = row["locale"]
    at, title = published.at, content["title"]
    listed |= {"id": published.stream, "slug": row["slug"], "title": title, "published_at": at}
    listed |= {"updated_at": at, "revision": published.event.revision}
    titles = {None: title} if view.localized else title
    listed |= {title_key(locale): sort_key(line) if line else None for locale, line in titles.items()}
    return listed | {"sort_position": published.position}
