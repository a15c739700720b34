"""Folded states take so many bytes of memory and no more, counted as they are."""

import gc
import tracemalloc
from typing import Any

import msgspec
import pytest

from kit.ids import new_id
from write_side.entry.state import State
from write_side.states import States, weight_of

EMPTY = dict.fromkeys(("category", "meta_title", "meta_description", "meta_keywords"), "")


def state(number: int = 1, *, sources: int = 0, words: str = "x") -> State:
    """Return a state as it is read from a snapshot, so that it shares nothing with another."""
    source = {"title": words * 300, "url": f"https://example.org/{number}"}
    content: dict[str, Any] = EMPTY | {
        "title": f"Title {number}",
        "summary": words * 100,
        "body": {"sha256": f"{number:064}"},
        "sources": [source] * sources,
        "tags": [f"tag {number} {n}" for n in range(5)],
        "translated_from": None,
    }
    one = State(
        subject=new_id(),
        locale="ru",
        slug=f"slug-{number}",
        version=number,
        revision=number,
        content=content,
        changed_in=dict.fromkeys(content, 1),
    )
    return msgspec.json.decode(msgspec.json.encode(one), type=State)


@pytest.mark.parametrize(("sources", "words"), [(0, "x"), (3, "я"), (200, "x"), (200, "я"), (200, "🛩")])
def test_a_state_weighs_what_it_takes(sources: int, words: str) -> None:
    states = States(10**9)
    gc.collect()
    tracemalloc.start()
    for number in range(100):
        states.put(new_id(), state(number, sources=sources, words=words))
    gc.collect()
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.8 * taken <= states.size <= 1.3 * taken


def test_the_oldest_give_way_when_there_is_no_room() -> None:
    one = weight_of(state(sources=200))
    states = States(10 * one + one // 2)
    streams = [new_id() for _ in range(12)]
    for stream in streams[:10]:
        states.put(stream, state(sources=200))
    assert states.get(streams[0]) is not None
    for stream in streams[10:]:
        states.put(stream, state(sources=200))
    assert states.size <= 10 * one + one // 2
    assert [True, False, False, True] == [states.get(stream) is not None for stream in streams[:4]]


def test_what_is_put_again_or_dropped_is_counted_once() -> None:
    states, stream, one = States(), new_id(), state(1)
    states.put(stream, one)
    first = states.size
    states.put(stream, msgspec.structs.replace(one, version=2))
    assert first == states.size
    states.put(stream, state(3, sources=50))
    assert states.size > first
    states.put(stream, one)  # older than what is there
    found = states.get(stream)
    assert found is not None
    assert 3 == found.version
    states.drop(stream)
    assert (0, 0) == (len(states), states.size)


def test_one_that_is_larger_than_all_the_room_is_not_kept() -> None:
    states = States(1_000)
    states.put(new_id(), state(sources=10))
    assert (0, 0) == (len(states), states.size)
