"""A third kind of entry, for tests of several: a bureau, which names entries of any kind."""

from events.content.codes import TermField
from events.content.items import RelationsField
from events.content.localized import LocalizedLineField
from events.content.plain import ReferenceField
from events.content.texts import MarkdownField
from events.kind import Kind

ANY = ("article", "museum", "bureau")
FOUNDER = (
    ReferenceField("entry", kinds=ANY, needed=True),
    TermField("role", vocabulary="role"),
    ReferenceField("place", kinds=ANY, may_be=("unknown",)),
)
BUREAU = Kind(
    name="bureau",
    path="bureaus",
    fields=(
        LocalizedLineField("title", least=1),
        MarkdownField("body"),
        ReferenceField("museum", kinds=ANY, listed=True, filter="any", may_be=("none",)),
        RelationsField("founders", item="Founder", key=("entry", "role"), fields=FOUNDER),
        RelationsField("heirs", item="Heir", key=("entry", "role"), fields=FOUNDER[:2], most=2_000),
    ),
)
