"""`frankenjet token` makes an account and a token for it, and changes nobody's roles unasked."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kit import clock
from kit.auth.identity import Identities
from kit.auth.keys import accepted_keys, ensure_signing_key, load_signing_key
from kit.auth.roles import Identity, Role
from kit.auth.standing import Standings
from kit.auth.tokens import Verifier
from kit.errors import Problem
from kit.postgres.connect import READER, connect, pool
from read_side.accounts.accounts import by_name
from scripts.accounts.issuing import span, token
from tests.scripts.verbs import answered
from tests.servers.copies.starting import ran


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "signing-key.pem"
    ensure_signing_key(path)
    return path


async def who(database: str, key_file: Path, sent: str) -> Identity | None:
    reading = await pool(database, "test", READER, size=1)
    identities = Identities(Verifier(accepted_keys(load_signing_key(key_file))), Standings(reading))
    try:
        return await identities.of([(b"authorization", f"Bearer {sent}".encode())])
    finally:
        await reading.close()


async def make(
    database: str,
    key_file: Path,
    role: str,
    *,
    account: str = "Anna",
    grant: bool = False,
    bot: bool = False,
    ttl: timedelta = timedelta(hours=12),
) -> str:
    made = await token(database, key_file, account=account, role=role, grant=grant, ttl=ttl, bot=bot)
    return made.token


async def test_a_new_account_gets_its_role_and_a_token_that_works(database: str, key_file: Path) -> None:
    sent = await make(database, key_file, "moderator")
    identity = await who(database, key_file, sent)
    assert identity is not None
    assert (identity.client, Role.MODERATOR in identity.roles) == ("api", True)
    owner = await connect(database, "test")
    found = await by_name(owner, "anna")
    await owner.close()
    assert found is not None
    assert (found.id, found.name, found.roles) == (identity.account, "Anna", (Role.MODERATOR,))


async def test_an_existing_account_keeps_its_role_unless_told_otherwise(
    database: str, key_file: Path
) -> None:
    await make(database, key_file, "editor")
    for other in ("moderator", "reader"):
        with pytest.raises(Problem, match=f"has editor; --grant makes it {other} in place of that"):
            await make(database, key_file, other)
    same = await who(database, key_file, await make(database, key_file, ""))
    assert same is not None
    assert Role.EDITOR in same.roles
    granted = await who(database, key_file, await make(database, key_file, "moderator", grant=True))
    assert granted is not None
    assert (granted.account, Role.MODERATOR in granted.roles) == (same.account, True)
    with pytest.raises(Problem, match="There is no such account"):
        await make(database, key_file, "", account="Nobody")


async def test_a_moderator_who_is_made_a_reader_is_one_with_every_token(
    database: str, key_file: Path
) -> None:
    before = await make(database, key_file, "moderator")
    after = await make(database, key_file, "reader", grant=True)
    for sent in (before, after):
        identity = await who(database, key_file, sent)
        assert identity is not None
        assert identity.roles == {Role.READER}


async def test_a_bot_gets_an_opaque_token(database: str, key_file: Path) -> None:
    sent = await make(database, key_file, "reader", account="feed", bot=True, ttl=timedelta(days=90))
    identity = await who(database, key_file, sent)
    assert identity is not None
    assert (sent[:4], identity.client) == ("fjb_", "bot")


async def test_nothing_is_left_behind_when_it_cannot_be_done(
    database: str, key_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="a role is one of: reader, editor, moderator, admin"):
        await make(database, key_file, "root")
    with pytest.raises(ValueError, match="24 hours at most"):
        await make(database, key_file, "editor", ttl=timedelta(hours=25))
    with pytest.raises(FileNotFoundError):
        await make(database, tmp_path / "none.pem", "editor")
    with pytest.raises(Problem, match="A name has"):
        await make(database, key_file, "editor", account="An\nna")
    owner = await connect(database, "test")
    assert await owner.fetchval("select count(*) from auth.account") == 0
    assert await owner.fetchval("select count(*) from auth.audit") == 0
    await owner.close()


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("12h", 43_200), ("1d", 86_400)])
def test_a_length_of_time_is_read(text: str, seconds: int) -> None:
    assert span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "12", "h", "0h", "-1h", "1.5h", "12 h", "99999999h", "1w", "1h30m"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="looks like"):
        span(text)


def test_the_command_says_in_one_line_what_is_wrong(database: str, key_file: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        environment = {
            "DATABASE_URL": database,
            "FRANKENJET_SIGNING_KEY_FILE": str(key_file),
            "PATH": "/usr/bin:/bin",
        }
        done = ran(["token", "--state", str(tmp_path), *arguments], environment)
        return done.returncode, done.stdout, done.stderr

    code, printed, _ = run("--account", "Vera", "--role", "editor", "--for", "12h")
    assert (code, len(printed.split(".")), printed.count("\n")) == (0, 3, 1)
    code, printed, said = run("--account", "Vera", "--role", "admin")
    assert (code, printed) == (1, "")
    assert said == "frankenjet: This account has editor; --grant makes it admin in place of that.\n"


def test_what_an_operator_gives_he_takes_again(database: str, key_file: Path, tmp_path: Path) -> None:
    def run(*words: str) -> Any:
        place = {"DATABASE_URL": database, "FRANKENJET_SIGNING_KEY_FILE": str(key_file)}
        return answered(*words, "--state", str(tmp_path), **place)

    made = run("token", "--account", "Vera", "--role", "admin")
    assert (3, ["admin", "editor", "moderator", "reader"]) == (len(made["token"].split(".")), made["roles"])
    code, said = run("account", "revoke", "Vera", "admin", "--reason", "x")
    assert (1, "frankenjet: This would leave no administrator.\n") == (code, said)
    bot = run("token", "--account", "Vera", "--bot", "--reason", "the feed")
    (listed,) = run("token", "list", "--account", "vera")["tokens"]
    assert (listed["account"], listed["expires_at"][:10]) == (made["account"], bot["expires_at"][:10])
    ends = datetime.fromisoformat(bot["expires_at"]) - clock.now()
    assert timedelta(days=89) < ends < timedelta(days=91)
    assert {"revoked": {listed["id"]: True}} == run("token", "revoke", listed["id"], "--reason", "leaked")
    assert 1 == len(run("account", "sessions", "Vera")["sessions"])
    assert {"ended": 1} == run("account", "end-sessions", made["account"])
    demoted = run("account", "revoke", "Vera", "admin", "--force")
    assert ([], 0, 0) == (demoted["roles"], demoted["sessions"], demoted["bot_tokens"])
    assert ["editor"] == run("account", "grant", "Vera", "editor")["roles"]
    assert run("account", "disable", "Vera")["disabled_at"] is not None
    assert run("account", "enable", "Vera")["disabled_at"] is None
    assert [run("account", "show", "Vera")["id"]] == [one["id"] for one in run("account", "list")["accounts"]]
