"""A second kind of entry, for the proof: a museum with a field of each type and a rule of its own."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.content.codes import CodeField, TermField, TermsField
from events.content.dates import DateField
from events.content.items import RelationsField
from events.content.localized import LocalizedLineField, LocalizedTextField
from events.content.pictures import PicturesField
from events.content.plain import CountField, FlagField, ReferenceField
from events.content.quantities import QuantityField
from events.content.sources import SourcesField
from events.content.texts import LineField, LinesField, MarkdownField, TextField
from events.kind import Kind, Shortfall
from events.kinds.term import TERM
from scripts.app import WholeBuild


def has_a_flagship(content: Mapping[str, Any]) -> Iterable[Shortfall]:
    if not content["flagship"]:
        yield "flagship", "a museum is shown with its best known exhibit"


ENTRY, ROLE = ReferenceField("entry", kinds=("museum",), needed=True), TermField("role", vocabulary="role")
PARTNER: Any = {"item": "Partner", "key": ("entry", "role"), "filter": "any", "parameter": "partner"}
PARTNERS = RelationsField("partners", fields=(ENTRY, ROLE, DateField("since")), **PARTNER)
TEXTS = (LocalizedLineField("title", least=1), LocalizedTextField("summary"), MarkdownField("body"))
NAMES = (LocalizedLineField("place"), LocalizedTextField("story"), TextField("visits"), LinesField("tags"))
PLAIN = (
    LineField("flagship", limit=120, listed=True, filter="any", sorts=True),
    FlagField("free", listed=True, filter="flag", may_be=("unknown",)),
    CountField("aircraft", listed=True, filter="range", sorts=True, may_be=("unknown",)),
    TermField("status", vocabulary="museum_status", listed=True, filter="any", may_be=("unknown", "none")),
    ReferenceField("branch_of", kinds=("museum",), listed=True, filter="any", may_be=("none",)),
    TermsField("themes", vocabulary="theme", listed=True, filter="contains", parameter="theme"),
    CodeField("code", listed=True, filter="any"),
    LinesField("halls", listed=True, filter="contains", parameter="hall"),
    QuantityField("area", unit="m²", least="1", most="1000000", listed=True, filter="range", sorts=True),
    DateField("founded", needed=True, listed=True, filter="range", sorts=True, may_be=("unknown",)),
)
LISTS = (PARTNERS, SourcesField("sources"), PicturesField("pictures"))
MUSEUM = Kind(name="museum", path="museums", fields=(*TEXTS, *NAMES, *PLAIN, *LISTS), rules=(has_a_flagship,))
BUILD = WholeBuild.of(MUSEUM, TERM)
