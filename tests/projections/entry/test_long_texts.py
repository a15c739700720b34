"""What the revisions of an article hold of a long text: parts of the one before, or all of it."""

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.applying.batch import fold
from projections.entry.held import DEAR, SHORT, SPAN, KnownTexts
from tests.projections.given import ENTRY, PROJECTION, REVISION, Given
from tests.projections.lives import Article, Log

LINES = [f"{number}. {'It flew for the first time in 1968. ' * 6}\n" for number in range(40)]


def _changed(number: int) -> str:
    lines = list(LINES)
    lines[number % len(lines)] = f"{number}: rewritten.\n"
    return "".join(lines)


def test_a_long_text_is_whole_once_in_a_span_of_revisions() -> None:
    log = Log()
    one = Article(log, "tu-144", body="".join(LINES))
    for number in range(2 * SPAN):
        one.revise(body=_changed(number))
    given = Given(log)
    whole = [number for number in range(1, 2 * SPAN + 2) if given.revision(one, number)["body"] is not None]
    assert [1, 1 + SPAN, 1 + 2 * SPAN] == whole
    assert [_changed(number) for number in range(2 * SPAN)] == [
        given.text(one, number + 2) for number in range(2 * SPAN)
    ]


def test_a_short_text_is_always_whole() -> None:
    log = Log()
    one = Article(log, "tu-144", body="x" * (SHORT - 2))
    one.revise(body="x" * (SHORT - 1))
    one.revise(body="x" * SHORT)
    given = Given(log)
    assert [True, True, False] == [given.revision(one, number)["body"] is not None for number in (1, 2, 3)]


def test_what_is_read_for_a_text_is_bounded_by_its_length() -> None:
    log = Log()
    one = Article(log, "tu-144", body="".join(LINES))
    texts = ["".join(f"{turn}{line}" for line in LINES[turn:]) + "z" * 900 * turn for turn in range(12)]
    for text in texts:
        one.revise(body=text)
    one.revise(body=texts[0][:SHORT])
    given = Given(log)
    assert given.entry(one)["body_base"] == len(texts) + 2
    for number, text in enumerate(texts, 2):
        row = given.revision(one, number)
        read = [given.revision(one, at) for at in range(row["body_base"], number + 1)]
        new = [part for at in read for part in at["parts"] or () if isinstance(part, str)]
        size = sum(len(at["body"] or "") for at in read) + sum(map(len, new))
        assert size <= DEAR * len(text) + 12 * len(read)
        assert text == given.text(one, number)


def test_small_fields_stand_where_one_of_them_changed() -> None:
    log = Log()
    one = Article(log, "tu-144", title="One", body="First.")
    one.revise(body="Second.")
    one.revise(title="Two")
    one.revise(body="Third.")
    one.publish(2)
    given = Given(log)
    held = [(given.revision(one, n)["content"] or {}).get("title") for n in (1, 2, 3, 4)]
    assert ["One", None, "Two", None] == held
    assert [1, 1, 3, 3] == [given.revision(one, n)["content_revision"] for n in (1, 2, 3, 4)]
    assert (listed := given.listed(one)) is not None
    assert "One" == listed["title"]


def test_the_newest_texts_are_remembered_up_to_a_number_of_characters() -> None:
    known = KnownTexts(room=10)
    for text in ("aaaa", "bbbb", "aaaa", "cccc"):
        known.keep(text.encode(), text)
    assert ["aaaa", None, "cccc"] == [known.get(digest) for digest in (b"aaaa", b"bbbb", b"cccc")]
    assert known.get(None) is None


def test_an_interruption_at_any_step_leaves_as_many_texts_as_there_is_room_for() -> None:
    wanted = ["cccc", "dddd"]
    steps = 0
    while True:
        known = KnownTexts(room=10)
        for text in ("aaaa", "bbbb"):
            known.keep(text.encode(), text)
        interrupted = _interrupted_at(steps, partial(known.keep, b"new", "n" * 9))
        for text in ("aaaa", "bbbb", *wanted):
            known.keep(text.encode(), text)
        assert [None, None, None, *wanted] == [
            known.get(digest) for digest in (b"new", b"aaaa", b"bbbb", b"cccc", b"dddd")
        ]
        if not interrupted:
            break
        steps += 1
    assert steps > 20


def _interrupted_at(step: int, work: Callable[[], None]) -> bool:
    """Do some work, with an exception before one of its instructions; tell whether it has so many."""
    left = step

    def trace(frame: FrameType, kind: str, _: Any) -> Any:
        nonlocal left
        frame.f_trace_opcodes = True
        if kind == "opcode" and frame.f_code is KnownTexts.keep.__code__:
            if not left:
                raise KeyboardInterrupt
            left -= 1
        return trace

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # noqa: SLF001 - Python 3.12 looks at it when tracing begins
    sys.settrace(trace)
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def test_a_damaged_text_parks_the_revision_that_would_build_upon_it() -> None:
    log = Log()
    one = Article(log, "tu-144", body="".join(LINES))
    one.revise(body=_changed(1))
    given = Given(log)
    one.revise(body=_changed(2))
    columns = {key: value for key, value in given.entry(one).items() if key in ENTRY.columns}
    rows = {key: dict(row) for key, row in given.rows[REVISION].items()}
    rows[one.id, 1]["body"] = rows[one.id, 1]["body"].replace("1968", "1969")
    loaded: Any = {ENTRY: {(one.id,): columns}}
    folded = fold(PROJECTION, log.events[-1:], loaded, frozenset(), heavy={REVISION: rows})
    assert [one.id] == [parked.stream for parked in folded.parked]
    assert "is not the one that was written" in folded.parked[0].error


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 39), st.integers(0, 3), st.booleans()), max_size=80))
def test_every_revision_of_any_history_has_its_text(history: list[tuple[int, int, bool]]) -> None:
    log = Log()
    lines = list(LINES)
    one = Article(log, "tu-144", body="".join(lines))
    texts = ["".join(lines)]
    for place, count, titled in history:
        lines = lines[:place] + [f"{len(texts)} {place}\n"] * count + lines[place + 1 :]
        texts.append("".join(lines))
        small: dict[str, Any] = {"title": f"{place}"} if titled else {}
        one.revise(body=texts[-1], **small)
    found = Given(log)
    assert texts == [found.text(one, number) for number in range(1, len(texts) + 1)]
