"""Countries, also those that have ended."""

from events.across import NotItsOwn
from events.content.dates import DateField
from events.content.texts import LineField
from events.kind import Kind
from events.kinds.rules import in_order, told_in_one_language
from events.kinds.shared import LAST, OTHER_NAMES, RANGED, SAID, SUMMARY, TITLE, successor_of

# fmt: off
COUNTRY = Kind(
    name="country",
    path="countries",
    fields=(
        TITLE,
        OTHER_NAMES,
        SUMMARY,
        LineField("code", limit=4, ru="Код", en="Code", example="SU", listed=True, filter="any",
                  help_ru="ISO 3166-1 или 3166-3, если он есть.",
                  help_en="ISO 3166-1 or 3166-3, where it has one."),
        DateField("existed_from", ru="Возникла", en="Existed from", may_be=("unknown",), **RANGED,
                  help_ru="С какого времени.", help_en="Since when."),
        DateField("existed_to", ru="Прекратила существование", en="Existed to", may_be=SAID, **RANGED,
                  help_ru="Есть до сих пор: none.", help_en="It still exists: none."),
        successor_of("country"),
        *LAST,
    ),
    rules=(told_in_one_language, in_order("existed_from", "existed_to")),
    across=(NotItsOwn(field="successor_of"),),
)
# fmt: on
