"""The cards of the sample: enough of them, complete, linked, and each figure with a source."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from events.content.codes import TermField, TermsField
from events.content.dates import DateField
from events.content.field import Field
from events.content.items import RelationsField
from events.content.localized import LANGUAGES
from events.content.plain import CountField
from events.content.quantities import QuantityField
from events.kinds.catalog import KINDS
from kit.ids import named_id
from scripts.sample import SampleEntry, accounts, entries, lives
from scripts.sample.cards import ORDER, SampleCard, made_of
from scripts.sample.spelling import Known, spelt_out

ENTRIES = entries()
AIRCRAFT = next(kind for kind in KINDS if kind.name == "aircraft")
BY_ID = {entry.id: entry for entry in ENTRIES}
ROLES = {account.name: account.role for account in accounts()}
FIGURES = (DateField, QuantityField, CountField)

WANTED = {
    "aircraft": 40, "bureau": 12, "manufacturer": 12, "person": 24, "historical_event": 24, "fact": 90,
}  # fmt: skip

each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.kind.name}:{entry.key}")


def content(entry: SampleEntry) -> dict[str, Any]:
    """Return all fields of an entry as they are stored."""
    empty = {one.name: one.spelt(one.empty) for one in entry.kind.fields}
    return empty | entry.kind.kept({}, entry.content)


def named(entry: SampleEntry) -> set[Any]:
    """Return the ids of the entries that an entry names."""
    return {name.entry for one in entry.kind.fields for name in one.names(entry.content.get(one.name))}


def test_the_sample_has_as_many_entries_of_each_kind_as_it_promises() -> None:
    have = Counter(entry.kind.name for entry in ENTRIES)
    assert {kind: number for kind, number in WANTED.items() if have[kind] < number} == {}


def test_cards_are_read_of_every_kind_but_articles() -> None:
    assert {kind.name for kind in KINDS if kind.name != "article"} == set(ORDER)


def test_every_entry_can_be_published() -> None:
    lacking = {entry.key: entry.kind.shortfalls(content(entry)) for entry in ENTRIES}
    assert {key: gaps for key, gaps in lacking.items() if gaps} == {}


def test_everything_that_is_named_is_there_and_of_a_kind_that_may_be_named() -> None:
    for entry in ENTRIES:
        for field in entry.kind.fields:
            for name in field.names(entry.content.get(field.name)):
                assert BY_ID[name.entry].kind.name in name.kinds, f"{entry.key}: {field.name}"


def test_an_entry_first_names_only_what_is_made_before_it() -> None:
    made: set[str] = set()
    for entry in ENTRIES:
        ids = {n.entry for one in entry.kind.fields for n in one.names(entry.first.get(one.name))}
        assert {BY_ID[one].kind.name for one in ids} <= made - {entry.kind.name}, entry.key
        made.add(entry.kind.name)


def test_no_entry_stands_alone() -> None:
    pointed = set().union(*map(named, ENTRIES)) | {life.subject_id for life in lives()}
    alone = [
        one.key for one in ENTRIES if one.kind.name != "term" and one.id not in pointed and not named(one)
    ]
    assert alone == []


def test_each_figure_has_a_source_and_a_source_supports_what_is_said() -> None:
    for entry in ENTRIES:
        if entry.kind.name in {"fact", "term"}:
            continue
        figures = {f.name for f in entry.kind.fields if isinstance(f, FIGURES) and f.name in entry.content}
        sources = entry.content["sources"]
        supported = {name for source in sources for name in source["supports"]}
        assert sources, entry.key
        assert figures - supported == set(), entry.key
        assert supported - set(entry.content) == set(), entry.key


def codes(field: Field, value: Any) -> Iterator[tuple[str, str]]:
    """Yield the vocabulary and code of each term that a field says."""
    match field:
        case TermField() if value:
            yield field.vocabulary, value
        case TermsField():
            yield from ((field.vocabulary, code) for code in value or ())
        case RelationsField():
            for item in value or ():
                for member in field.fields:
                    yield from codes(member, item.get(member.name))


def vocabularies(field: Field) -> Iterator[str]:
    """Yield the vocabularies from which a field takes terms."""
    match field:
        case TermField() | TermsField():
            yield field.vocabulary
        case RelationsField():
            for member in field.fields:
                yield from vocabularies(member)


def test_every_vocabulary_has_terms_and_cards_say_no_others() -> None:
    terms = [entry.content for entry in ENTRIES if entry.kind.name == "term"]
    known = {(term["vocabulary"], term["code"]) for term in terms}
    said = {
        one for e in ENTRIES for field in e.kind.fields for one in codes(field, e.content.get(field.name))
    }
    assert said - known == set()
    wanted = {one for kind in KINDS for field in kind.fields for one in vocabularies(field)}
    assert wanted - {vocabulary for vocabulary, _ in known} == set()


def test_titles_and_summaries_are_in_both_languages() -> None:
    for entry in ENTRIES:
        for name in ("title", "summary", "text"):
            value = entry.content.get(name)
            assert value is None or all(value[one] for one in LANGUAGES), f"{entry.key}: {name}"


def test_every_article_is_about_an_entry() -> None:
    keys = {entry.id: entry.key for entry in ENTRIES}
    assert {life.subject: life.subject for life in lives()} == {
        life.subject: keys.get(life.subject_id) for life in lives()
    }


def test_dates_are_no_more_exact_than_history_and_in_the_calendar_of_their_time() -> None:
    dates = [v for e in ENTRIES for v in e.content.values() if isinstance(v, dict) and "edtf" in v]
    assert {"julian", None} == {one.get("calendar") for one in dates}
    for sign in ("~", "?", "X", "/"):
        assert any(sign in one["edtf"] for one in dates), sign


def test_an_entry_is_written_by_who_may_and_published_by_another_who_is_a_moderator() -> None:
    wrong = [
        entry.key
        for entry in ENTRIES
        if ROLES[entry.by] != ("moderator" if entry.kind.moderated else "editor")
        or ROLES[entry.checked_by] != "moderator"
        or entry.by == entry.checked_by
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("28.80", {"value": "28.80"}),
        ("~28.80", {"value": "28.80", "about": True}),
        ("~15000 [12000..18000]", {"value": "15000", "low": "12000", "high": "18000", "about": True}),
        ("39.5 @ With M-17 engines", {"value": "39.5", "condition": "With M-17 engines"}),
        (16, {"value": "16"}),
    ],
)
def test_a_quantity_is_spelt_short(said: Any, stored: Any) -> None:
    assert stored == spelt_out(QuantityField("span", unit="m"), said, Known({}, {}))


@pytest.mark.parametrize(
    ("field", "said", "complaint"),
    [
        ("wingspan", "wide", "wide is no quantity"),
        ("wingspan", "151", "at most 150 m"),
        ("first_flight", "1941-13", "a month from 01 to 12"),
        ("country", "atlantis", "there is no card of atlantis"),
        ("designers", [{"entry": "a-person", "share": 1}], "an item has no share"),
        ("sources", {"a-book": "wingspan"}, "there is no source a-book"),
        ("wings", 2, "there is no field wings"),
    ],
)
def test_a_card_that_cannot_be_is_refused_with_its_file_and_field(
    field: str, said: Any, complaint: str
) -> None:
    card = SampleCard(
        place="aircraft/x.toml", kind=AIRCRAFT, key="x", by="anna", checked_by="elena", reason="r",
        said={field: said},
    )  # fmt: skip
    with pytest.raises(ValueError, match=complaint) as refused:
        made_of(card, Known({"a-person": named_id("x")}, {}), {})
    assert str(refused.value).startswith("aircraft/x.toml, x")


def test_a_card_that_says_what_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="about 80 is no quantity"):
        spelt_out(QuantityField("span", unit="m"), "about 80", Known({}, {}))
