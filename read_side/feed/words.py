"""Says values of fields in one line of Russian or English, in the words and units of their declarations."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from events.content.codes import Coded, TermsField
from events.content.dates import DateField
from events.content.field import Field
from events.content.localized import LocalizedLineField
from events.content.plain import CountField, FlagField
from events.content.quantities import QuantityField
from events.content.texts import LineField, LinesField
from events.content.units import IN_RUSSIAN

type Language = Literal["ru", "en"]

LONGEST = 120
"""Characters of a value in a line; what is longer is cut."""

_MONTHS: Mapping[Language, tuple[str, ...]] = {
    "ru": (
        "январь", "февраль", "март", "апрель", "май", "июнь",
        "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip

_OF_MONTH = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip

_SAID: Mapping[Language, Mapping[str, str]] = {
    "ru": {"unknown": "неизвестно", "none": "нет", "about": "около", "since": "с", "until": "до",
           "julian": "по старому стилю", "yes": "да", "no": "нет"},
    "en": {"unknown": "unknown", "none": "none", "about": "about", "since": "since", "until": "until",
           "julian": "old style", "yes": "yes", "no": "no"},
}  # fmt: skip


def label(field: Field, language: Language) -> str:
    """Return what a field is called, as it stands within a sentence."""
    words = (field.ru if language == "ru" else field.en) or field.name.replace("_", " ")
    return words[0].lower() + words[1:] if words[1:2].islower() else words


def is_short(field: Field) -> bool:
    """Tell whether a value of a field can be said in a line; it names no other entry."""
    return _teller(field) is not None


def said(field: Field, value: Any, language: Language) -> str:
    """Return a JSON value of a short field in words; empty where nothing is said."""
    if field.is_empty(value):
        return ""
    if field.may_be and value in ("unknown", "none"):
        return _SAID[language][value]
    teller = _teller(field)
    words = "" if teller is None else teller(field, value, language)
    return words if len(words) <= LONGEST else words[: LONGEST - 1].rstrip() + "…"


def _date(_field: Field, value: Any, language: Language) -> str:
    edtf: str = value["edtf"]
    words = _SAID[language]
    first, slash, last = edtf.partition("/")
    if not slash:
        told = _one_date(edtf, language)
    elif last == "..":
        told = f"{words['since']} {_one_date(first, language)}"
    elif first == "..":
        told = f"{words['until']} {_one_date(last, language)}"
    else:
        told = f"{_one_date(first, language)} – {_one_date(last, language)}"
    return f"{told} ({words['julian']})" if value.get("calendar") == "julian" else told


def _one_date(edtf: str, language: Language) -> str:
    plain, sure = edtf.rstrip("~?"), edtf[-1] not in "~?"
    year, *rest = plain.split("-")
    if year.endswith("X"):
        decade = year.replace("X", "0")
        year = f"{decade}s" if language == "en" else f"{decade}-е"
    if len(rest) == 2:  # noqa: PLR2004 - month and day
        names = _OF_MONTH if language == "ru" else _MONTHS["en"]
        told = f"{int(rest[1])} {names[int(rest[0]) - 1]} {year}"
    elif rest:
        told = f"{_MONTHS[language][int(rest[0]) - 1]} {year}"
    else:
        told = year
    if sure:
        return told
    return f"{told}?" if edtf.endswith("?") else f"{_SAID[language]['about']} {told}"


def _quantity(field: Field, value: Any, language: Language) -> str:
    unit = field.unit if isinstance(field, QuantityField) else ""
    told = f"{value['value']} {IN_RUSSIAN.get(unit, unit) if language == 'ru' else unit}".rstrip()
    if value.get("about"):
        told = f"{_SAID[language]['about']} {told}"
    return f"{told} ({value['condition']})" if value.get("condition") else told


def _localized(_field: Field, value: Any, language: Language) -> str:
    return value.get(language) or next((one for one in value.values() if one), "")


def _flag(_field: Field, value: Any, language: Language) -> str:
    return _SAID[language]["yes" if value else "no"]


def _plain(_field: Field, value: Any, _language: Language) -> str:
    return str(value)


def _code(_field: Field, value: Any, _language: Language) -> str:
    return str(value).replace("_", " ")


def _several(_field: Field, value: Any, _language: Language) -> str:
    return ", ".join(value)


def _codes(_field: Field, value: Any, _language: Language) -> str:
    return ", ".join(value).replace("_", " ")


type _Teller = Callable[[Field, Any, Language], str]

_TELLERS: Sequence[tuple[type[Field], _Teller]] = (
    (DateField, _date),
    (QuantityField, _quantity),
    (CountField, _plain),
    (FlagField, _flag),
    (LocalizedLineField, _localized),
    (LineField, _plain),
    (LinesField, _several),
    (TermsField, _codes),
    (Coded, _code),
)


def _teller(field: Field) -> _Teller | None:
    return next((teller for type_, teller in _TELLERS if isinstance(field, type_)), None)


_SPACES = re.compile(r"\s+")


def one_line(text: str) -> str:
    """Return a text on one line."""
    return _SPACES.sub(" ", text).strip()
