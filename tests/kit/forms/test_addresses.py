"""Addresses as people write them: one spelling where it is possible, else a sentence without a password."""

import pytest

from kit.forms import Wrong
from kit.forms.addresses import amqp, http, place, postgres, redis


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("postgresql://fj:pw@db:5432/fj", "postgresql://fj:pw@db:5432/fj"),
        (" postgres://fj:pw@DB/fj ", "postgresql://fj:pw@db/fj"),
        ("POSTGRESQL+asyncpg://fj@db/fj?ssl=require", "postgresql://fj@db/fj?sslmode=require"),
        ("postgresql+psycopg://fj@db/fj/", "postgresql://fj@db/fj"),
        ("postgresql://fj:a@b:c@db/fj", "postgresql://fj:a%40b%3Ac@db/fj"),
        ("postgresql://fj:100%@db/fj", "postgresql://fj:100%25@db/fj"),
        ("postgresql://fj@one:1,[::1]:2,three/fj", "postgresql://fj@one:1,[::1]:2,three/fj"),
        ("postgresql://fj@/fj?host=/run/a-b_c&port=5432", "postgresql://fj@/fj?host=/run/a-b_c&port=5432"),
        ("postgresql://fj@%2Frun%2Fpg/fj", "postgresql://fj@%2Frun%2Fpg/fj"),
        ("postgresql://db/fj?connect_timeout=3&channel_binding=prefer", "postgresql://db/fj"),
        ("", ""),
    ],
)
def test_an_address_of_postgresql_has_one_spelling(written: str, read: str) -> None:
    assert (read, read) == (postgres(written), postgres(read))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("redis://:pw@db:6379/0", "redis://:pw@db:6379/0"),
        ("REDIS://Cache", "redis://cache"),
        ("valkeys://u:p@cache/1/", "rediss://u:p@cache/1"),
        ("unix:///run/valkey.sock?db=1", "unix:///run/valkey.sock?db=1"),
    ],
)
def test_an_address_of_redis_has_one_spelling(written: str, read: str) -> None:
    assert (read, read) == (redis(written), redis(read))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("amqp://u:p@mq:5672/%2F", "amqp://u:p@mq:5672/%2F"),
        ("amqp://u:p@mq", "amqp://u:p@mq/%2F"),
        ("amqp://u:p@mq//", "amqp://u:p@mq/%2F"),
        ("AMQPS://u:p@MQ/site?heartbeat=5", "amqps://u:p@mq/site?heartbeat=5"),
    ],
)
def test_an_address_of_rabbitmq_has_one_spelling(written: str, read: str) -> None:
    assert (read, read) == (amqp(written), amqp(read))


def test_an_address_of_an_api_ends_without_a_slash() -> None:
    assert "https://fj.example/behind/it" == http("HTTPS://FJ.example/behind/it/")


SECRET = "hunter"  # noqa: S105 - what must not be shown

WRONG = [
    *((postgres, f"postgresql://fj:{SECRET}{sign}{SECRET}@db/fj") for sign in "/?# "),
    (postgres, f"postgresql://fj:{SECRET}@db:{SECRET}/fj"),
    (postgres, f"postgresql://fj:{SECRET}@db:70000/fj"),
    (postgres, f"postgresql://{SECRET}@db@/fj?x={SECRET}"),
    (postgres, f"postgresql://fj:{SECRET}@db/fj?channel_binding=require"),
    (postgres, f"postgresql://fj:{SECRET}@db/fj?sslmode=yes"),
    (postgres, f"postgresql://fj:{SECRET}@db/fj?sslmod=require"),
    (postgres, f"postgresql://fj:{SECRET}@d b/fj"),
    (postgres, f"postgresql://fj:{SECRET}@[::1/fj"),
    (postgres, f"postgresql://fj:%ff{SECRET}@db/fj"),
    (postgres, f"host=db password={SECRET}"),
    (postgres, f"mysql://fj:{SECRET}@db/fj"),
    (redis, SECRET),
    (redis, f"redis://:{SECRET}@db/{SECRET}"),
    (redis, f"redis://:{SECRET}@db?retry={SECRET}"),
    (redis, "unix://"),
    (amqp, f"http://u:{SECRET}@mq"),
    (amqp, f"amqp://u:{SECRET}@mq:{SECRET}"),
    (amqp, f"amqp://u:{SECRET}@mq?heartbeat={SECRET}"),
    (http, f"http://u:{SECRET}@api"),
    (http, "ftp://api"),
]


@pytest.mark.parametrize(("reader", "written"), WRONG)
def test_what_cannot_be_used_is_refused_without_a_part_of_the_password(
    reader: type[str], written: str
) -> None:
    with pytest.raises(Wrong) as refused:
        reader(written)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("read", "shown"),
    [
        ("postgresql://fj:pw@db/fj", "db:5432"),
        ("postgresql://fj:pw@one:1,[::1]:2/fj", "one:1,[::1]:2"),
        ("postgresql://fj:pw@/fj?host=/run/pg", "/run/pg"),
        ("amqps://u:pw@mq/%2F", "mq:5671"),
        ("unix:///run/valkey.sock", "/run/valkey.sock"),
    ],
)
def test_of_an_address_only_the_place_is_shown(read: str, shown: str) -> None:
    assert shown == place(read)
