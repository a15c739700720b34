"""Every column that could hold something of a person is declared, with how it is erased."""

from kit.postgres.connect import connect
from write_side.accounts.erasure.inventory import INVENTORY

COLUMNS = """
select case when n.nspname = 'auth' then '' else n.nspname || '.' end || c.relname as table,
       a.attname as column
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
 where n.nspname in ('auth', 'hook') and c.relkind in ('r', 'p', 'v', 'm', 'f')
   and a.attnum > 0 and not a.attisdropped"""


async def test_every_column_beside_the_log_is_declared_personal_or_plain(database: str) -> None:
    connection = await connect(database, "test")
    found = sorted(f"{row['table']}.{row['column']}" for row in await connection.fetch(COLUMNS))
    await connection.close()
    declared = sorted(
        f"{kept.table}.{column}" for kept in INVENTORY for column in f"{kept.personal} {kept.plain}".split()
    )
    assert found == declared, "declare new columns in write_side/accounts/erasure/inventory.py"


def test_every_table_with_something_personal_says_how_it_forgets() -> None:
    assert [] == [
        kept.table for kept in INVENTORY if kept.personal and not kept.forgets and not kept.forgets_address
    ]
