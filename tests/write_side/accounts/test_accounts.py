"""Accounts keep names in one place, change only by those who may, and always leave somebody in charge."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from kit import clock
from kit.auth.identity import Identities
from kit.auth.keys import accepted_keys
from kit.auth.names import name_key
from kit.auth.roles import Role
from kit.auth.standing import Standings
from kit.auth.tokens import Verifier
from kit.errors import Problem
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from kit.http.problems import install
from kit.ids import new_id
from kit.postgres.connect import READER, connect, pool
from read_side.accounts.accounts import by_id, by_name, every, names
from read_side.accounts.api import ACCOUNT_QUERY
from tests.given.people import People
from tests.kit.http.asking import ask
from write_side.accounts.admin.accounts import create, ensure
from write_side.accounts.admin.bot_tokens import issue_bot_token
from write_side.accounts.admin.rights import disable, enable, grant, revoke, set_role
from write_side.accounts.sessions import end_everything, end_session, open_session

SOON = clock.now() + timedelta(hours=1)


async def refusal(doing: Any) -> tuple[int, str]:
    with pytest.raises(Problem) as raised:
        await doing
    return raised.value.status, raised.value.type


async def test_an_account_is_found_by_its_name_and_by_its_id(people: People) -> None:
    made = await people.account("Анна Петрова", Role.EDITOR)
    found = await by_id(people.owner, made)
    assert found is not None
    assert (found.name, found.roles, found.disabled_at) == ("Анна Петрова", (Role.EDITOR,), None)
    assert await by_name(people.owner, "анна ПЕТРОВА") == found
    assert await by_name(people.owner, "nobody") is None
    assert await by_id(people.owner, new_id()) is None
    other = await people.account("Boris")
    assert await names(people.owner, [made, other, new_id()]) == {made: "Анна Петрова", other: "Boris"}


async def test_two_names_that_read_alike_cannot_both_be_taken(people: People) -> None:
    await people.account("Straße Ⅷ")
    for alike in ("STRASSE VIII", "straße viii", "Strasse Ⅷ"):
        assert await refusal(create(people.owner, alike, actor=None)) == (409, "name-taken")


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        " Anna",
        "Anna ",
        "An  na",
        "a" * 101,
        "An\tna",
        "An\nna",
        "An\x00na",
        "An\u200bna",
        "An\u202ena",
        "An\u00a0na",
        "\ud800",
        "e\u0301",
        "\ufdfa" * 30,
        "\ufeffAnna",
    ],
)
def test_a_name_that_cannot_be_seen_as_it_is_is_no_name(name: str) -> None:
    with pytest.raises(Problem) as raised:
        name_key(name)
    assert (raised.value.status, raised.value.type) == (422, "invalid-name")
    assert len(name) < 2 or name not in str(raised.value.document())


async def test_only_an_administrator_changes_accounts_and_never_his_own_roles(people: People) -> None:
    chief = await people.account("chief", Role.ADMIN)
    second = await people.account("second", Role.ADMIN)
    moderator = await people.account("mod", Role.MODERATOR)
    other = await people.account("other")
    forbidden = (403, "forbidden")
    owner = people.owner
    for actor in (moderator, other, new_id()):
        assert await refusal(create(owner, "x", actor=actor)) == forbidden
        assert await refusal(grant(owner, chief, Role.READER, actor=actor)) == forbidden
        assert await refusal(revoke(owner, chief, Role.ADMIN, actor=actor)) == forbidden
        assert await refusal(disable(owner, chief, actor=actor)) == forbidden
        assert await refusal(end_everything(owner, chief, actor=actor)) == forbidden
        assert await refusal(issue_bot_token(owner, chief, expires=SOON, actor=actor)) == forbidden
        assert await refusal(end_session(owner, await people.session(chief), actor=actor)) == forbidden
    own = (403, "own-rights")
    assert await refusal(grant(owner, moderator, Role.ADMIN, actor=moderator)) == forbidden
    assert await refusal(grant(owner, chief, Role.READER, actor=chief)) == own
    assert await refusal(revoke(owner, chief, Role.ADMIN, actor=chief)) == own
    assert await refusal(disable(owner, chief, actor=chief)) == own
    await disable(owner, second, actor=chief)
    assert await refusal(create(owner, "x", actor=second)) == forbidden
    assert await refusal(grant(owner, new_id(), Role.READER, actor=chief)) == (404, "not-found")


async def test_the_last_administrator_stays(people: People) -> None:
    chief = await people.account("chief", Role.ADMIN)
    last = (409, "last-admin")
    assert await refusal(revoke(people.owner, chief, Role.ADMIN, actor=None)) == last
    assert await refusal(disable(people.owner, chief, actor=None)) == last
    second = await people.account("second", Role.ADMIN)
    await disable(people.owner, second, actor=chief)
    assert await refusal(revoke(people.owner, chief, Role.ADMIN, actor=None)) == last
    found = await by_id(people.owner, chief)
    assert found is not None
    assert (found.roles, found.disabled_at) == ((Role.ADMIN,), None)


async def test_the_last_administrator_can_be_forced_out(people: People) -> None:
    chief = await people.account("chief", Role.ADMIN)
    assert await refusal(set_role(people.owner, chief, Role.EDITOR, actor=None)) == (409, "last-admin")
    assert await set_role(people.owner, chief, Role.EDITOR, actor=None, force=True)
    assert await grant(people.owner, chief, Role.ADMIN, actor=None)
    assert await revoke(people.owner, chief, Role.ADMIN, actor=None, force=True)
    assert await grant(people.owner, chief, Role.ADMIN, actor=None)
    assert await disable(people.owner, chief, actor=None, force=True)


async def test_where_nobody_administrates_the_operator_shuts_out_whom_he_wants(people: People) -> None:
    editor = await people.account("editor", Role.EDITOR)
    assert await disable(people.owner, editor, actor=None)
    assert not await disable(people.owner, editor, actor=None)
    assert await enable(people.owner, editor, actor=None)
    assert not await enable(people.owner, editor, actor=None)
    assert await refusal(enable(people.owner, new_id(), actor=None)) == (404, "not-found")
    assert await refusal(disable(people.owner, new_id(), actor=None)) == (404, "not-found")


async def test_a_role_is_set_in_place_of_all_others(people: People) -> None:
    account = await people.account("Vera", Role.EDITOR, Role.MODERATOR)
    assert await set_role(people.owner, account, Role.READER, actor=None)
    assert not await set_role(people.owner, account, Role.READER, actor=None)
    assert [Role.READER] == [role for one in await every(people.owner) for role in one.roles]


async def test_a_role_that_comes_with_a_higher_one_is_not_said_to_be_taken(people: People) -> None:
    account = await people.account("Vera", Role.MODERATOR)
    assert await refusal(revoke(people.owner, account, Role.EDITOR, actor=None)) == (409, "role-included")
    assert not await revoke(people.owner, account, Role.ADMIN, actor=None)
    assert await revoke(people.owner, account, Role.MODERATOR, actor=None)


async def test_two_administrators_cannot_remove_each_other_at_once(people: People, database: str) -> None:
    for round_ in range(5):
        one = await people.account(f"one {round_}", Role.ADMIN)
        two = await people.account(f"two {round_}", Role.ADMIN)
        first, second = await connect(database, "test"), await connect(database, "test")
        outcomes = await asyncio.gather(
            revoke(first, two, Role.ADMIN, actor=one),
            revoke(second, one, Role.ADMIN, actor=two),
            return_exceptions=True,
        )
        await first.close()
        await second.close()
        assert [type(outcome) for outcome in outcomes].count(Problem) == 1
        left = await people.owner.fetchval("select count(*) from auth.account_role where role = 'admin'")
        assert left == 1
        await people.owner.execute("delete from auth.account_role")


async def test_a_disabled_or_missing_account_gets_no_session(people: People) -> None:
    await people.account("chief", Role.ADMIN)
    gone = await people.account("gone")
    await disable(people.owner, gone, actor=None)
    for account, expected in ((gone, (409, "account-disabled")), (new_id(), (404, "not-found"))):
        assert await refusal(open_session(people.owner, account, expires=SOON, actor=None)) == expected
        assert await refusal(issue_bot_token(people.owner, account, expires=SOON, actor=None)) == expected


async def test_a_sample_makes_its_accounts_once(people: People, database: str) -> None:
    wanted = [(new_id(), "Анна", "editor"), (new_id(), "Mod", "moderator")]
    await ensure(database, wanted)
    await ensure(database, wanted)
    for account, name, role in wanted:
        found = await by_id(people.owner, account)
        assert found is not None
        assert (found.name, found.roles) == (name, (Role(role),))
        shut = await refusal(open_session(people.owner, account, expires=SOON, actor=None))
        assert (409, "account-disabled") == shut, "nobody signs in as one of its people"
    assert await refusal(ensure(database, [(new_id(), "анна", "editor")])) == (409, "name-taken")


async def test_a_sample_shuts_out_whom_an_earlier_build_has_left_and_nobody_who_was_let_in_again(
    people: People, database: str
) -> None:
    earlier = await people.account("Анна", Role.EDITOR)
    await open_session(people.owner, earlier, expires=SOON, actor=None)
    await ensure(database, [(earlier, "Анна", "editor")])
    assert (409, "account-disabled") == await refusal(
        open_session(people.owner, earlier, expires=SOON, actor=None)
    )
    assert 0 == await people.owner.fetchval("select count(*) from auth.session where revoked_at is null")
    await enable(people.owner, earlier, actor=None)
    await ensure(database, [(earlier, "Анна", "editor")])
    assert await open_session(people.owner, earlier, expires=SOON, actor=None)


async def test_moderators_are_told_who_an_account_is(people: People, database: str) -> None:
    from fastapi import FastAPI

    reading = await pool(database, "test", READER, size=2)
    api = FastAPI()
    install(api)
    api.router.routes.append(ACCOUNT_QUERY)
    api.state.identities = Identities(Verifier(accepted_keys(people.key)), Standings(reading))
    app = Edge(api, metrics=Metrics())
    anna = await people.account("Анна", Role.EDITOR, Role.READER)
    statuses = {}
    for role in Role:
        token = await people.token(await people.account(role, role))
        answered = await ask(
            app, "GET", f"/v1/accounts/{anna}", headers=[("authorization", f"Bearer {token}")]
        )
        statuses[role.value] = answered.status
    assert statuses == {"reader": 403, "editor": 403, "moderator": 200, "admin": 200}
    assert answered.header("cache-control") == "no-store"
    document = answered.json
    assert document.pop("created_at").endswith("Z")
    details = document.pop("details")
    assert (None, []) == (details["email"], details["sign_in"])
    told = {"id": str(anna), "name": "Анна", "roles": ["reader", "editor"], "state": "active"}
    assert told == document
    headers = [("authorization", f"Bearer {token}")]
    for target, status in (
        (f"/v1/accounts/{new_id()}", 404),
        ("/v1/accounts/1", 404),
        (f"/v1/accounts/{anna}?x=1", 400),
    ):
        assert (await ask(app, "GET", target, headers=headers)).status == status
    assert (await ask(app, "GET", f"/v1/accounts/{anna}")).status == 401
    await reading.close()
