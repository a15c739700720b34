"""The measurement of commands beside a broker in trouble: each happens, is said, ends, and refuses nobody."""

import pytest

from scripts.bench.broker import trouble
from scripts.bench.broker.troubles import NEEDS_NOBODY, TROUBLES

pytest_plugins = ["tests.servers.broker"]


@pytest.mark.rabbitmq
@pytest.mark.prove
async def test_commands_go_on_in_any_trouble_and_what_needs_a_person_is_said(
    database: str, virtual_host: str
) -> None:
    found = await trouble.run(database, virtual_host, seconds=1, rounds=1)
    assert [*TROUBLES] == [one["bench"].removeprefix("broker-") for one in found]
    assert {0} == {one["refused"] for one in found}
    unsaid = [one["bench"].removeprefix("broker-") for one in found if one["said_after_s"] is None]
    assert [*NEEDS_NOBODY] == unsaid
