"""Checks the numbers of what readers may know: 1, 2, 3 … in the order of the log, of events of it."""

from kit.postgres.connect import Connection
from projections.verify.verdict import Mistakes, Verdict

_WRONG = """
select p.sequence, p.position, p.place, e.position is null as lost
  from (select sequence, position, row_number() over (order by position) as place from project.public) p
  left join log.event e on e.position = p.position
 where p.sequence <> p.place or e.position is null
 order by p.position limit 1000"""

_COUNT = "select count(*) from project.public"


async def public_numbers(connection: Connection) -> Verdict:
    """Return whether followers of the public stream find what they lost, and nothing else."""
    mistakes = Mistakes()
    for row in await connection.fetch(_WRONG):
        if row["lost"]:
            mistakes.add(f"number {row['sequence']:,} is of position {row['position']:,}, which has no event")
        else:
            mistakes.add(f"position {row['position']:,} has number {row['sequence']:,} for {row['place']:,}")
    count = await connection.fetchval(_COUNT)
    return mistakes.verdict("numbers", f"{count:,} without a gap, in the order of the log")
