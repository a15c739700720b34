"""An address of one's own is changed by its reader, and the reader of the former one can take it back."""

import asyncio
from pathlib import Path
from uuid import UUID

from kit.postgres.connect import connect
from tests.journeys.accounts.stranger import STRANGER, Stranger, refusal, stranger

OLD, NEW, THIRD = STRANGER["email"], "new@example.org", "third@example.org"
PASSWORD = STRANGER["password"]
CONFIRM = "/v1/me/email/confirmation"


async def asked(somebody: Stranger, token: str, email: str) -> None:
    await somebody.done("PUT", "/v1/me/email", {"email": email, "password": PASSWORD}, token)


async def changed(somebody: Stranger, token: str, email: str) -> str:
    """Change the address; return the code that takes the former one back."""
    await asked(somebody, token, email)
    await somebody.done("POST", CONFIRM, {"code": await somebody.letters.code()}, token)
    return await somebody.letters.code()


async def signs_in(somebody: Stranger, email: str) -> int:
    answer = await somebody.send("POST", "/v1/sessions", {"email": email, "password": PASSWORD})
    return answer.status_code


async def test_an_address_is_changed_by_who_knows_the_password_and_reads_the_mail(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        token = (await somebody.opened())["access_token"]
        wrong = {"email": NEW, "password": "not that one"}
        assert (403, "wrong-password") == refusal(await somebody.send("PUT", "/v1/me/email", wrong, token))
        await asked(somebody, token, NEW)
        assert [201, 401] == [await signs_in(somebody, one) for one in (OLD, NEW)]
        code = {"code": await somebody.letters.code()}
        await somebody.done("POST", CONFIRM, code, token)
        assert [401, 201] == [await signs_in(somebody, one) for one in (OLD, NEW)]
        assert (409, "code-invalid") == refusal(await somebody.send("POST", CONFIRM, code, token))
        letter = await somebody.letters.next()
        assert ("Your address was changed", "Anna@example.org") == (letter["Subject"], letter["To"])
        me = await somebody.done("GET", "/v1/me", token=token)
        assert NEW == me["email"]


async def test_no_account_of_a_stranger_gets_your_address_because_you_follow_a_link(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        his = (await somebody.opened())["access_token"]
        await asked(somebody, his, NEW)
        code = {"code": await somebody.letters.code()}
        assert (401, "token-missing") == refusal(await somebody.send("POST", CONFIRM, code))
        yours = await somebody.opened(name="Boris", email="boris@example.org")
        answer = await somebody.send("POST", CONFIRM, code, yours["access_token"])
        assert (409, "code-invalid") == refusal(answer)
        await somebody.opened(name="Vera", email=NEW)
        assert 409 == (await somebody.send("POST", CONFIRM, code, his)).status_code


async def test_whether_an_address_is_taken_only_its_reader_hears(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        await somebody.opened()
        token = (await somebody.opened(name="Boris", email="boris@example.org"))["access_token"]
        told = []
        for email in (OLD, NEW):
            body = {"email": email, "password": PASSWORD}
            answer = await somebody.send("PUT", "/v1/me/email", body, token)
            told.append((answer.status_code, answer.text, sorted(answer.headers)))
        assert told[0] == told[1]
        assert (202, '{"mail":"sent"}') == told[0][:2]
        subjects = {(await somebody.letters.next())["Subject"] for _ in range(2)}
        assert {"This address has an account already", "Confirm your new address"} == subjects


async def test_an_address_that_was_taken_meanwhile_is_not_given(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        token = (await somebody.opened())["access_token"]
        await asked(somebody, token, NEW)
        code = await somebody.letters.code()
        await somebody.opened(name="Boris", email=NEW)
        answer = await somebody.send("POST", CONFIRM, {"code": code}, token)
        assert (409, "code-invalid") == refusal(answer)


async def test_anyone_who_reads_the_former_address_takes_the_account_back_for_good(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        thief = (await somebody.opened())["access_token"]
        of_owner = await changed(somebody, thief, NEW)
        of_thief = await changed(somebody, thief, THIRD)
        await somebody.done("POST", "/v1/password-codes", {"email": THIRD})
        reset = await somebody.letters.code()
        await asked(somebody, thief, "fourth@example.org")
        wish = await somebody.letters.code()

        await somebody.done("POST", "/v1/email-codes/undo", {"code": of_owner})
        again = {"code": await somebody.letters.code(), "password": "my own way to Murmansk"}
        for path, body in (
            ("email-codes/undo", {"code": of_thief}),
            ("password-codes/use", {"code": reset, "password": PASSWORD}),
        ):
            answer = await somebody.send("POST", f"/v1/{path}", body)
            assert (409, "code-invalid") == refusal(answer)
        assert [401] * 3 == [await signs_in(somebody, one) for one in (OLD, NEW, THIRD)]
        await somebody.done("POST", "/v1/password-codes/use", again)
        later = await somebody.signed_in(OLD, again["password"])
        answer = await somebody.send("POST", CONFIRM, {"code": wish}, later["access_token"])
        assert (409, "code-invalid") == refusal(answer)


async def test_the_thief_does_not_take_the_owners_way_back(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        thief = (await somebody.opened())["access_token"]
        of_owner = await changed(somebody, thief, NEW)
        of_thief = await changed(somebody, thief, THIRD)
        await somebody.done("POST", "/v1/email-codes/undo", {"code": of_thief})
        await somebody.done("POST", "/v1/email-codes/undo", {"code": of_owner})
        letters = [await somebody.letters.next() for _ in range(2)]
        assert [NEW, "Anna@example.org"] == [letter["To"] for letter in letters]


async def test_a_code_goes_to_the_address_that_the_account_has_however_it_was_asked_for(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        await somebody.opened()
        await somebody.done("POST", "/v1/password-codes", {"email": "ANNA@example.org"})
        assert "Anna@example.org" == (await somebody.letters.next())["To"]
        await somebody.opened(name="Boris", email="boris@straße.de")
        await somebody.done("POST", "/v1/password-codes", {"email": "boris@strasse.de"})
        subject = (await somebody.letters.next())["Subject"]
        assert "There is no account with this address" == subject


async def test_nothing_that_the_thief_made_lets_him_in_once_the_account_was_taken_back(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        made = await somebody.opened()
        thief = made["access_token"]
        wanted = {"name": "His", "scopes": ["read"], "expires_in_days": 90}
        program = (await somebody.done("POST", "/v1/me/tokens", wanted, thief))["token"]
        owner = await connect(database, "test owner")
        try:
            link = "insert into auth.identity (provider, subject, account) values ('google', '1', $1)"
            await owner.execute(link, UUID(made["account"]))
            undo = await changed(somebody, thief, NEW)
            assert 200 == (await somebody.send("GET", "/v1/me", token=program)).status_code
            await somebody.done("POST", "/v1/email-codes/undo", {"code": undo})
            assert not await owner.fetchval("select exists (select from auth.identity)")
        finally:
            await owner.close()
        await asyncio.sleep(1.1)
        for token in (thief, program):
            assert (401, "token-invalid") == refusal(await somebody.send("GET", "/v1/me", token=token))


async def test_a_wish_for_another_address_ends_with_the_password_that_it_was_said_with(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        thief = (await somebody.opened())["access_token"]
        await asked(somebody, thief, NEW)
        wish = await somebody.letters.code()
        await somebody.done("POST", "/v1/password-codes", {"email": OLD})
        own = {"code": await somebody.letters.code(), "password": "my own way to Murmansk"}
        await somebody.done("POST", "/v1/password-codes/use", own)
        later = await somebody.signed_in(OLD, own["password"])
        answer = await somebody.send("POST", CONFIRM, {"code": wish}, later["access_token"])
        assert (409, "code-invalid") == refusal(answer)


async def test_who_wishes_for_the_former_address_and_is_erased_takes_nobodys_way_back(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path) as somebody:
        thief = (await somebody.opened())["access_token"]
        of_owner = await changed(somebody, thief, NEW)
        other = await somebody.opened(name="Boris", email="boris@example.org")
        await asked(somebody, other["access_token"], OLD)
        await somebody.done("DELETE", "/v1/me", {"account": other["account"]}, other["access_token"])
        await somebody.done("POST", "/v1/email-codes/undo", {"code": of_owner})
        assert 401 == await signs_in(somebody, NEW)
