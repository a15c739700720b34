"""Logins of the embedded server: one for each side of the house, which owns nothing and is no superuser.

They have no password: a user of the socket is known by his uid.
"""

from urllib.parse import urlsplit

from kit.postgres.connect import ACCOUNTS, PROJECTOR, READER, WRITER

LOGINS = {
    WRITER: "frankenjet_login_write",
    PROJECTOR: "frankenjet_login_project",
    READER: "frankenjet_login_read",
}
"""Role that a process acts as → its login."""

ALSO = {WRITER: (ACCOUNTS,)}
"""Further roles that it acts as."""


def make_logins(owner_dsn: str) -> None:
    """Make the logins that are missing, each in its role.

    Raises:
        psycopg.Error: when the server cannot be reached or refuses.
        TimeoutError: it has fallen silent.
    """
    from psycopg import sql

    from kit.postgres.blocking import opening

    with opening(owner_dsn, "frankenjet logins") as connect, connect() as connection:
        connection.autocommit = True
        for role, login in LOGINS.items():
            known = connection.execute("select from pg_roles where rolname = %s", (login,)).fetchone()
            if known is None:
                connection.execute(sql.SQL("create role {} login").format(sql.Identifier(login)))
            roles = sql.SQL(", ").join(map(sql.Identifier, (role, *ALSO.get(role, ()))))
            connection.execute(sql.SQL("grant {} to {}").format(roles, sql.Identifier(login)))


def as_login(dsn: str, role: str) -> str:
    """Return the address of an embedded server for the login of a role."""
    parts = urlsplit(dsn)
    return parts._replace(netloc=f"{LOGINS[role]}@{parts.netloc.rpartition('@')[2]}").geturl()
