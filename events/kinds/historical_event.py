"""Historical events: first flights, records, accidents, wars, shows, decrees."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.across import WithinLife
from events.content.codes import TermField
from events.content.dates import DateField
from events.content.items import RelationsField
from events.content.localized import LocalizedTextField
from events.content.plain import CountField, ReferenceField
from events.content.quantities import QuantityField
from events.content.texts import LineField
from events.kind import Kind, Shortfall
from events.kinds.rules import told_in_one_language
from events.kinds.shared import (
    CHOSEN,
    COUNTRY,
    ENTRIES,
    LAST,
    OTHER_NAMES,
    PLACE,
    RANGED,
    ROLE,
    SUMMARY,
    TITLE,
    named,
)


def an_accident_has_a_time(content: Mapping[str, Any]) -> Iterable[Shortfall]:
    """Want the time of an accident."""
    if content["event_kind"] == "accident" and not isinstance(content["time"], dict):
        yield "time", "is needed of an accident"


# fmt: off
_PARTICIPANT = (ReferenceField("entry", kinds=ENTRIES, needed=True, **named("Участник", "Participant")), ROLE)

HISTORICAL_EVENT = Kind(
    name="historical_event",
    path="historical-events",
    fields=(
        TITLE,
        OTHER_NAMES,
        SUMMARY,
        TermField("event_kind", vocabulary="event_kind", ru="Вид", en="Kind", example="first_flight",
                  help_ru="Код из словаря событий.", help_en="A code of the vocabulary of events.", **CHOSEN),
        DateField("time", ru="Время", en="Time", may_be=("unknown",), **RANGED,
                  help_ru="Дата или промежуток.", help_en="A date or an interval."),
        PLACE,
        COUNTRY,
        QuantityField("latitude", unit="°", least="-90", most="90", ru="Широта", en="Latitude",
                      help_ru="Южная — с минусом.", help_en="South with a minus."),
        QuantityField("longitude", unit="°", least="-180", most="180", ru="Долгота", en="Longitude",
                      help_ru="Западная — с минусом.", help_en="West with a minus."),
        LocalizedTextField("outcome", ru="Исход", en="Outcome", help_ru="Чем кончилось.",
                           help_en="How it ended."),
        CountField("fatalities", most=100_000_000, ru="Погибло", en="Fatalities", may_be=("unknown",),
                   help_ru="Человек; никто: 0.", help_en="People; nobody: 0.", **RANGED),
        CountField("injured", most=100_000_000, ru="Ранено", en="Injured", may_be=("unknown",),
                   help_ru="Человек; никто: 0.", help_en="People; nobody: 0."),
        LineField("record_value", limit=120, ru="Рекорд", en="Record", example="10,148 km",
                  help_ru="Значение с единицей.", help_en="The value with its unit."),
        LineField("record_class", limit=120, ru="Класс рекорда", en="Class of the record", example="FAI C-1",
                  help_ru="Класс ФАИ.", help_en="A class of the FAI."),
        RelationsField("participants", item="Participant", key=("entry", "role"), fields=_PARTICIPANT,
                       filter="any", parameter="participant",
                       ru="Участники", en="Participants", help_ru="Кто и что участвовало, в какой роли.",
                       help_en="Who and what took part, and as what."),
        *LAST,
    ),
    rules=(told_in_one_language, an_accident_has_a_time),
    across=(
        WithinLife(date="time", of="participants", since="born"),
        WithinLife(date="time", of="participants", since="founded"),
    ),
)
# fmt: on
