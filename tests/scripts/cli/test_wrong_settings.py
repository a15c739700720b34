"""Whatever is wrong with a setting or a server, every verb says it in one line and ends with 2."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from kit.auth.keys import ensure_signing_key
from kit.ids import new_id
from kit.settings import Settings
from tests.scripts.verbs import WITHOUT_DATABASE, Said, speaking, verbs
from tests.servers.databases import dsn_of, fresh_database
from tests.servers.processes import free_port
from tests.servers.refusing import answering, of_version, turned_away

SECRET = "hunter2"  # noqa: S105 - what must not be shown

WRONG = {
    "DATABASE_URL": f"mysql://fj:{SECRET}@db/fj",
    "FRANKENJET_OWNER_URL": f"postgresql://fj:{SECRET}#@db/fj",
    "FRANKENJET_HOSTS": "https://a.example/x",
    "SMTP_URL": f"smtp://fj:{SECRET}@mail/inbox",
    "FRANKENJET_MAIL_FROM": f"FrankenJet {SECRET}",
    "FRANKENJET_SITE_URL": f"https://fj:{SECRET}@example.org",
    "FRANKENJET_ERASED_FILE": "~nobody-of-this-name/erased",
    "FRANKENJET_PROVIDERS_FILE": "~nobody-of-this-name/providers",
    "FRANKENJET_TELEGRAM_FILE": "~nobody-of-this-name/telegram",
    "FRANKENJET_REGISTRATION": "sometimes",
    "FRANKENJET_READ_URL": f"postgresql://fj:{SECRET}?@db/fj",
    "REDIS_URL": SECRET,
    "RABBITMQ_URL": f"http://fj:{SECRET}@mq",
    "PORT": "80_00",
    "LOG_LEVEL": "verbose",
    "FRANKENJET_HOST": "http://0.0.0.0",
    "FRANKENJET_PROJECTOR_PORT": "70000",
    "FRANKENJET_ALARM_PORT": "70000",
    "FRANKENJET_ALARM_MAIL": f"{SECRET}, post@example.org",
    "SAMPLE": "maybe",
    "FRANKENJET_STATE": "~nobody-of-this-name/state",
    "FRANKENJET_SIGNING_KEY_FILE": "~nobody-of-this-name/key",
    "FRANKENJET_VERIFY_KEY_FILES": "~nobody-of-this-name/key",
    "FRANKENJET_REDIS_PREFIX": "a b",
    "FRANKENJET_CORS_ORIGINS": "*",
    "FRANKENJET_SHARED_MAX_AGE": "-1",
    "FRANKENJET_TRUSTED_PROXIES": "0.0.0.0/0",
    "FRANKENJET_LIMITS": "none",
    "FRANKENJET_SECOND_FACTOR": "everybody",
    "FRANKENJET_WEBHOOKS_LOOPBACK": "maybe",
    "FRANKENJET_INTERNAL_PORT": "0",
    "FRANKENJET_S3_BUCKET": "My Bucket",
    "S3_ENDPOINT_URL": f"https://fj:{SECRET}@s3.example.org",
    "FRANKENJET_S3_STYLE": "host",
    "FRANKENJET_S3_UPLOAD_URL": "files.example.org",
    "FRANKENJET_MEDIA_URL": "cdn.example.org",
    "AWS_REGION": "Europe",
    "AWS_ACCESS_KEY_ID": "a b",
    "AWS_SECRET_ACCESS_KEY": f"{SECRET} {SECRET}",
    "AWS_SESSION_TOKEN": f"{SECRET} {SECRET}",
    "FRANKENJET_CONNECTIONS": "many",
    "FRANKENJET_CONNECTIONS_PER_ADDRESS": "0",
}

ALL = verbs()
WITH_DATABASE = [verb for verb in ALL if verb not in WITHOUT_DATABASE]
BEGINNING = {"up", "migrate", "bench"}
"""What a database may be empty for."""

OWNERS = {"migrate", "seed", "token", "token list", "token revoke", "import", "resync"} | {
    verb for verb in ALL if verb.startswith("account ")
}


@pytest.fixture
def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Said]:
    key = tmp_path / "key.pem"
    ensure_signing_key(key)
    speak = speaking(monkeypatch, capsys)
    own = {
        "FRANKENJET_STATE": str(tmp_path / "state"), "FRANKENJET_SIGNING_KEY_FILE": str(key),
        "PORT": str(free_port()),
    }  # fmt: skip
    yield lambda verb, *more, **settings: speak(verb, *more, **own | settings)
    assert {"key.pem"} >= {path.name for path in tmp_path.iterdir()} - {"state"}


def test_there_is_a_wrong_value_for_every_setting() -> None:
    assert set(Settings.variables().values()) == set(WRONG), "add one that nobody can read"


SHARES = 6
"""Each verb is told one of so many parts of what is wrong: all of them read their settings in one place."""


@pytest.mark.parametrize(("number", "verb"), list(enumerate(ALL)))
def test_each_wrong_setting_is_said_by_some_verbs(number: int, verb: str, said: Said) -> None:
    check_said(verb, list(WRONG)[number % SHARES :: SHARES], said)


@pytest.mark.prove
@pytest.mark.parametrize("verb", ALL)
def test_each_wrong_setting_is_said_by_every_verb(verb: str, said: Said) -> None:
    check_said(verb, list(WRONG), said)


def check_said(verb: str, names: list[str], said: Said) -> None:
    """Give a verb one wrong setting after the other, and read what it says."""
    for name in names:
        value = WRONG[name]
        code, lines = said(verb, **{name: value})
        assert (2, 1) == (code, len(lines)), (name, lines)
        assert lines[0].startswith(f"frankenjet: {name}: ")
        assert SECRET not in lines[0]


@pytest.mark.parametrize("verb", WITH_DATABASE)
def test_a_database_that_is_away_is_said_by_every_verb(verb: str, said: Said) -> None:
    code, lines = said(verb, DATABASE_URL=f"postgres://fj:{SECRET}@127.0.0.1:{(port := free_port())}/fj")
    where = f"frankenjet: DATABASE_URL: PostgreSQL at 127.0.0.1:{port}"
    assert (2, [f"{where}: nobody answers there: start it, or mend the address"]) == (code, lines)


@pytest.mark.parametrize(
    ("answer", "mend"),
    [
        (turned_away("28P01"), "it refuses the login or its password: mend them in the address"),
        (turned_away("28000"), "make the login, or let it in by pg_hba.conf"),
        (turned_away("53300"), "raise max_connections"),
        (turned_away("57P03"), "try again in a moment"),
        (of_version("13.4"), "this is PostgreSQL 13, and 15 to 18 are supported: use a newer one"),
    ],
    ids=["password", "login", "full", "starting", "old"],
)
def test_a_database_that_turns_us_away_is_said_by_every_verb(answer: bytes, mend: str, said: Said) -> None:
    with answering(answer) as port:
        for verb in WITH_DATABASE:
            code, lines = said(verb, DATABASE_URL=f"postgresql://fj:{SECRET}@127.0.0.1:{port}/fj")
            assert (2, 1) == (code, len(lines)), (verb, lines)
            assert lines[0].startswith("frankenjet: DATABASE_URL: ")
            assert lines[0].endswith(mend)


def test_an_owner_who_is_away_is_said_by_every_verb_that_needs_him(said: Said, database: str) -> None:
    for verb in sorted(OWNERS):
        owner = f"postgresql://fj:{SECRET}@127.0.0.1:{free_port()}/fj"
        code, lines = said(verb, DATABASE_URL=database, FRANKENJET_OWNER_URL=owner)
        assert (2, 1) == (code, len(lines)), (verb, lines)
        assert lines[0].startswith("frankenjet: FRANKENJET_OWNER_URL: PostgreSQL at 127.0.0.1:")


def test_a_database_that_is_not_there_is_said_by_every_verb(said: Said, server: str) -> None:
    for verb in WITH_DATABASE:
        code, lines = said(verb, DATABASE_URL=dsn_of(server, "fjtest_nothing"))
        assert (2, 1) == (code, len(lines)), (verb, lines)
        assert lines[0].endswith("make it (createdb), or mend the name in the address")


def test_a_database_that_was_not_migrated_is_said_by_every_verb(said: Said, server: str) -> None:
    with fresh_database(server) as empty:
        for verb in WITH_DATABASE:
            if verb not in BEGINNING:
                code, lines = said(verb, DATABASE_URL=empty)
                assert (2, 1) == (code, len(lines)), (verb, lines)
                assert lines[0].endswith(
                    "does not hold the tables of this build: run `frankenjet migrate` first"
                )


def test_a_database_of_an_older_build_is_said_by_every_verb(said: Said, database: str) -> None:
    with psycopg.connect(database) as owner:
        owner.execute("update public.alembic_version set version_num = '0001'")
    for verb in WITH_DATABASE:
        if verb not in BEGINNING:
            code, lines = said(verb, DATABASE_URL=database)
            assert (2, 1) == (code, len(lines)), (verb, lines)
            assert "the database is at 0001 and this build needs " in lines[0]


@pytest.fixture
def stranger(database: str, server: str) -> Iterator[str]:
    """Address of a login that nobody let into anything."""
    name = f"fjtest_{new_id().hex[-16:]}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"create role {name} login password 'fjtest'")
        try:
            parts = urlsplit(database)
            place = parts.netloc.rpartition("@")[2]
            yield parts._replace(netloc=f"{name}:fjtest@{place}").geturl()
        finally:
            admin.execute(f"drop role {name}")


def test_a_login_without_rights_is_said_by_every_verb(said: Said, stranger: str) -> None:
    for verb in WITH_DATABASE:
        if verb not in BEGINNING:
            code, lines = said(verb, DATABASE_URL=stranger)
            assert 2 == code, (verb, lines)
            assert "FRANKENJET_OWNER_URL" in lines[-1]
            assert "Traceback" not in "".join(lines)
    code, lines = said("migrate", DATABASE_URL=stranger)
    assert (2, 1) == (code, len(lines)), lines
    assert "may not make schemas in the database" in lines[0]


@pytest.mark.parametrize(
    ("verb", "held", "lacking"),
    [
        ("serve", "frankenjet_project", "frankenjet_write"),
        ("project", "frankenjet_write", "frankenjet_project"),
        ("verify", "frankenjet_read", "frankenjet_project"),
    ],
)
def test_the_login_of_another_process_is_named_with_a_mend_that_helps(
    said: Said, stranger: str, database: str, verb: str, held: str, lacking: str
) -> None:
    login = urlsplit(stranger).username
    with psycopg.connect(database) as owner:
        owner.execute(f"grant {held} to {login}")
    code, lines = said(verb, DATABASE_URL=stranger)
    assert (2, 1) == (code, len(lines)), lines
    assert f"{login} may act as {held} and not as {lacking}" in lines[0]
    grant = lines[0].partition("`")[2].partition("`")[0]
    with psycopg.connect(database) as owner:
        owner.execute(grant)
        member = owner.execute("select pg_has_role(%s, %s, 'member')", [login, lacking]).fetchone()
    assert (True,) == member
