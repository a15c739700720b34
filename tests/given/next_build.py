"""The next build as a developer would make it: one more column, one more read model, a renamed field."""

from pathlib import Path

from scripts.dev.more_kinds import copy_of_build

NEW_READ_MODEL = '''"""The read model "authors": how much each account has written."""

from sqlalchemy import BigInteger, Column, MetaData, Table, Uuid

from events.kinds.article import ARTICLE
from projections.projection import Projection, Put

AUTHOR = Table(
    "author",
    MetaData(),
    Column("actor", Uuid, primary_key=True),
    Column("events", BigInteger, nullable=False),
)


def written(recorded, rows):
    known = rows.get(AUTHOR, recorded.meta.actor)
    yield Put(AUTHOR, {"actor": recorded.meta.actor, "events": (known["events"] if known else 0) + 1})


PROJECTION = Projection(
    name="authors",
    tables=(AUTHOR,),
    handlers=dict.fromkeys(ARTICLE.life, written),
    needs=lambda recorded: [(AUTHOR, (recorded.meta.actor,))],
    tags=lambda recorded: ["authors"],
    parked_tag=str,
    by_stream=False,
)
'''

EDITS = {
    "events/kinds/article.py": [
        ('en="Title for search engines"', 'en="Title for search engines", listed=True'),
        (
            "    ),\n)\n",
            '    ),\n    upcasters={("returned", 1): lambda stored: {"remark": stored["comment"]}},\n)\n',
        ),
    ],
    "projections/catalog.py": [
        (
            "from projections.entry.projection import",
            "from projections import authors\nfrom projections.entry.projection import",
        ),
        (
            "feed_projection(EVENTS, KINDS))",
            "feed_projection(EVENTS, KINDS), authors.PROJECTION)",
        ),
    ],
    "events/entry.py": [
        ("    comment: Annotated[", "    remark: Annotated["),
        ("check_text(self.comment, ", "check_text(self.remark, "),
        ("if not self.comment:", "if not self.remark:"),
    ],
    "projections/entry/life.py": [("recorded.event.comment", "recorded.event.remark")],
    "write_side/entry/lifecycle.py": [
        ("kind.life.returned(comment=comment)", "kind.life.returned(remark=comment)")
    ],
}
"""File → what stands there, and what stands there in the next build."""


def next_build(to: Path) -> Path:
    """Make a copy of this build, and change it; return its folder."""
    copy_of_build(to)
    (to / "projections" / "authors.py").write_text(NEW_READ_MODEL)
    for name, edits in EDITS.items():
        text = (to / name).read_text()
        for before, after in edits:
            assert text.count(before) == 1, f"{name}: {before}"
            text = text.replace(before, after)
        (to / name).write_text(text)
    return to
