"""The table of what a request may cost says what the code does."""

import pytest

from events.kinds.article import ARTICLE
from kit.checkout import ROOT
from kit.http import problems
from kit.http.requests import head, room, strict_json
from kit.http.requests.body import largest_room
from kit.running import child
from read_side.answers import paging
from read_side.comparing import comparisons
from read_side.entry import statement
from write_side import conflict, history, states
from write_side.catalog import ROUTES
from write_side.entry.bodies import create_body
from write_side.importing.api import MOST_BYTES
from write_side.media.waiting import unconfirmed

CreateArticle = create_body(ARTICLE)

OPERATIONS = ROOT / "docs" / "operations.md"

BOUNDS = {
    "a head": (head.MAX_TARGET, head.MAX_HEADERS, paging.MAX_CURSOR),
    "a body": (room.HELD, round(room.room_for(CreateArticle) / 10**6)),
    "a body in small pieces": (room.PIECE,),
    "nested or very many members": (strict_json.MAX_DEPTH, strict_json.MAX_VALUES, problems.SHOWN),
    "a difference": (child.MOST_WAITING, int(child.TURN_SECONDS), comparisons.KEPT_BYTES),
    "an earlier revision": (history.SNAPSHOT_EVERY, conflict.EVENTS_LISTED),
    "a document with many links": (statement.SHOWN,),
    "folded states in memory": (states.MAX_BYTES,),
}


@pytest.mark.parametrize("what", BOUNDS)
def test_each_bound_is_told_as_it_is(what: str) -> None:
    table = OPERATIONS.read_text("utf-8").partition("## What a request may cost")[2].partition("\n## ")[0]
    (row,) = (line for line in table.splitlines() if line.startswith((f"| {what} |", f"| {what}:")))
    told = row.replace(";", " ").replace(",", "").split()
    assert [] == [bound for bound in BOUNDS[what] if str(bound) not in told]


def test_how_much_may_wait_of_an_account_is_told_as_it_is() -> None:
    told = OPERATIONS.read_text("utf-8").partition("\n## Files\n")[2].partition("\n## ")[0]
    bounds = (unconfirmed.MOST, unconfirmed.LEAST, unconfirmed.MOST_BYTES)
    sizes = [f"{size // 2**30} GiB" if size >= 2**30 else f"{size // 2**20} MiB" for size in bounds]
    assert [] == [size for size in sizes if size not in told]


def test_the_edge_lets_the_longest_body_pass_that_a_route_takes() -> None:
    assert MOST_BYTES == largest_room(ROUTES)
