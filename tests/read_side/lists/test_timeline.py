"""The timeline over dates of every length: nothing that reaches into the days is left out, or told twice."""

from datetime import date
from typing import Any

from events.content.dates import days_of
from kit.postgres.connect import connect
from read_side.pages.timeline import FIRST, timeline
from tests.read_side.kinds.world import World
from tests.read_side.lists.rows import TABLES, VIEW, id_of, listed, write

DATES = [
    form.format(year, year + 1, year + 5)
    for year in range(1900, 1960, 7)
    for form in ("{0}", "{0}-06", "{0}-12-31", "{0}/{1}", "{0}/{2}", "{0}/..", "../{0}")
] + ["190X", "19XX", "1903/1904-01-01", "1903/1904-01-02"]


async def test_the_timeline_tells_what_reaches_into_the_days_by_its_first_day(world: World) -> None:
    schema, tables = world.here.follower.schema, world.here.read.sources.tables
    rows = [listed(number, founded={"edtf": edtf}) for number, edtf in enumerate(DATES)]
    connection = await connect(world.here.dsn, "test rows")
    await write(connection, schema, TABLES.facets["museum"], rows)
    await connection.close()
    all_days = [(days_of(edtf), str(id_of(number))) for number, edtf in enumerate(DATES)]
    for first in ("0001", "0002-01-02", "0002-01-03", "1903", "1904", "1905-01-02", "1937", "9999"):
        begin = days_of(first).earliest
        end = max(begin, date(1950, 1, 1))
        reach = [
            (days.earliest, id_) for days, id_ in all_days if days.earliest <= end and days.latest >= begin
        ]
        for limit in (3, 100):
            found: list[Any] = []
            after: Any = FIRST
            while after is not None:
                page = await timeline(
                    tables, {"museum": VIEW}, schema, days=(begin, end), after=after, limit=limit
                )
                found += [(one["earliest"], one["id"]) for one in page.items]
                after = page.last
            assert sorted(reach) == found, (first, limit)
