"""Rules over an entry and those that it names: what is found, where, and what is no contradiction."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from events.across import Content, Finding, NotItsOwn, WithinLife
from events.content.dates import DateField
from events.content.field import Field
from events.content.items import RelationsField
from events.content.plain import ReferenceField
from events.kinds.catalog import KINDS
from kit.ids import named_id

PERSON = ReferenceField("entry", kinds=("person",), needed=True)
FIELDS: dict[str, Field] = {
    one.name: one
    for one in (
        DateField("first_flight"),
        ReferenceField("designer", kinds=("person",)),
        RelationsField("makers", item="Maker", key=("entry",), fields=(PERSON, DateField("from"))),
        ReferenceField("before", kinds=("aircraft",)),
        RelationsField("parents", item="Parent", key=("entry",), fields=(PERSON,)),
    )
}
ME, ONE, TWO = (named_id("across", name) for name in ("me", "one", "two"))


def on(edtf: str, **more: Any) -> dict[str, Any]:
    return {"edtf": edtf, **more}


BORN = WithinLife(date="first_flight", of="designer", since="born", until="died")


@pytest.mark.parametrize(
    ("flown", "lived", "expected"),
    [
        (on("1941"), {"born": on("1942")}, "is earlier than `born` of the entry in `designer`"),
        (on("1941"), {"born": on("1941-12-31")}, ""),
        (on("1941~"), {"born": on("194X")}, ""),
        (on("1941-06"), {"died": on("1941-05")}, "is later than `died` of the entry in `designer`"),
        (on("1941-06-22"), {"born": on("1900/.."), "died": on("../1941-06-22")}, ""),
        (on("1917-10-25", calendar="julian"), {"died": on("1917-11-06")},
         "is later than `died` of the entry in `designer`"),
        (on("1917-10-25", calendar="julian"), {"died": on("1917-11-07")}, ""),
        ("unknown", {"born": on("1942")}, ""),
        (on("1941"), {"born": "unknown", "died": None}, ""),
        (None, {"born": on("1942")}, ""),
        (on("1941"), {}, ""),
        (on("1941"), None, ""),
    ],
)  # fmt: skip
def test_only_what_cannot_be_is_found(flown: Any, lived: Content | None, expected: str) -> None:
    content = {"first_flight": flown, "designer": str(ONE)}
    assert {ONE} == set(BORN.asks(FIELDS, content, {}))
    found = from_here(BORN.judge(ME, FIELDS, content, {ONE: lived}))
    assert ([Finding("/first_flight", ONE, expected)] if expected else []) == found


def from_here(found: Iterable[Finding]) -> list[Finding]:
    """Return findings without what they say from the other side."""
    return [one._replace(other_pointer="", other_detail="") for one in found]


def test_what_is_wrong_is_told_from_either_side() -> None:
    content = {"first_flight": on("1941"), "designer": str(ONE)}
    (found,) = BORN.judge(ME, FIELDS, content, {ONE: {"born": on("1942")}})
    there = found.turned(ME)
    assert ("/born", ME, "is later than `first_flight` of an entry that names this one in `designer`") == (
        there[:3]
    )
    assert found == there.turned(ONE)


def test_an_item_is_judged_by_its_own_date_where_it_has_one() -> None:
    rule = WithinLife(date="first_flight", of="makers", item="from", since="founded", warning=True)
    content = {
        "first_flight": on("1950"),
        "makers": [{"entry": str(ONE)}, {"entry": str(TWO), "from": on("1920")}],
    }
    lives = {ONE: {"founded": on("1951")}, TWO: {"founded": on("1930")}}
    detail = "is earlier than `founded` of the entry in `makers`"
    first = Finding("/first_flight", ONE, detail, warning=True)
    second = Finding("/makers/1/from", TWO, detail, warning=True)
    assert [first, second] == from_here(rule.judge(ME, FIELDS, content, lives))
    of_all = msgspec.structs.replace(rule, together=True)
    assert [second] == from_here(of_all.judge(ME, FIELDS, content, lives))
    alone = content | {"makers": [{"entry": str(ONE)}]}
    assert [first] == from_here(of_all.judge(ME, FIELDS, alone, lives))
    of_items = msgspec.structs.replace(rule, date="")
    assert [second] == from_here(of_items.judge(ME, FIELDS, content, lives))


def test_every_rule_speaks_of_dates_that_those_have_who_may_be_named() -> None:
    kinds = {kind.name: kind for kind in KINDS}
    rules = [(kind, rule) for kind in KINDS for rule in kind.across if isinstance(rule, WithinLife)]
    assert len(rules) > 5
    for kind, rule in rules:
        field = kind.content.FIELDS[rule.of]
        may_be = field.kinds if isinstance(field, ReferenceField) else field.fields[0].kinds
        for date in filter(None, (rule.since, rule.until)):
            assert any(isinstance(kinds[one].content.FIELDS.get(date), DateField) for one in may_be), (
                kind.name, rule,
            )  # fmt: skip
        if rule.item:
            assert rule.item in {one.name for one in field.fields}, (kind.name, rule)
        assert not rule.date or isinstance(kind.content.FIELDS[rule.date], DateField), (kind.name, rule)


def chain(rule: NotItsOwn, contents: dict[Any, Content], start: Content) -> list[Finding]:
    """Judge as a publication does: whatever the rule asks for is looked up, until it asks no more."""
    known: dict[Any, Content | None] = {}
    while asked := set(rule.asks(FIELDS, start, known)) - known.keys() - {ME}:
        known |= {one: contents.get(one) for one in asked}
    return list(rule.judge(ME, FIELDS, start, known))


@pytest.mark.parametrize("length", [0, 1, 2, 50])
def test_no_entry_comes_before_itself_through_any_chain(length: int) -> None:
    links = [ME, *(named_id("link", str(number)) for number in range(length))]
    contents: dict[Any, Content] = {
        one: {"before": str(following)} for one, following in pairwise([*links[1:], ME])
    }
    first = links[1] if length else ME
    found = chain(NotItsOwn(field="before"), contents, {"before": str(first)})
    assert [Finding("/before", first, "leads back to this entry")] == found
    if length:
        contents[links[-1]] = {"before": str(TWO)}
        assert [] == chain(NotItsOwn(field="before"), contents, {"before": str(first)})


def test_a_ring_of_others_ends_and_is_not_this_entry_s_fault() -> None:
    contents: dict[Any, Content] = {
        ONE: {"parents": [{"entry": str(TWO)}]},
        TWO: {"parents": [{"entry": str(ONE)}]},
    }
    rule = NotItsOwn(field="parents")
    assert [] == chain(rule, contents, {"parents": [{"entry": str(ONE)}]})
    contents[TWO] = {"parents": [{"entry": str(ONE)}, {"entry": str(ME)}]}
    found = chain(rule, contents, {"parents": [{"entry": str(named_id("x"))}, {"entry": str(ONE)}]})
    assert [Finding("/parents/1/entry", ONE, "leads back to this entry")] == found
