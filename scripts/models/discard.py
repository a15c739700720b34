"""`frankenjet abort | confirm`: drop read tables that nobody uses, decided once nobody can begin to."""

import sys

from kit.log.lease import HELD
from kit.postgres.connect import Connection
from projections.builds.fingerprint import fingerprint
from projections.builds.generation import Generation, drop, generations
from projections.catalog import PROJECTIONS
from projections.engine.wanted import lacking, left_over
from scripts.cli.report import reporting
from scripts.models.rebuild import connected, projection_named

_LED = f"select exists (select from project.lease l where l.name = $1 and {HELD})"


async def abort(dsn: str, name: str, *, as_json: bool = False) -> int:
    """Drop what a rebuild of this build has filled so far; readers never saw it.

    Returns:
        1 when it was made current meanwhile, and is kept.
    """
    projection = projection_named(name)
    code, say = 0, reporting(as_json=as_json)
    async with connected(dsn) as connection:
        found = await generations(connection, name, fingerprint(projection))
        unused = [one for one in found if one.state in {"filling", "following"}]
        for one in unused:
            dropped = await drop(connection, one, _is_unused)
            words = f"dropped {one.schema}" if dropped else f"{one.schema} is current by now, and kept"
            say(words, set=one.schema, dropped=dropped)
            code = code if dropped else 1
        if not unused:
            say(f"{name}: no rebuild is under way, nothing was dropped", set=None, dropped=False)
    return code


async def _is_unused(_connection: Connection, generation: Generation) -> bool:
    return generation.state in {"filling", "following"}


async def confirm(dsn: str, *, as_json: bool = False) -> int:
    """Drop the sets that this build neither serves nor fills; going back to their build refills them.

    Returns:
        1 when this build's own set is not complete, or another build still keeps one of those up to date.
    """
    async with connected(dsn) as connection:
        if await lacking(connection, PROJECTIONS):
            print("this build's own set is not complete yet; nothing was dropped", file=sys.stderr)
            return 1
        others = await left_over(connection, PROJECTIONS)
        if led := [one.schema for one in others if await connection.fetchval(_LED, one.schema)]:
            print(f"another build still keeps {', '.join(led)} up to date: stop it first", file=sys.stderr)
            return 1
        code, say = 0, reporting(as_json=as_json)
        for one in others:
            dropped = await drop(connection, one, _is_left_over)
            words = f"dropped {one.schema}" if dropped else f"{one.schema} is in use again, and kept"
            say(words, set=one.schema, dropped=dropped)
            code = code if dropped else 1
        if not others:
            say("no other build left a read model behind, nothing was dropped", set=None, dropped=False)
    return code


async def _is_left_over(connection: Connection, generation: Generation) -> bool:
    """Tell whether it is still of no use: while its cursor is locked nobody can begin to lead it."""
    others = {one.schema for one in await left_over(connection, PROJECTIONS)}
    return generation.schema in others and not await connection.fetchval(_LED, generation.schema)
