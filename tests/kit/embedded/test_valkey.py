"""The embedded Valkey: a cache that nobody else reaches and that may die."""

import signal
import time

import redis

from kit.embedded.state import StateFolder
from kit.embedded.valkey import Valkey
from kit.running.processes import marked, send, wait_until


def test_it_answers_on_its_socket_and_keeps_nothing(state: StateFolder) -> None:
    with Valkey(state) as server:
        assert server.outcome == "started"
        with redis.Redis.from_url(server.start()) as client:
            client.set("key", "value")
            assert client.config_get("port", "maxmemory-policy", "save", "appendonly") == {
                "port": "0",
                "maxmemory-policy": "allkeys-lru",
                "save": "",
                "appendonly": "no",
            }
            assert client.get("key") == b"value"
    assert marked(state.mark("valkey")) == []
    with Valkey(state) as server, redis.Redis.from_url(server.start()) as client:
        assert client.get("key") is None


def test_one_left_over_from_a_killed_run_is_taken_over_and_stopped(state: StateFolder) -> None:
    orphan, heir = Valkey(state), Valkey(state)
    assert orphan.start() == heir.start()
    assert heir.outcome == "attached"
    assert heir.alive()
    heir.stop()
    assert not orphan.alive()
    assert marked(state.mark("valkey")) == []


def test_a_killed_one_starts_again_over_its_dead_socket(state: StateFolder) -> None:
    server = Valkey(state)
    server.start()
    send(marked(state.mark("valkey")), signal.SIGKILL)
    assert wait_until(lambda: not server.alive(), 30)
    began = time.monotonic()
    with redis.Redis.from_url(server.start()) as client:
        assert client.ping()
    assert server.outcome == "started"
    assert time.monotonic() - began < 20
    server.stop()
