"""What the start-up gate asks of rights: nobody changes the log, or lets his own code run as its owner."""

from collections.abc import AsyncIterator

from kit.postgres.connect import WRITER, Connection

_RIGHTS = """
select array(
    select p from unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) p
     where has_table_privilege('log.event', p)
        or p in ('INSERT', 'UPDATE') and has_any_column_privilege('log.event', p)) as rights,
  pg_has_role(c.relowner, 'member') as owner
  from pg_class c where c.oid = 'log.event'::regclass"""

_DEFINERS = """
select p.oid::regprocedure::text as name
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where (n.nspname in ('log', 'auth', 'hook', 'project', 'library')
        or p.prosecdef and p.proowner = (select relowner from pg_class where oid = 'log.event'::regclass)
           and n.nspname !~ '^(pg_|information_schema$)')
   and not 'search_path=pg_catalog, pg_temp' = any(coalesce(p.proconfig, '{}'))
 order by 1"""

_TEMPORARY = """
select current_database() as database, r.name
  from unnest(array['public', 'frankenjet_write', 'frankenjet_project', 'frankenjet_read',
                    'frankenjet_accounts'])
       with ordinality r(name, n)
 where has_database_privilege(r.name, current_database(), 'TEMPORARY') order by r.n limit 1"""


async def rights(connection: Connection) -> AsyncIterator[str]:
    """Yield how the writer could change the log."""
    row = await connection.fetchrow(_RIGHTS)
    if row["owner"]:
        yield (
            f"The role {WRITER} is or can become the owner of log.event and could rewrite it: take it out of"
            " the owner's role."
        )
    elif row["rights"]:
        rights = ", ".join(row["rights"])
        yield (
            f"The role {WRITER} could change the log: revoke {rights} on log.event from {WRITER}, from public"
            " and from the roles that it is in."
        )


async def definers(connection: Connection) -> AsyncIterator[str]:
    """Yield the functions that could take what is temporary for PostgreSQL's own."""
    for row in await connection.fetch(_DEFINERS):
        yield (
            f"The function {row['name']} may take temporary objects of its caller for PostgreSQL's own: run"
            f" `alter function {row['name']} set search_path = pg_catalog, pg_temp` as its owner."
        )


async def temporary(connection: Connection) -> AsyncIterator[str]:
    """Yield who could make anything temporary at all."""
    for row in await connection.fetch(_TEMPORARY):
        yield (
            f"{row['name']} may make temporary objects in this database: run `revoke temporary on database"
            f" {row['database']} from {row['name']}` as its owner."
        )
