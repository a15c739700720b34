"""How a replay is cut into slices, and in which order workers take them."""

from bisect import bisect
from itertools import groupby, pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from projections.rebuild.slices import bounds_of, queued


def ids(count: int) -> list[UUID]:
    return [UUID(int=number * 10) for number in range(1, count + 1)]


@given(bounds=st.integers(0, 60), chosen=st.sets(st.integers(0, 59)))
def test_every_stream_is_in_one_slice(bounds: int, chosen: set[int]) -> None:
    cuts = ids(bounds)
    alone = [cuts[one] for one in chosen if one < bounds]
    ranges = sorted(queued(cuts, alone), key=lambda one: one[0].int if one[0] else 0)
    assert (None, None) == (ranges[0][0], ranges[-1][1])
    assert all(one[1] == other[0] for one, other in pairwise(ranges))
    assert bounds + 1 == len(ranges)


def test_long_streams_are_begun_early_and_do_not_all_come_first() -> None:
    cuts = ids(40)
    alone = [cuts[30], cuts[5]]
    lower = [one[0] for one in queued(cuts, alone)]
    assert (cuts[30], cuts[5]) == (lower[0], lower[10])


@given(streams=st.integers(0, 500), most=st.integers(1, 80))
def test_slices_hold_about_as_many_events_each(streams: int, most: int) -> None:
    sample = ids(streams)
    cuts = sorted(bounds_of(sample, most))
    sizes = [len(list(of)) for _, of in groupby(sample, lambda one: bisect(cuts, one))]
    assert streams == sum(sizes)
    assert max(sizes, default=0) <= most
    assert max(sizes, default=0) - min(sizes, default=0) <= 1


@given(events=st.lists(st.integers(1, 100), min_size=1), most=st.integers(1, 20))
def test_a_slice_begins_with_the_stream_of_an_event_that_was_looked_at(events: list[int], most: int) -> None:
    streams = ids(len(events))
    sample = [stream for stream, count in zip(streams, events, strict=True) for _ in range(count)]
    assert bounds_of(sample, most) <= set(sample)
