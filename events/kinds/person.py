"""Persons: designers, pilots, founders."""

from events.across import WithinLife
from events.content.codes import TermField, TermsField
from events.content.dates import DateField
from events.content.items import RelationsField
from events.content.localized import LocalizedLineField
from events.content.plain import FlagField, ReferenceField
from events.group import Group
from events.kind import Kind
from events.kinds.rules import in_order, told_in_one_language
from events.kinds.shared import LAST, LIFE, OTHER_NAMES, PERIOD, RANGED, ROLE, SUMMARY, TITLE, named

# fmt: off
_BUREAU = (ReferenceField("entry", kinds=("bureau",), needed=True, **named("Бюро", "Bureau")), ROLE, PERIOD)
_MAKER = (
    ReferenceField("entry", kinds=("manufacturer",), needed=True, **named("Производитель", "Manufacturer")),
    ROLE, PERIOD,
)
_COUNTRY = (ReferenceField("entry", kinds=("country",), needed=True, **named("Страна", "Country")),)
_AWARD = (
    TermField("award", vocabulary="award", needed=True, ru="Награда", en="Award", example="hero_of_labour",
              help_ru="Код из словаря наград.", help_en="A code of the vocabulary of awards."),
    DateField("date", ru="Когда", en="When", help_ru="Дата указа.", help_en="When it was given."),
)

PERSON = Kind(
    name="person",
    path="persons",
    fields=(
        TITLE,
        LocalizedLineField("full_name", ru="Полное имя", en="Full name", help_ru="Имя и фамилия полностью.",
                           help_en="All of the name.",
                           example={"ru": "Андрей Николаевич Туполев", "en": "Andrei Nikolayevich Tupolev"}),
        LocalizedLineField("patronymic", ru="Отчество", en="Patronymic", help_ru="Если оно есть.",
                           help_en="Where there is one.",
                           example={"ru": "Николаевич", "en": "Nikolayevich"}),
        OTHER_NAMES,
        SUMMARY,
        DateField("born", ru="Родился", en="Born", may_be=("unknown",), **RANGED,
                  help_ru="По календарю источника.", help_en="By the calendar of the source."),
        LocalizedLineField("birth_place", ru="Место рождения", en="Place of birth",
                           help_ru="Как тогда и как теперь.", help_en="As it was called, and is called now."),
        DateField("died", ru="Умер", en="Died", may_be=("unknown", "none"), **RANGED,
                  help_ru="Жив: none.", help_en="Still alive: none."),
        LocalizedLineField("death_place", ru="Место смерти", en="Place of death",
                           help_ru="Как тогда и как теперь.", help_en="As it was called, and is called now."),
        FlagField("living", ru="Жив", en="Living", listed=True, filter="flag", may_be=("unknown",),
                  help_ru="О живых говорят осторожнее.", help_en="Of the living one speaks with more care."),
        TermsField("occupations", vocabulary="role", ru="Занятия", en="Occupations", example=["designer"],
                   listed=True, filter="contains", parameter="occupation",
                   help_ru="Коды из словаря ролей.", help_en="Codes of the vocabulary of roles."),
        RelationsField("countries", item="PersonCountry", key=("entry",), fields=_COUNTRY,
                       filter="any", parameter="country", ru="Страны",
                       en="Countries", help_ru="Где жил и работал.", help_en="Where this person lived."),
        RelationsField("bureaus", item="PersonBureau", key=("entry", "role", "period"), fields=_BUREAU,
                       filter="any", parameter="bureau",
                       ru="Бюро", en="Bureaus", help_ru="Где работал, кем и когда.",
                       help_en="Where, as what and when this person worked."),
        RelationsField("manufacturers", item="PersonMaker", key=("entry", "role", "period"), fields=_MAKER,
                       filter="any", parameter="maker",
                       ru="Заводы", en="Manufacturers", help_ru="Где работал, кем и когда.",
                       help_en="Where, as what and when this person worked."),
        RelationsField("awards", item="Award", key=("award", "date"), fields=_AWARD, ru="Награды",
                       en="Awards", help_ru="Награда и дата.", help_en="An award and its date."),
        *LAST,
    ),
    groups=(
        Group(
            name="designer", path="designers", field="occupations", named_by=("aircraft", "designers"),
            codes=("designer", "chief_designer", "aerodynamicist", "engine_designer"),
        ),
    ),
    rules=(told_in_one_language, in_order("born", "died")),
    across=tuple(WithinLife(of=one, item="period", **LIFE) for one in ("bureaus", "manufacturers")),
)
# fmt: on
