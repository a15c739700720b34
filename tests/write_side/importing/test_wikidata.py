"""Items of Wikidata become entries with dates as exact as they were said, units, bounds and sources."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events.entry import Created, Revised
from tests.write_side.importing.given import imported, log_of
from write_side.importing.formats.wikidata_values import date_of, period_of, quantity_of
from write_side.importing.record import entry_named

GREGORIAN, JULIAN = "Q1985727", "Q1985786"


def _snak(type_: str, value: Any) -> dict[str, Any]:
    return {"snaktype": "value", "datavalue": {"type": type_, "value": value}}


def _time(text: str, precision: int, calendar: str = GREGORIAN) -> dict[str, Any]:
    place = f"http://www.wikidata.org/entity/{calendar}"
    return _snak("time", {"time": text, "precision": precision, "calendarmodel": place})


def _amount(amount: str, unit: str, **bounds: str) -> dict[str, Any]:
    place = unit if unit == "1" else f"http://www.wikidata.org/entity/{unit}"
    return _snak("quantity", {"amount": amount, "unit": place} | bounds)


def _names(item: str) -> dict[str, Any]:
    return _snak("wikibase-entityid", {"id": item, "entity-type": "item"})


def _claim(snak: dict[str, Any], rank: str = "normal", **more: Any) -> dict[str, Any]:
    return {"mainsnak": snak, "rank": rank} | more


@pytest.mark.parametrize(
    ("snak", "expected"),
    [
        (_time("+1947-08-31T00:00:00Z", 11), {"edtf": "1947-08-31"}),
        (_time("+1947-08-00T00:00:00Z", 10), {"edtf": "1947-08"}),
        (_time("+1947-00-00T00:00:00Z", 9), {"edtf": "1947"}),
        (_time("+1940-00-00T00:00:00Z", 8), {"edtf": "194X"}),
        (_time("+1950-00-00T00:00:00Z", 7), {"edtf": "19XX"}),
        (_time("+1889-11-10T00:00:00Z", 11, JULIAN), {"edtf": "1889-11-10", "calendar": "julian"}),
        (_time("-0300-00-00T00:00:00Z", 9), None),
        (_time("+1947-00-00T00:00:00Z", 3), None),
        ({"snaktype": "somevalue"}, "unknown"),
        ({"snaktype": "novalue"}, "none"),
        (_amount("+1", "1"), None),
    ],
)
def test_a_date_is_never_more_exact_than_it_was_said(snak: dict[str, Any], expected: Any) -> None:
    assert expected == date_of(snak, {})


def test_a_date_that_is_about_right_says_so() -> None:
    assert {"edtf": "1947~"} == date_of(_time("+1947-00-00T00:00:00Z", 9), {"P1480": [_names("Q5727902")]})


@pytest.mark.parametrize(
    ("snak", "unit", "expected"),
    [
        (_amount("+18.18", "Q11573"), "m", {"value": "18.18"}),
        (_amount("+59.6", "Q3710"), "m", {"value": "18.2"}),
        (
            _amount("+100", "Q3710", upperBound="+101", lowerBound="+99"),
            "m",
            {"value": "30.5", "low": "30", "high": "30.8"},
        ),
        (_amount("+5.50", "Q191118"), "kg", {"value": "5500"}),
        (_amount("+18000", "1"), "aircraft", {"value": "18000"}),
        (_amount("+2150", "Q11573"), "km", {"value": "2.150"}),
        (_amount("+250", "Q182429"), "km/h", {"value": "900"}),
        (_amount("+770", "Q857027"), "m²", {"value": "71.5"}),
        (_amount("+1", "Q11570"), "m", None),
        (_amount("+1", "1"), "m", None),
        (_amount("+x", "Q11573"), "m", None),
    ],
)
def test_a_quantity_is_in_the_unit_of_its_field_with_as_many_digits(
    snak: dict[str, Any], unit: str, expected: Any
) -> None:
    assert expected == quantity_of(snak, {}, unit)


def test_a_period_is_that_of_its_qualifiers() -> None:
    start = {"P580": [_time("+1947-00-00T00:00:00Z", 9)]}
    assert {"edtf": "1947/.."} == period_of(start)
    assert {"edtf": "1947/2002"} == period_of(start | {"P582": [_time("+2002-00-00T00:00:00Z", 9)]})
    assert None is period_of({})


def _items() -> list[dict[str, Any]]:
    reference = {
        "snaks": {
            "P854": [_snak("string", "https://example.org/an-2")],
            "P1476": [_snak("monolingualtext", {"text": "The An-2", "language": "en"})],
            "P304": [_snak("string", "12")],
        }
    }
    return [
        {
            "id": "Q100",
            "lastrevid": 7,
            "labels": {"mul": {"value": "Antonov An-2"}, "ru": {"value": "Ан-2"}, "de": {"value": "x"}},
            "descriptions": {"en": {"value": "Soviet biplane"}},
            "aliases": {"en": [{"value": "Colt"}]},
            "claims": {
                "P31": [_claim(_names("Q15056995"))],
                "P606": [_claim(_time("+1947-08-31T00:00:00Z", 11), references=[reference])],
                "P2050": [
                    _claim(_amount("+18.18", "Q11573"), qualifiers={"P518": [_names("Q7")]}),
                    _claim(_amount("+99", "Q11573"), "deprecated"),
                ],
                "P2112": [_claim(_amount("+71.5", "Q25343"))],
                "P2217": [_claim(_amount("+190", "Q180154"))],
                "P2254": [_claim(_amount("+4.5", "Q828224"))],
                "P176": [
                    _claim(_names("Q200"), qualifiers={"P580": [_time("+1960-00-00T00:00:00Z", 9)]}),
                    _claim(_names("Q999")),
                ],
                "P287": [_claim(_names("Q300"))],
            },
        },
        {"id": "Q200", "labels": {"en": {"value": "PZL"}}, "claims": {"P31": [_claim(_names("Q936518"))]}},
        {
            "id": "Q300",
            "labels": {"ru": {"value": "Олег Антонов"}},
            "claims": {"P569": [_claim(_time("+1906-01-25T00:00:00Z", 11, JULIAN))]},
        },
        {"id": "Q400", "labels": {}, "claims": {}},
    ]


@pytest.mark.parametrize("whole", [True, False])
async def test_items_come_in_with_what_they_name_of_each_other(
    database: str,
    tmp_path: Path,
    whole: bool,  # noqa: FBT001 - the form of the file
) -> None:
    path = tmp_path / "items.json"
    lines = ",\n".join(json.dumps(one) for one in _items())
    document = json.dumps({"entities": {one["id"]: one for one in _items()}})
    path.write_text(document if whole else f"[\n{lines}\n]\n")
    done = await imported(database, "wikidata", path)
    assert ["is no item of a kind that there is"] == [one.reason for one in done.aside]
    assert {"aircraft.created", "manufacturer.created", "person.created"} <= done.report.events.keys()
    events = [one.event for one in await log_of(database)]
    made = {
        one.TYPE: json.loads(msgspec.json.encode(one.content)) for one in events if isinstance(one, Created)
    }
    plane = made["aircraft.created"]
    assert {"en": "Antonov An-2", "ru": "Ан-2"} == plane["title"]
    assert {"edtf": "1947-08-31"} == plane["first_flight"]
    assert {"value": "18.18", "condition": "P518 Q7"} == plane["wingspan"]
    assert ["71.5", "190", "4500"] == [
        plane[name]["value"] for name in ("wing_area", "cruise_speed", "service_ceiling")
    ]
    book = {"title": "The An-2", "url": "https://example.org/an-2", "pages": "12"}
    assert book | {"supports": ["first_flight"]} == plane["sources"][1]
    assert {"edtf": "1906-01-25", "calendar": "julian"} == made["person.created"]["born"]
    (named,) = [one for one in events if isinstance(one, Revised)]
    maker = str(entry_named("wikidata", "manufacturer", "Q200"))
    person = str(entry_named("wikidata", "person", "Q300"))
    assert [{"entry": maker, "period": {"edtf": "1960/.."}}] == named.changed["manufacturers"].after
    assert [{"entry": person}] == named.changed["designers"].after
    again = await imported(database, "wikidata", path)
    assert {} == again.report.events


@pytest.mark.parametrize(
    "item",
    [
        {"id": "Q1", "labels": [], "claims": {"P31": [_claim(_names("Q5"))]}},
        {"id": "Q1", "claims": {"P569": [{}]}},
        {"id": "Q1", "claims": {"P569": "x"}},
        {"id": "Q1", "claims": []},
        {"id": 1},
        [],
    ],
    ids=range(6),
)
async def test_what_has_not_the_shape_of_an_item_does_no_harm(
    database: str, tmp_path: Path, item: Any
) -> None:
    path = tmp_path / "items.json"
    path.write_text(json.dumps(item) + "\n" + json.dumps(_items()[1]))
    done = await imported(database, "wikidata", path)
    assert 1 == done.report.events["manufacturer.created"]


async def test_an_item_that_stands_there_twice_counts_once(database: str, tmp_path: Path) -> None:
    path = tmp_path / "items.json"
    item = _items()[1]
    other = item | {"lastrevid": 9, "labels": {"en": {"language": "en", "value": "Another"}}}
    path.write_text("\n".join(map(json.dumps, (item, other))))
    for number in range(3):
        done = await imported(database, "wikidata", path)
        assert (0 if number else 2, 2) == (sum(done.report.events.values()), done.report.set_aside)
