"""What takes time is done before a transaction begins."""

from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table
from sqlalchemy.dialects.postgresql import JSON

from kit.postgres.connect import connect
from projections.applying.rows import copying, write

TABLE = Table(
    "named", MetaData(), Column("id", Integer, primary_key=True), Column("names", JSON), Column("note", JSON)
)


async def test_json_is_made_before_the_transaction_that_copies_it(database: str) -> None:
    rows: list[dict[str, Any]] = [{"id": 1, "names": {"ru": "Ту-144"}, "note": None}, {"id": 2, "names": []}]
    made = copying("public", TABLE, rows)
    kinds = [[type(value) for value in record] for record in made.records]
    assert [[int, bytes, type(None)]] * 2 == kinds
    connection = await connect(database, "test")
    await connection.execute("create table named (id int primary key, names json, note json)")
    await write(connection, [made])
    found = [dict(row) for row in await connection.fetch("select * from named order by id")]
    await connection.close()
    assert [{"note": None} | row for row in rows] == found
