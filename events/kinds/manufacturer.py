"""Manufacturers: works and companies that build aircraft."""

from events.across import NotItsOwn, WithinLife
from events.content.dates import DateField
from events.content.plain import ReferenceField
from events.content.texts import LineField
from events.kind import Kind
from events.kinds.rules import in_order, told_in_one_language
from events.kinds.shared import (
    COUNTRY,
    FOUNDERS,
    HEADS,
    LAST,
    OTHER_NAMES,
    PLACE,
    RANGED,
    SAID,
    SUMMARY,
    TITLE,
    successor_of,
)

# fmt: off
MANUFACTURER = Kind(
    name="manufacturer",
    path="manufacturers",
    fields=(
        TITLE,
        OTHER_NAMES,
        SUMMARY,
        LineField("works_number", limit=40, ru="Номер завода", en="Works number", example="No. 22",
                  help_ru="Как его писали.", help_en="As it was spelt."),
        DateField("founded", ru="Основан", en="Founded", may_be=("unknown",), **RANGED,
                  help_ru="Когда начал работу.", help_en="When its work began."),
        DateField("closed", ru="Закрыт", en="Closed", may_be=SAID, **RANGED,
                  help_ru="Работает до сих пор: none.", help_en="It still works: none."),
        PLACE,
        COUNTRY,
        ReferenceField("parent", kinds=("manufacturer",), ru="Входит в", en="Part of", may_be=("none",),
                       help_ru="Компания или объединение.", help_en="A company or a group."),
        FOUNDERS,
        HEADS,
        successor_of("manufacturer"),
        *LAST,
    ),
    rules=(told_in_one_language, in_order("founded", "closed")),
    across=(
        WithinLife(date="founded", of="founders", since="born"),
        WithinLife(of="heads", item="period", since="born"),
        NotItsOwn(field="parent"), NotItsOwn(field="successor_of"),
    ),
)
# fmt: on
