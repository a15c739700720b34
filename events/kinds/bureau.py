"""Design bureaus."""

from events.across import NotItsOwn, WithinLife
from events.content.dates import DateField
from events.content.texts import LinesField
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
BUREAU = Kind(
    name="bureau",
    path="bureaus",
    fields=(
        TITLE,
        OTHER_NAMES,
        SUMMARY,
        LinesField("designations", ru="Обозначения", en="Designations", example=["OKB-156"],
                   help_ru="ОКБ с номером, как его писали.", help_en="OKB and a number, as it was spelt."),
        DateField("founded", ru="Основано", en="Founded", may_be=("unknown",), **RANGED,
                  help_ru="Когда начало работу.", help_en="When its work began."),
        DateField("closed", ru="Закрыто", en="Closed", may_be=SAID, **RANGED,
                  help_ru="Работает до сих пор: none.", help_en="It still works: none."),
        PLACE,
        COUNTRY,
        FOUNDERS,
        HEADS,
        successor_of("bureau"),
        *LAST,
    ),
    rules=(told_in_one_language, in_order("founded", "closed")),
    across=(
        WithinLife(date="founded", of="founders", since="born"),
        WithinLife(of="heads", item="period", since="born"),
        NotItsOwn(field="successor_of"),
    ),
)
# fmt: on
