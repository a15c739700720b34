"""What a measurement prints has the same members for programs, and one line for people."""

import orjson

from scripts.bench.rig.report import line, result

FIGURES = result(
    "visible", 6.75, 25.0, unit="ms (p99)", peer_name="25 ms", seconds=[0.001] * 98 + [0.004, 0.009],
    inverse=True, commands=2_000,
)  # fmt: skip


def test_a_program_gets_the_members_that_are_promised_and_what_else_was_counted() -> None:
    found = orjson.loads(line(FIGURES, as_json=True))
    promised = ["bench", "ours", "peer", "ratio", "unit", "peer_name", "p50_ms", "p99_ms"]
    assert [*promised, "better", "commands"] == list(found)
    assert (0.27, 1.0, 9.0) == (found["ratio"], found["p50_ms"], found["p99_ms"])


def test_a_person_gets_one_line_that_says_which_way_is_better() -> None:
    words = line(FIGURES, as_json=False)
    assert (
        "visible                  0.270 x  6.75 ms (p99) against 25 (25 ms, smaller is better); p99 9.0 ms"
        == words
    )


def test_without_a_peer_there_is_no_ratio() -> None:
    assert "x  " not in line(result("one", 1.0, 0.0, unit="s", peer_name="nobody"), as_json=False)
