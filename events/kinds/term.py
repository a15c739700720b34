"""Terms of vocabularies: types, purposes, roles, tags; known by their vocabulary and their code."""

from collections.abc import Iterable, Mapping
from typing import Any

from events.across import NotItsOwn
from events.content.codes import CodeField, TermField
from events.content.plain import CountField, ReferenceField
from events.kind import Kind, Shortfall
from events.kinds.shared import CHOSEN, SOURCES_IF_ANY, TITLE, WIKIDATA


def a_tag_has_a_category(content: Mapping[str, Any]) -> Iterable[Shortfall]:
    """Want the category of a tag."""
    if content["vocabulary"] == "tag" and not content["category"]:
        yield "category", "is needed of a tag"


# fmt: off
TERM = Kind(
    name="term",
    path="terms",
    identity=("vocabulary", "code"),
    moderated=True,
    fields=(
        TITLE,
        CodeField("vocabulary", ru="Словарь", en="Vocabulary", example="aircraft_type", listed=True,
                  filter="any", help_ru="Не меняется.", help_en="It never changes."),
        CodeField("code", ru="Код", en="Code", example="airplane", listed=True, filter="any",
                  help_ru="Под ним термин стоит в записях; не меняется.",
                  help_en="Under it entries name the term; it never changes."),
        CountField("order", most=1_000_000, ru="Порядок", en="Order", listed=True, filter="range", sorts=True,
                   help_ru="Место в списке.", help_en="Its place in lists."),
        TermField("category", vocabulary="tag_category", ru="Раздел", en="Category", **CHOSEN,
                  example="theme", help_ru="Только для меток.", help_en="Of tags only."),
        ReferenceField("broader", kinds=("term",), ru="Шире", en="Broader", may_be=("none",), listed=True,
                       filter="any", help_ru="Термин, частью которого этот является.",
                       help_en="The term of which this one is a part."),
        SOURCES_IF_ANY,
        WIKIDATA,
    ),
    rules=(a_tag_has_a_category,),
    across=(NotItsOwn(field="broader"),),
)
# fmt: on
