"""Fields that kinds for all languages have in common, each declared once; the kinds list them."""

from collections.abc import Mapping
from typing import Any

from events.content.codes import TermField, TermsField
from events.content.dates import DateField
from events.content.field import Field
from events.content.items import RelationsField
from events.content.localized import LocalizedLineField, LocalizedTextField
from events.content.pictures import PicturesField
from events.content.plain import ReferenceField
from events.content.sources import SourcesField
from events.content.texts import LineField

ENTRIES = (
    "article", "aircraft", "bureau", "manufacturer", "person", "historical_event", "country", "fact", "term",
)  # fmt: skip
"""Every kind, by its name: what may be about anything names one of these."""

RANGED: Mapping[str, Any] = {"listed": True, "filter": "range", "sorts": True}
CHOSEN: Mapping[str, Any] = {"listed": True, "filter": "any"}
SAID: tuple[Any, ...] = ("unknown", "none")

LIFE: Mapping[str, Any] = {"since": "founded", "until": "closed"}
"""Of a bureau and a manufacturer: what was there between these two dates, in rules over two entries."""

# fmt: off
TITLE = LocalizedLineField(
    "title", least=1, ru="Название", en="Title", example={"ru": "Ан-2", "en": "Antonov An-2"},
    help_ru="Имя, под которым это известно.", help_en="The name that is in use.")

SUMMARY = LocalizedTextField(
    "summary", ru="Кратко", en="Summary", listed=True,
    help_ru="Одно-два предложения на языке названия.", help_en="A sentence or two in that language.",
    example={"ru": "Многоцелевой биплан.", "en": "A biplane that does everything."})

PERIOD = DateField(
    "period", ru="Период", en="Period", help_ru="Год, дата или промежуток: 1939/1945.",
    help_en="A year, a date or an interval: 1939/1945.")

ROLE = TermField(
    "role", vocabulary="role", ru="Роль", en="Role", help_ru="Код из словаря ролей.",
    help_en="A code of the vocabulary of roles.", example="chief_designer")

OTHER_NAMES = RelationsField(
    "other_names", item="OtherName", key=("name", "kind"), most=50, ru="Другие названия", en="Other names",
    help_ru="Прежние, официальные, обиходные названия.", help_en="Former, official and familiar names.",
    example=[{"name": "Colt", "kind": "reporting"}],
    fields=(
        LineField("name", needed=True, ru="Название", en="Name", help_ru="Как оно пишется.",
                  help_en="As it is spelt."),
        TermField("kind", vocabulary="name_kind", ru="Вид", en="Kind", help_ru="Код из словаря названий.",
                  help_en="A code of the vocabulary of names.", example="reporting"),
        PERIOD,
    ))

SOURCES = SourcesField(
    "sources", ru="Источники", en="Sources", help_ru="На чём основана запись и какие поля.",
    help_en="What the entry rests on, and which of its fields.", needed=True)

SOURCES_IF_ANY = SourcesField(
    "sources", ru="Источники", en="Sources", help_ru="Если они есть.", help_en="If there are any.")

PICTURES = PicturesField(
    "pictures", ru="Изображения", en="Pictures", help_ru="В том порядке, в каком их показывают.",
    help_en="In the order in which they are shown.")

TAGS = TermsField(
    "tags", vocabulary="tag", ru="Метки", en="Tags", listed=True, filter="contains", parameter="tag",
    help_ru="Коды из словаря меток.", help_en="Codes of the vocabulary of tags.", example=["biplane"])

WIKIDATA = LineField(
    "wikidata", limit=20, ru="Викиданные", en="Wikidata", help_ru="Номер элемента, например Q219391.",
    help_en="Number of the item, such as Q219391.", example="Q219391")

PLACE = LocalizedLineField(
    "place", ru="Место", en="Place", help_ru="Город или местность.", help_en="A town or an area.",
    example={"ru": "Москва", "en": "Moscow"})

COUNTRY = ReferenceField(
    "country", kinds=("country",), ru="Страна", en="Country", listed=True, filter="any", may_be=("unknown",),
    help_ru="Страна того времени.", help_en="The country of that time.")
# fmt: on

LAST: tuple[Field, ...] = (SOURCES, PICTURES, TAGS, WIKIDATA)
"""With what every kind but facts, terms and articles ends."""


def successor_of(kind: str) -> RelationsField:
    """Return the field of what something of a kind goes back to, and how it came of it."""
    spelt = kind.title().replace("_", "")
    return RelationsField(
        "successor_of",
        item=f"{spelt}Succession",
        key=("entry", "how"),
        ru="Преемник",
        en="Successor of",
        help_ru="Чьё дело продолжает и как им стало.",
        help_en="What it goes back to, and how it came of it.",
        fields=(
            ReferenceField("entry", kinds=(kind,), needed=True, **named("Запись", "Entry")),
            _HOW,
            PERIOD,
        ),
    )


def named(ru: str, en: str) -> Mapping[str, Any]:
    """Return the words of a member whose label says all."""
    return {"ru": ru, "en": en, "help_ru": f"{ru}: id записи.", "help_en": f"{en}: the id of an entry."}


_HOW = TermField(
    "how",
    vocabulary="succession",
    ru="Как",
    en="How",
    help_ru="Код: переименование, слияние, разделение, эвакуация.",
    help_en="A code: renamed, merged, split, evacuated.",
    example="renamed",
)

_PERSON = (ReferenceField("entry", kinds=("person",), needed=True, **named("Человек", "Person")), PERIOD)

FOUNDERS, HEADS = (
    RelationsField(
        name,
        item=item,
        key=("entry", "period"),
        ru=ru,
        en=en,
        help_ru="Человек и годы.",
        help_en="A person and the years.",
        fields=_PERSON,
    )
    for name, item, ru, en in (
        ("founders", "Founder", "Основатели", "Founders"),
        ("heads", "Head", "Руководители", "Heads"),
    )
)
