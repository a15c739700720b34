"""Anyone who asks gets all that is known of him, one document at a time, and no secret in it."""

import asyncio
from pathlib import Path
from typing import Any

from tests.journeys.accounts.forgotten.planting import ADDRESS, AGENT, EMAIL, NAME, SUBJECT, WHY, WISHED
from tests.journeys.accounts.forgotten.searching import hits
from tests.journeys.accounts.forgotten.test_forgotten import lived


async def test_an_export_holds_all_that_is_known_of_one_and_no_secret(database: str, tmp_path: Path) -> None:
    async with lived(database, tmp_path, projector=False) as (_, life, owner):
        answer = await life.exports()
        assert (200, "no-store") == (answer.status_code, answer.headers["cache-control"])
        told: dict[str, Any] = answer.json()
        account = str(life.account)
        assert (NAME, EMAIL, ["editor", "admin"]) == tuple(
            told["account"][one] for one in ("name", "email", "roles")
        )
        assert {AGENT} == {one["agent"] for one in told["sessions"]}
        assert [f"of {NAME}"] == [one["name"] for one in told["tokens"]]
        assert [("google", SUBJECT)] == [(one["provider"], one["subject"]) for one in told["identities"]]
        assert [(f"Phone of {NAME}", ["usb"])] == [
            (one["name"], one["transports"]) for one in told["passkeys"]
        ]
        assert {EMAIL} == {one["address"] for one in told["mails"]}
        assert [(EMAIL, False), (EMAIL, False), (None, True)] == sorted(
            ((one["email"], one["made"]) for one in told["invitations"]), key=lambda one: one[1]
        )
        assert {WISHED} == {one["email"] for one in told["codes"] if one["purpose"] == "email"}
        assert WHY["reason"] in {one["reason"] for one in told["audit"]}
        assert {account} >= {one["account"] for one in told["audit"] if one["actor"] != account}
        assert "account.exported" in {one["action"] for one in told["audit"]}
        assert 1 == len(told["imports"])
        wrote = await owner.fetch(
            "select position, type from log.readable where meta ->> 'actor' = $1 order by position", account
        )
        assert [tuple(one) for one in wrote] == [(one["position"], one["type"]) for one in told["written"]]
        assert "article.created" in {one["type"] for one in told["written"]}
        assert [] == list(hits(answer.text, [*life.secrets, ADDRESS], "export"))


async def test_an_export_comes_in_pages_and_of_an_account_one_at_a_time(
    database: str, tmp_path: Path
) -> None:
    async with lived(database, tmp_path, projector=False) as (_, life, owner):
        await owner.execute(
            "insert into auth.session (id, account, client, expires_at, longest_token)"
            " select gen_random_uuid(), $1, 'api', now(), 900 from generate_series(1, 2500)",
            life.account,
        )
        answers = await asyncio.gather(*(life.exports() for _ in range(4)))
        assert [200, 429, 429, 429] == sorted(one.status_code for one in answers)
        (whole,) = (one for one in answers if one.status_code == 200)
        held = await owner.fetchval("select count(*) from auth.session where account = $1", life.account)
        sessions = whole.json()["sessions"]
        assert held == len({one["id"] for one in sessions}) == len(sessions)
        assert 200 == (await life.exports()).status_code
