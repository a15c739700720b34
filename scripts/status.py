"""`frankenjet status`: how far each reader of the log is, measured against the log itself."""

import sys
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from kit.db import PROJECTOR, Connection, connect

_READERS = """
select c.schema as name, g.model, g.state as set, c.position, c.seen,
       (select count(*) from project.parked p where p.schema = c.schema) as parked,
       extract(epoch from clock_timestamp() - (
         select e.recorded_at from log.event e where e.position = c.position + 1))::float8 as waiting,
       coalesce(l.until > clock_timestamp(), false) as led
  from project.cursor c
  left join project.generation g on g.schema = c.schema
  left join project.lease l on l.name = c.schema
 order by g.model nulls last, c.schema"""


async def readers(connection: Connection) -> dict[str, Any]:
    """Return {"head", "readers"}: the committed head of the log and the place of each reader.

    lag_seconds is the age of the oldest event that the reader has not taken; 0 when it has all.
    """
    head = await connection.fetchval("select log.head()")
    found = []
    for row in await connection.fetch(_READERS):
        lag = max(head - row["position"], 0)
        found.append(
            {
                "name": row["name"],
                "model": row["model"],
                "set": row["set"],
                "position": row["position"],
                "lag_events": lag,
                "lag_seconds": round(max(row["waiting"] or 0.0, 0.0), 3) if lag else 0.0,
                "state": _state(row["set"], lag, led=row["led"]),
                "parked": row["parked"],
            }
        )
    return {"head": head, "readers": found}


def _state(set_: str | None, lag: int, *, led: bool) -> str:
    if set_ in {"filling", "old"}:
        return set_
    if not led:
        return "stopped"
    return "behind" if lag else "current"


async def status(dsn: str, *, as_json: bool) -> int:
    """Print the status; return 0 when every reader is led and nothing is parked, else 3."""
    connection = await connect(dsn, "frankenjet status", PROJECTOR)
    try:
        found = await readers(connection)
    finally:
        await connection.close()
    if as_json:
        sys.stdout.write(orjson.dumps(found).decode() + "\n")
    else:
        _show(found)
    bad = [one for one in found["readers"] if one["state"] == "stopped" or one["parked"]]
    return 3 if bad else 0


def _show(found: dict[str, Any]) -> None:
    table = Table(title=f"log head {found['head']:,}")
    for heading in ("reader", "state", "position", "behind", "seconds", "parked"):
        table.add_column(heading, justify="left" if heading in {"reader", "state"} else "right")
    for one in found["readers"]:
        table.add_row(
            one["name"],
            one["state"],
            f"{one['position']:,}",
            f"{one['lag_events']:,}",
            f"{one['lag_seconds']:.1f}",
            str(one["parked"]),
        )
    Console().print(table)
