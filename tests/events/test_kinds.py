"""The rules of the kinds: what is refused for good, and what a revision lacks before readers may see it."""

from typing import Any

import pytest

from events.content.checks import FieldError
from events.kind import Kind
from events.kinds.aircraft import AIRCRAFT
from events.kinds.article import ARTICLE
from events.kinds.bureau import BUREAU
from events.kinds.catalog import KINDS
from events.kinds.country import COUNTRY
from events.kinds.fact import FACT
from events.kinds.historical_event import HISTORICAL_EVENT
from events.kinds.manufacturer import MANUFACTURER
from events.kinds.person import PERSON
from events.kinds.shared import ENTRIES
from events.kinds.term import TERM

SAID: dict[str, Any] = {
    "title": {"en": "One", "ru": None}, "summary": {"en": "It is one.", "ru": None},
    "sources": [{"title": "A book", "url": ""}], "text": {"en": "It flies.", "ru": None},
}  # fmt: skip
SOMEBODY = "5b0f7a52-8f0e-5d55-8a1b-6f3d2e9c7a10"
OTHERS = [kind for kind in KINDS if kind is not ARTICLE]


def lacking(kind: Kind, **said: Any) -> list[str]:
    """Return the fields that a revision lacks which says these things beside what every entry needs."""
    given = {name: value for name, value in (SAID | said).items() if name in kind.content.FIELDS}
    empty = {one.name: one.spelt(one.empty) for one in kind.fields}
    return [field for field, _ in kind.shortfalls(empty | kind.kept({}, given))]


def day(edtf: str, calendar: str = "gregorian") -> dict[str, str]:
    return {"edtf": edtf, "calendar": calendar}


def kilos(value: str, **more: Any) -> dict[str, Any]:
    return {"value": value, **more}


@pytest.mark.parametrize("kind", OTHERS, ids=lambda kind: kind.name)
def test_a_title_and_a_summary_in_one_language_and_a_source_are_enough(kind: Kind) -> None:
    assert [] == lacking(kind)
    if "summary" in kind.content.FIELDS:
        assert ["summary"] == lacking(kind, summary={"ru": "Это он.", "en": None})
        assert [] == lacking(kind, title={"ru": "Он", "en": None}, summary={"ru": "Это он.", "en": None})
    sourced = kind not in {FACT, TERM}
    assert (["sources"] if sourced else []) == lacking(kind, sources=[])


@pytest.mark.parametrize(
    ("kind", "earlier", "later"),
    [
        (AIRCRAFT, "design_start", "first_flight"),
        (AIRCRAFT, "first_flight", "introduced"),
        (AIRCRAFT, "introduced", "retired"),
        (AIRCRAFT, "first_flight", "retired"),
        (AIRCRAFT, "production_from", "production_to"),
        (PERSON, "born", "died"),
        (BUREAU, "founded", "closed"),
        (MANUFACTURER, "founded", "closed"),
        (COUNTRY, "existed_from", "existed_to"),
    ],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
def test_what_is_certainly_earlier_may_not_be_said_to_be_later(kind: Kind, earlier: str, later: str) -> None:
    for before, after in (
        (day("1942"), day("1941")),
        (day("1941-07"), day("1941-06-22")),
        (day("1918-02-15"), day("1918-02-01", "julian")),
        (day("1942/1943"), day("1941~")),
    ):
        assert [earlier] == lacking(kind, **{earlier: before, later: after})
        assert [] == lacking(kind, **{earlier: after, later: before})
    for before, after in (
        (day("1941"), day("1941-05")),
        (day("194X"), day("1941")),
        (day("1939/.."), day("1940")),
        (day("1941"), day("1941")),
    ):
        assert [] == lacking(kind, **{earlier: before, later: after}), "it may be so"
    assert [] == lacking(kind, **{earlier: day("1942")})


def test_masses_grow_as_an_aircraft_is_loaded() -> None:
    for masses, wrong in (
        (("2000", "3000", "4000"), []),
        (("3001", "3000", None), ["empty_mass"]),
        (("3000", None, "2999.5"), ["empty_mass"]),
        ((None, "4001", "4000"), ["gross_mass"]),
        (("5000", "4000", "3000"), ["empty_mass", "empty_mass", "gross_mass"]),
    ):
        names = ("empty_mass", "gross_mass", "max_takeoff_mass")
        said = {name: kilos(one) for name, one in zip(names, masses, strict=True) if one is not None}
        assert wrong == lacking(AIRCRAFT, **said), masses
    about = kilos("3100", low="2900", high="3300")
    assert [] == lacking(AIRCRAFT, empty_mass=about, gross_mass=kilos("3000")), "it may be so"


def test_an_accident_has_a_time() -> None:
    for time, wrong in ((None, ["time"]), ("unknown", ["time"]), (day("1930"), [])):
        assert wrong == lacking(HISTORICAL_EVENT, event_kind="accident", time=time)
    assert [] == lacking(HISTORICAL_EVENT, event_kind="record")


@pytest.mark.parametrize(
    ("kind", "said", "pointer"),
    [
        (AIRCRAFT, {"wingspan": kilos("151")}, "/wingspan/value"),
        (AIRCRAFT, {"max_speed": kilos("12001")}, "/max_speed/value"),
        (AIRCRAFT, {"operators": [{"name": ""}]}, "/operators/0"),
        (AIRCRAFT, {"purposes": ["airliner", "airliner"]}, "/purposes"),
        (AIRCRAFT, {"manufacturers": [{"entry": SOMEBODY}, {"entry": SOMEBODY}]}, "/manufacturers/1"),
        (HISTORICAL_EVENT, {"latitude": kilos("90.1")}, "/latitude/value"),
        (HISTORICAL_EVENT, {"fatalities": -1}, "/fatalities"),
        (FACT, {"text": {"ru": "я" * 301}}, "/text/ru"),
        (TERM, {"code": "Fighter"}, "/code"),
        (TERM, {"code": "none"}, "/code"),
        (PERSON, {"title": {"ru": None}}, "/title"),
        (PERSON, {"tags": ["one two"]}, "/tags/0"),
    ],
    ids=lambda one: one if isinstance(one, str) else getattr(one, "name", "said"),
)
def test_what_a_field_may_never_hold_is_refused_at_its_place(
    kind: Kind, said: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(FieldError) as refused:
        kind.kept({}, said)
    assert pointer == refused.value.pointer


def test_a_condition_explains_what_is_beyond_all_bounds() -> None:
    record = kilos("12001", condition="in a dive, engines of a rocket")
    assert record == AIRCRAFT.kept({}, {"max_speed": record})["max_speed"]


def test_an_operator_is_a_country_or_a_name_or_both() -> None:
    for item in ({"entry": SOMEBODY}, {"name": "Aeroflot"}, {"entry": SOMEBODY, "name": "Air force"}):
        assert [item] == AIRCRAFT.kept({}, {"operators": [item]})["operators"]


def test_what_may_be_about_anything_knows_every_kind() -> None:
    assert {kind.name for kind in KINDS} == set(ENTRIES)
