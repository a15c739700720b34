"""Every kind of entry, listed by hand."""

from events.kind import Kind
from events.kinds.aircraft import AIRCRAFT
from events.kinds.article import ARTICLE
from events.kinds.bureau import BUREAU
from events.kinds.country import COUNTRY
from events.kinds.fact import FACT
from events.kinds.historical_event import HISTORICAL_EVENT
from events.kinds.manufacturer import MANUFACTURER
from events.kinds.person import PERSON
from events.kinds.term import TERM

KINDS: tuple[Kind, ...] = (
    ARTICLE,
    AIRCRAFT,
    BUREAU,
    MANUFACTURER,
    PERSON,
    HISTORICAL_EVENT,
    COUNTRY,
    FACT,
    TERM,
)
