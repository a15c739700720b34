"""What the bot says about each event."""

from typing import Any

import orjson
import pytest

from events.catalog import EVENTS
from kit.ids import named_id
from projections.forwarding.message import cloud_event
from scripts.bot.position import REMEMBERED, StreamPosition, offset_for
from scripts.bot.words import PHRASES, sentence, title_in
from tests.given.whole_life import whole_life

ACTOR = "018f0000-0000-7000-8000-000000007c1e"
ENTRY = "018f0000-0000-7000-8000-000000000000"


def event(type_: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": type_, "subject": f"article/{ENTRY}", "actor": ACTOR, "data": data} | more


def test_a_publication_in_words() -> None:
    published = event("article.published", {"title": "Ту-144", "revision": 4})
    assert sentence(published) == "«Ту-144» was published, revision 4, by 7c1e"
    assert sentence(published, names={ACTOR: "Анна"}) == "«Ту-144» was published, revision 4, by Анна"


def test_a_whole_life_in_words() -> None:
    titles: dict[str, str] = {}
    said = []
    for recorded in whole_life():
        told = orjson.loads(cloud_event(recorded, named_id("log", "1"), "1").body)
        titles |= dict([known]) if (known := title_in(told)) else {}
        said.append(sentence(told, titles, {told["actor"]: "Анна"}))
    entry = whole_life()[0].event.owner
    assert said == [
        f"the slug ru:tu-144 was claimed for article {str(entry)[:8]} by Анна",
        "«Ту-144» was created by Анна",
        "«Ту-144С» was revised (title, body), revision 2, by Анна (the date)",
        "«Ту-144С» was submitted, revision 2, by Анна",
        "«Ту-144С» was withdrawn by Анна",
        "«Ту-144С» was submitted, revision 2, by Анна",
        "«Ту-144С» was returned by Анна: “A source, please”",
        "«Ту-144» was reverted to revision 1, revision 3, by Анна",
        "«Ту-144» was submitted, revision 3, by Анна",
        "«Ту-144» was published, revision 3, by Анна",
        "the slug ru:tupolev-tu-144 was claimed for «Ту-144» by Анна",
        "«Ту-144» was renamed from tu-144 to tupolev-tu-144 by Анна",
        "«Ту-144» was unpublished by Анна",
        "«Ту-144» was archived by Анна",
        "«Ту-144» was restored by Анна",
        "the slug ru:tu-144 was released by «Ту-144» by Анна",
    ]


def test_a_change_of_many_entries_in_words() -> None:
    begun = event("bulk.started", {"kind": "article", "entries": [ENTRY, ENTRY], "change": {}})
    assert sentence(begun) == "a change of 2 entries of kind article was begun by 7c1e"
    stopped = event("bulk.stopped", {})
    assert sentence(stopped) == "a change of many entries was stopped by 7c1e"
    ended = event("bulk.finished", {"changed": [{"entry": ENTRY, "version": 2}], "refused": []})
    assert sentence(ended) == "a change of many entries ended: 1 changed, 0 refused by 7c1e"


def test_what_happens_to_a_picture_in_words() -> None:
    assert sentence(event("media.registered", {"size": 10})) == "media 018f0000 was registered by 7c1e"
    suppressed = event("media.suppressed", {"reason": "Stolen"})
    assert sentence(suppressed) == "media 018f0000 was suppressed by 7c1e"


def test_every_event_has_a_phrase_of_its_own() -> None:
    assert {cls.TYPE.partition(".")[2] for cls in EVENTS} <= set(PHRASES)


def test_an_entry_whose_title_was_never_seen_is_named_by_its_id() -> None:
    assert sentence(event("article.archived", {})) == "article 018f0000 was archived by 7c1e"


def test_a_forced_publication_is_called_so() -> None:
    forced = event(
        "article.published", {"title": "Ant", "revision": 2, "forced": True}, reason="error in print"
    )
    assert sentence(forced) == "«Ant» was published by force, revision 2, by 7c1e (error in print)"


def test_an_unknown_event_is_still_one_line() -> None:
    assert sentence(event("aircraft.flown", {})) == "aircraft 018f0000: flown by 7c1e"
    assert sentence({}) == " : something happened by nobody"


def test_a_title_cannot_command_the_terminal() -> None:
    said = sentence(event("article.published", {"title": "\x1b[2J\nBoo\u202e", "revision": 1}))
    assert said.isprintable()


def placed(position: int, *, epoch: str = "1", id_: str = "") -> dict[str, Any]:
    return {"id": id_ or f"{epoch}-{position}", "position": position, "source": "/log", "epoch": epoch}


def test_a_place_tells_new_from_seen_from_missing() -> None:
    place = StreamPosition(after=4)
    assert place.judge(placed(4)) == "seen"
    assert place.judge(placed(6)) == "gap"
    assert place.judge(placed(5)) == "new"
    place.take(placed(5))
    assert place.judge(placed(5)) == "seen"
    assert place.judge(placed(6)) == "new"


def test_a_place_knows_what_is_missing_before_it_until_it_comes() -> None:
    place = StreamPosition(after=4)
    for position in (8, 9):
        place.take(placed(position))
    assert place.missing == ((5, 7),)
    assert place.judge(placed(6, epoch="2")) == "late"
    place.take(placed(6, epoch="2"))
    assert place.after == 9
    assert list(place.missing) == [(5, 5), (7, 7)]
    assert place.judge(placed(6, epoch="2")) == "seen"
    assert place.judge(placed(10)) == "new"


def test_what_is_missing_is_of_one_log_and_before_the_place() -> None:
    place = StreamPosition(after=4)
    place.take(placed(8))
    assert place.judge(placed(6) | {"source": "/another"}) == "new"
    place.take(placed(6, epoch="2"))
    place.take(placed(3, epoch="3"))
    assert (place.after, place.missing) == (3, ())


def test_a_place_without_a_beginning_takes_what_comes() -> None:
    assert StreamPosition().judge(placed(900)) == "new"


def test_positions_of_another_epoch_are_not_compared_but_ids_are() -> None:
    place = StreamPosition(after=0)
    for position in (1, 2, 3):
        place.take(placed(position))
    assert place.judge(placed(2, epoch="2")) == "new"
    assert place.judge(placed(9, epoch="2", id_="1-3")) == "seen"


def test_a_place_remembers_a_bounded_number_of_ids() -> None:
    place = StreamPosition()
    for position in range(REMEMBERED + 10):
        place.take(placed(position))
    assert place.judge(placed(1, epoch="2", id_="1-5")) == "new"
    assert place.judge(placed(1, epoch="2", id_="1-10")) == "seen"


@pytest.mark.parametrize(
    ("after", "newest", "offset"),
    [
        (7, None, "first"),
        (7, (99, 100), 7),
        (7, (119, 100), 7),
        (107, (9, 110), 7),
        (3, (9, 110), 0),
        (7, (9, None), "first"),
        (2_000, (9, 10), 9),
    ],
    ids=["empty", "whole", "with copies", "made late", "made too late", "says nothing", "ends before it"],
)
def test_the_stream_is_taken_up_no_later_than_needed(
    after: int, newest: tuple[int, int | None] | None, offset: int | str
) -> None:
    assert offset_for(after, newest) == offset
