"""Nobody tries many passwords, nobody keeps somebody else out, and nobody hears who has an account."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx2

from tests.journeys.accounts.stranger import STRANGER, Stranger, refusal, stranger
from tests.servers.processes import free_port

ANNA, PASSWORD = STRANGER["email"], STRANGER["password"]
NOBODY = "nobody@example.org"
HOME, HOTEL = "198.51.100.7", "203.0.113.9"
PROXY = {"trusted_proxies": (ip_network("127.0.0.1"),)}
TRIES = 200


@asynccontextmanager
async def behind_a_proxy(database: str, folder: Path, **more: Any) -> AsyncIterator[Stranger]:
    """Yield somebody who can come from anywhere, as the proxy says."""
    async with stranger(database, folder, **(PROXY | more)) as somebody:
        yield somebody


async def try_from(place: str, somebody: Stranger, email: str, password: str) -> httpx2.Response:
    return await somebody.client.post(
        "/v1/sessions",
        json={"email": email, "password": password},
        headers={"X-Forwarded-For": f"6.6.6.6, {place}"},
    )


async def many_from_many(somebody: Stranger, email: str) -> Counter[int]:
    """Try passwords from as many addresses, the right one among them at the end."""
    words = [f"a short way to nowhere {number}" for number in range(TRIES)] + [PASSWORD] * 5
    found: Counter[int] = Counter()
    for begin in range(0, len(words), 20):
        answers = await asyncio.gather(
            *(
                try_from(f"2001:db8:{begin + at:x}::1", somebody, email, word)
                for at, word in enumerate(words[begin : begin + 20])
            )
        )
        found.update(one.status_code for one in answers)
        assert all(
            int(one.headers["retry-after"]) >= 1 and "ratelimit" not in one.headers
            for one in answers
            if one.status_code == 429
        )
    return found


async def test_two_hundred_passwords_from_as_many_addresses_are_refused_and_the_owner_comes_in(
    database: str, tmp_path: Path
) -> None:
    async with behind_a_proxy(database, tmp_path, limits=1) as somebody:
        await somebody.opened()
        assert 201 == (await try_from(HOME, somebody, ANNA, PASSWORD)).status_code
        of_anna = await many_from_many(somebody, ANNA)
        assert {401: 10, 429: TRIES - 5} == of_anna
        assert of_anna == await many_from_many(somebody, NOBODY)
        assert 201 == (await try_from(HOME, somebody, ANNA, PASSWORD)).status_code

        assert (429, "too-many-requests") == refusal(await try_from(HOTEL, somebody, ANNA, PASSWORD))
        await somebody.done("POST", "/v1/password-codes", {"email": ANNA})
        new = {"code": await somebody.letters.code(), "password": "another way to Murmansk"}
        headers = {"X-Forwarded-For": HOTEL}
        answer = await somebody.client.post("/v1/password-codes/use", json=new, headers=headers)
        assert 204 == answer.status_code
        assert 201 == (await try_from(HOTEL, somebody, ANNA, new["password"])).status_code
        await many_from_many(somebody, ANNA)
        assert 201 == (await try_from(HOTEL, somebody, ANNA, new["password"])).status_code


async def test_one_address_tries_no_two_hundred_accounts(database: str, tmp_path: Path) -> None:
    async with behind_a_proxy(database, tmp_path, limits=0.2) as somebody:
        found: Counter[int] = Counter()
        for number in range(TRIES):
            place = f"2001:db8::{number:x}"  # one network of IPv6
            answer = await try_from(place, somebody, f"{number}@example.org", PASSWORD)
            found[answer.status_code] += 1
            if answer.status_code == 429:
                assert '"sign-in-address-5m";q=12;w=300' in answer.headers["ratelimit-policy"]
                assert answer.headers["ratelimit"].startswith('"sign-in-address-5m";r=0;t=')
        assert {401: 12, 429: TRIES - 12} == found


async def test_who_makes_up_where_he_comes_from_is_not_believed(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path, limits=0.2) as somebody:
        answers = [
            await try_from(f"192.0.2.{number}", somebody, f"{number}@example.org", PASSWORD)
            for number in range(20)
        ]
        assert {401: 12, 429: 8} == Counter(one.status_code for one in answers)


async def test_while_counters_cannot_be_read_nobody_signs_in_and_everything_else_goes_on(
    database: str, tmp_path: Path
) -> None:
    async with stranger(database, tmp_path, limits=1) as somebody:
        tokens = await somebody.opened()
    async with stranger(database, tmp_path, redis_url=f"redis://127.0.0.1:{free_port()}/0") as somebody:
        for path, body in (
            ("/v1/sessions", {"email": ANNA, "password": PASSWORD}),
            ("/v1/accounts", STRANGER | {"name": "B"}),
            ("/v1/password-codes", {"email": ANNA}),
        ):
            answer = await somebody.send("POST", path, body)
            assert (503, "limits-unavailable") == refusal(answer)
            assert 1 <= int(answer.headers["retry-after"]) <= 10
        assert 200 == (await somebody.send("GET", "/v1/me", token=tokens["access_token"])).status_code
        await somebody.done("PATCH", "/v1/me", {"name": "Anna P."}, tokens["access_token"])
        again = {"refresh_token": tokens["refresh_token"]}
        await somebody.done("POST", "/v1/sessions/refresh", again)


async def test_one_address_is_sent_few_mails_whether_it_has_an_account_or_not(
    database: str, tmp_path: Path
) -> None:
    async with behind_a_proxy(database, tmp_path, limits=1) as somebody:
        await somebody.opened()
        told: dict[str, list[Any]] = {}
        for email in (ANNA, "nobody@example.org"):
            answers = [await somebody.send("POST", "/v1/password-codes", {"email": email}) for _ in range(8)]
            answers += [
                await somebody.send("POST", "/v1/accounts", STRANGER | {"name": f"N {at}", "email": email})
                for at in range(8)
            ]
            told[email] = [(one.status_code, one.json().get("mail"), sorted(one.headers)) for one in answers]
        first, second = told.values()
        assert [202] * 5 + [429] * 3 == [status for status, *_ in first[:8]]
        assert first[:12] == second[:12]  # one mail of the first went out when the account was opened


async def test_a_session_finds_no_password_out(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path, limits=1) as somebody:
        token = (await somebody.opened())["access_token"]
        found: Counter[int] = Counter()
        for number in range(TRIES // 10):
            change = {"old": f"not this one {number}", "new": "another way to Murmansk"}
            found[(await somebody.send("PUT", "/v1/me/password", change, token)).status_code] += 1
        assert {403: 10, 429: TRIES // 10 - 10} == found
