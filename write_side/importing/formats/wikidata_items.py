"""Items of Wikidata as fields of our kinds: which statement stands for which field, and what it rests on."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from events.content.plain import CountField
from events.content.quantities import QuantityField
from events.kinds.catalog import KINDS
from write_side.importing.formats.wikidata_values import (
    count_of,
    date_of,
    item_of,
    period_of,
    quantity_of,
    text_of,
)
from write_side.importing.record import entry_named
from write_side.importing.wording import one_line

_FIELDS = {kind.name: kind.content.FIELDS for kind in KINDS}

DATES: Mapping[str, Mapping[str, str]] = {
    "aircraft": {"P606": "first_flight", "P729": "introduced", "P730": "retired"},
    "manufacturer": {"P571": "founded", "P576": "closed"},
    "person": {"P569": "born", "P570": "died"},
}
NUMBERS: Mapping[str, Mapping[str, str]] = {
    "aircraft": {
        "P2043": "length",
        "P2050": "wingspan",
        "P2048": "height",
        "P2112": "wing_area",
        "P2052": "max_speed",
        "P2217": "cruise_speed",
        "P2254": "service_ceiling",
        "P2073": "range",
        "P1092": "built",
        "P1083": "passengers",
    },
}


class Naming(NamedTuple):
    """A statement that names another item."""

    field: str
    kind: str
    """Of what it may name."""
    many: bool = True
    dated: bool = False
    """Whether the field has room for a period."""


NAMES: Mapping[str, Mapping[str, Naming]] = {
    "aircraft": {
        "P176": Naming("manufacturers", "manufacturer", dated=True),
        "P287": Naming("designers", "person"),
        "P155": Naming("predecessor", "aircraft", many=False),
        "P156": Naming("successor", "aircraft", many=False),
        "P144": Naming("developed_from", "aircraft", many=False),
    },
    "manufacturer": {
        "P112": Naming("founders", "person", dated=True),
        "P169": Naming("heads", "person", dated=True),
        "P749": Naming("parent", "manufacturer", many=False),
    },
}
"""Kind → property → what it stands for."""

_AIRCRAFT = {"P606", "P2050", "P729", "P730"}
_CLASSES = {
    "Q5": "person",
    "Q11436": "aircraft",
    "Q15056993": "aircraft",
    "Q15056995": "aircraft",
    "Q936518": "manufacturer",
    "Q783794": "manufacturer",
    "Q4830453": "manufacturer",
    "Q6881511": "manufacturer",
}
"""What an item is an instance of (P31) → kind."""

LANGUAGES = ("ru", "en")
_ANY = "mul"
"""What is the same in most languages stands once, under this code."""


def kind_of(item: Mapping[str, Any]) -> str:
    """Return the kind of entry that an item is; empty: none of ours."""
    claims = item.get("claims") or {}
    for claim in claims.get("P31", ()):
        kind = _CLASSES.get(item_of(claim.get("mainsnak", {})) or "")
        if kind:
            return kind
    if "P569" in claims:
        return "person"
    return "aircraft" if _AIRCRAFT & claims.keys() else ""


def facts_of(item: Mapping[str, Any], kind: str, known: Mapping[str, str]) -> dict[str, Any]:
    """Return what an item says of itself, but for what it names.

    Args:
        item: an entity of type item.
        kind: its kind.
        known: item → kind, of all that come in together.
    """
    fields = {
        "title": _localized(item.get("labels"), 300),
        "summary": _localized(item.get("descriptions"), 2_000),
        "wikidata": item["id"],
    }
    if not fields["title"]:
        fields["title"] = {"en": item["id"]}
    if not fields["summary"]:
        del fields["summary"]
    names = _other_names(item)
    if names:
        fields["other_names"] = [{"name": name} for name in names]
    for field, value, _claim in _values(item, kind):
        fields.setdefault(field, value)
    fields["sources"] = _sources(item, kind, known)
    return fields


def names_of(item: Mapping[str, Any], kind: str, known: Mapping[str, str], source: str) -> dict[str, Any]:
    """Return what an item names among those that come in together; the arguments are those of `facts_of`."""
    fields: dict[str, Any] = {}
    for naming, claim in _namings(item, kind, known):
        target = str(entry_named(source, naming.kind, item_of(claim["mainsnak"]) or ""))
        if not naming.many:
            fields.setdefault(naming.field, target)
            continue
        period = period_of(claim.get("qualifiers", {})) if naming.dated else None
        one = {"entry": target} | ({"period": period} if period else {})
        if one not in fields.setdefault(naming.field, []):
            fields[naming.field].append(one)
    return fields


def _values(item: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    for name, field in {**DATES.get(kind, {}), **NUMBERS.get(kind, {})}.items():
        declared = _FIELDS[kind][field]
        for claim in best(item, name):
            snak, qualifiers = claim.get("mainsnak", {}), claim.get("qualifiers", {})
            value: Any
            if isinstance(declared, CountField):
                value = count_of(snak)
            elif isinstance(declared, QuantityField):
                value = quantity_of(snak, qualifiers, declared.unit)
            else:
                value = date_of(snak, qualifiers)
            if isinstance(value, str) and value not in declared.may_be:
                value = None
            if value is not None:
                yield field, value, claim


def _namings(
    item: Mapping[str, Any], kind: str, known: Mapping[str, str]
) -> Iterator[tuple[Naming, Mapping[str, Any]]]:
    for name, naming in NAMES.get(kind, {}).items():
        for claim in best(item, name):
            target = item_of(claim.get("mainsnak", {}))
            if target and target != item["id"] and known.get(target) == naming.kind:
                yield naming, claim


def best(item: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return the statements of a property that count: the preferred ones, or else all but the deprecated."""
    claims = (item.get("claims") or {}).get(name, ())
    preferred = [one for one in claims if one.get("rank") == "preferred"]
    return preferred or [one for one in claims if one.get("rank") != "deprecated"]


def _sources(item: Mapping[str, Any], kind: str, known: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what the statements rest on, and the item itself first."""
    found: dict[tuple[str, str, str], set[str]] = {
        (f"Wikidata, {item['id']}", f"https://www.wikidata.org/wiki/{item['id']}", ""): set()
    }
    used = [(field, claim) for field, _, claim in _values(item, kind)]
    used += [(naming.field, claim) for naming, claim in _namings(item, kind, known)]
    for field, claim in used:
        for reference in claim.get("references", ()):
            snaks = reference.get("snaks", {})
            url = next((text_of(one) for one in snaks.get("P854", ())), "")
            title = next((text_of(one) for one in snaks.get("P1476", ())), "")
            stated = next((item_of(one) for one in snaks.get("P248", ())), None)
            name = one_line(title or (f"Wikidata, {stated}" if stated else _host(url)), 300)
            pages = one_line(next((text_of(one) for one in snaks.get("P304", ())), ""), 100)
            if name:
                found.setdefault((name, url if _host(url) else "", pages), set()).add(field)
    return [
        {"title": title, "url": url, "pages": pages, "supports": sorted(fields)}
        for (title, url, pages), fields in list(found.items())[:50]
    ]


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.netloc if parts.scheme in {"http", "https"} and " " not in url else ""


def _localized(texts: Any, limit: int) -> dict[str, str]:
    told = {
        one: one_line(((texts or {}).get(one) or {}).get("value", ""), limit) for one in (*LANGUAGES, _ANY)
    }
    of_any = told.pop(_ANY)
    told["en"] = told["en"] or of_any
    return {language: text for language, text in told.items() if text}


def _other_names(item: Mapping[str, Any]) -> list[str]:
    aliases = item.get("aliases") or {}
    names = [
        one_line(one.get("value", ""), 300) for two in (*LANGUAGES, _ANY) for one in aliases.get(two, ())
    ]
    return [*dict.fromkeys(name for name in names if name)][:50]
