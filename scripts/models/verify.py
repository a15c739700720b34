"""`frankenjet verify`: recomputes what the log and all that is made of it should be; says what is not so."""

import sys

import orjson

from projections.verify.verify import Build, verdicts
from scripts.cli.bars import bars


async def verify(dsn: str, *, as_json: bool, build: Build = Build()) -> int:  # noqa: B008 - immutable
    """Check everything and print the verdicts; the processes of the site may go on meanwhile.

    Args:
        dsn: address of the database.
        as_json: one JSON document {"ok", "checks": [{"name", "ok", "detail"}]} instead of words.
        build: what reads the log, and what is made of it.

    Returns:
        0 when everything is as it should be, else 1.
    """
    with bars() as told:
        found = [one async for one in verdicts(dsn, build, told)]
    ok = all(one.ok for one in found)
    if as_json:
        checks = [one._asdict() for one in found]
        sys.stdout.write(orjson.dumps({"ok": ok, "checks": checks}).decode() + "\n")
    else:
        for one in found:
            sys.stdout.write(f"{'ok   ' if one.ok else 'WRONG'}  {one.name:<12} {one.detail}\n")
    return 0 if ok else 1
