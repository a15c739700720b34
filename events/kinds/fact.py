"""Facts: a sentence or two about an entry, for those who look around."""

from events.content.items import RelationsField
from events.content.localized import LocalizedTextField
from events.content.plain import ReferenceField
from events.kind import Kind
from events.kinds.shared import ENTRIES, PICTURES, SOURCES_IF_ANY, TAGS, TITLE, WIKIDATA, named

# fmt: off
_ABOUT = (ReferenceField("entry", kinds=ENTRIES, needed=True, **named("О чём", "About")),)

FACT = Kind(
    name="fact",
    path="facts",
    fields=(
        TITLE,
        LocalizedTextField("text", limit=300, listed=True, needed=True, ru="Текст", en="Text",
                           help_ru="До 300 знаков, со ссылками в Markdown.",
                           help_en="Up to 300 characters, with links in Markdown.",
                           example={"ru": "Она летает до сих пор.", "en": "It still flies."}),
        RelationsField("about", item="Subject", key=("entry",), fields=_ABOUT, filter="any", ru="О чём",
                       en="About",
                       help_ru="Записи, о которых этот факт.", help_en="The entries that it is about."),
        SOURCES_IF_ANY,
        PICTURES,
        TAGS,
        WIKIDATA,
    ),
)
# fmt: on
