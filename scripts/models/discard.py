"""`frankenjet abort | confirm`: drop read tables that nobody uses."""

import sys
from collections.abc import Sequence

from projections.catalog import PROJECTIONS, projection_named
from projections.engine import discard
from projections.engine.discard import Decided, NothingDropped
from scripts.cli.report import reporting
from scripts.models.rebuild import connected


async def abort(dsn: str, name: str, *, as_json: bool = False) -> int:
    """Drop what a rebuild of this build has filled so far.

    Returns:
        1 when it was made current meanwhile, and is kept.
    """
    async with connected(dsn) as connection:
        decided = await discard.abort(connection, projection_named(name))
    return _said(
        decided,
        kept="is current by now, and kept",
        nothing=f"{name}: no rebuild is under way, nothing was dropped",
        as_json=as_json,
    )


async def confirm(dsn: str, *, as_json: bool = False) -> int:
    """Drop the sets that this build neither serves nor fills.

    Returns:
        1 when this build's own set is not complete, or another build still keeps one of those up to date.
    """
    async with connected(dsn) as connection:
        try:
            decided = await discard.confirm(connection, PROJECTIONS)
        except NothingDropped as reason:
            print(reason, file=sys.stderr)
            return 1
    return _said(
        decided,
        kept="is in use again, and kept",
        nothing="no other build left a read model behind, nothing was dropped",
        as_json=as_json,
    )


def _said(decided: Sequence[Decided], *, kept: str, nothing: str, as_json: bool) -> int:
    say = reporting(as_json=as_json)
    for schema, dropped in decided:
        say(f"dropped {schema}" if dropped else f"{schema} {kept}", set=schema, dropped=dropped)
    if not decided:
        say(nothing, set=None, dropped=False)
    return 0 if all(one.dropped for one in decided) else 1
