"""Makes one statement of several writes and the step of a cursor that they depend on."""

import re
from collections.abc import Sequence
from functools import lru_cache

from projections.applying.rows import ALWAYS, Statement, Write


def as_one(step: Statement, writes: Sequence[Write]) -> Statement | None:
    """Return one statement that takes a step, and writes only if the step was taken; None: it cannot be one.

    It costs one round trip where a transaction costs one for each part, and two for its beginning and end.

    Args:
        step: an update of one row. Run with `execute`, the whole says "SELECT 1" when it found that row.
        writes: they can be parts when each is a statement with the condition ALWAYS, and no two are about
            one table.
    """
    parts = [one for one in writes if isinstance(one, Statement)]
    if len({one.table for one in parts}) < len(writes):
        return None
    values = list(step.values)
    for one in parts:
        values += one.values
    sql = _joined(step.sql, len(step.values), tuple([(one.sql, len(one.values)) for one in parts]))
    return None if sql is None else Statement(step.table, sql, values)


KEPT = 256
"""Statements that are kept: with many kinds there are very many ways in which tables come together."""


@lru_cache(KEPT)
def _joined(step: str, count: int, parts: tuple[tuple[str, int], ...]) -> str | None:
    if not all(ALWAYS in sql for sql, _ in parts):  # it would be done whether the step was taken or not
        return None
    found = [f"moved as ({step} returning 1)"]
    for number, (sql, values) in enumerate(parts):
        # What reads `moved` runs after it: one that waits there for another copy sees what that one decided.
        depends = sql.replace(ALWAYS, "where exists (select from moved)")
        found.append(f"part{number} as ({_numbered(depends, count)})")
        count += values
    return f"with {', '.join(found)} select from moved"


def _numbered(sql: str, after: int) -> str:
    return re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + after}", sql)
