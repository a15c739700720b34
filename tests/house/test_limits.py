"""Every limit is told with its figures, and no route that changes something is without one."""

import re

import pytest

from kit.checkout import ROOT
from kit.http.deferred import whole
from kit.http.requests.body import StrictRoute
from kit.limits.catalog import LIMITS
from kit.limits.rules import Limit
from write_side.catalog import ROUTES

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
COLUMNS = ("account", "address", "mail", "place", "all")
SECONDS = {"minute": 60, "5 minutes": 300, "10 minutes": 600, "hour": 3_600, "day": 86_400}


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_each_limit_is_told_as_it_is(limit: Limit) -> None:
    row = re.search(rf"^\| `{limit.name}`( \\\*)? \|[^|]*\|(.*)\|$", PAGE, re.MULTILINE)
    assert row is not None
    assert limit.counted_first == bool(row[1])
    told = [
        (per, int(amount.replace(",", "")), SECONDS[time])
        for per, cell in zip(COLUMNS, row[2].split("|"), strict=True)
        for amount, time in re.findall(r"([\d,]+) (?:an?|in) ([\w ]*\w)", cell)
    ]
    assert sorted(map(tuple, limit.rules)) == sorted(told)


def test_no_limit_is_told_that_there_is_not() -> None:
    table = PAGE.partition("## How often anything may be done")[2].partition("\n## ")[0]
    assert [limit.name for limit in LIMITS] == re.findall(r"^\| `([a-z-]+)`", table, re.MULTILINE)


def test_every_route_that_changes_something_has_a_limit() -> None:
    routes = [route for route in map(whole, ROUTES) if isinstance(route, StrictRoute)]
    assert [] == [route.path for route in routes if route.limit is None and route.methods != {"GET"}]
    assert len(routes) > 50
