"""Anyone who was erased stays so after a restore, by a list that is kept beside the database."""

import asyncio
from pathlib import Path

import pytest

from kit.auth.roles import Role
from kit.mail.sending import into_log
from tests.given.people import People
from tests.write_side.accounts.erasure.test_erasing import erased
from write_side.accounts.erasure import listed
from write_side.accounts.work import AccountSettings, account_work

BACK = """
update auth.account
   set name = 'Anna', name_key = 'anna', email = 'a@example.org', email_key = 'a@example.org',
       erased_at = null, disabled_at = null
 where id = $1"""
"""What a restored copy of the database holds again."""

STATE = "select name, erased_at is not null as erased from auth.account where id = $1"


async def test_a_restored_account_is_erased_again_when_it_is_served(
    people: People, database: str, tmp_path: Path
) -> None:
    path = tmp_path / "erased"
    settings = AccountSettings(
        people.key, into_log(), "post@example.org", "https://example.org", erased_file=path
    )
    anna, boris = await people.account("Anna", Role.ADMIN), await people.account("Boris")
    async with account_work(database, settings) as work:
        await erased(work, anna, force=True)
        work.erased.set()
        async with asyncio.timeout(30):
            while not path.exists() or anna not in listed.read(path):  # noqa: ASYNC110 - another task will
                await asyncio.sleep(0.02)
    await people.owner.execute(BACK, anna)
    async with account_work(database, settings), asyncio.timeout(30):
        while not (row := await people.owner.fetchrow(STATE, anna))["erased"]:  # noqa: ASYNC110 - so will it here
            await asyncio.sleep(0.02)
    assert (None, True) == tuple(row)
    assert ("Boris", False) == tuple(await people.owner.fetchrow(STATE, boris))
    assert {anna} == listed.read(path)


def test_a_list_is_read_whatever_else_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "erased"
    with pytest.raises(FileNotFoundError):
        listed.read(path)
    path.write_bytes(b"# erased\n\xff\nnobody\n0199f0c2-5f0e-7c3b-9a51-3f6f0d3c9b1e\n0199")
    assert 1 == len(listed.read(path))
