"""Aircraft, from gliders to rockets; a variant is an aircraft of its own."""

from events.across import NotItsOwn, WithinLife
from events.content.codes import TermField, TermsField
from events.content.dates import DateField
from events.content.items import RelationsField
from events.content.localized import LocalizedTextField
from events.content.plain import CountField, ReferenceField
from events.content.quantities import QuantityField
from events.content.texts import LineField
from events.kind import Kind
from events.kinds.rules import in_order, told_in_one_language
from events.kinds.shared import (
    CHOSEN,
    COUNTRY,
    LAST,
    LIFE,
    OTHER_NAMES,
    PERIOD,
    RANGED,
    ROLE,
    SAID,
    SUMMARY,
    TITLE,
    named,
)

# fmt: off
_WHAT = (
    TermField("aircraft_type", vocabulary="aircraft_type", ru="Тип", en="Type", example="airplane", **CHOSEN,
              help_ru="Код из словаря типов.", help_en="A code of the vocabulary of types."),
    TermsField("purposes", vocabulary="purpose", ru="Назначение", en="Purposes", example=["airliner"],
               listed=True, filter="any", parameter="purpose",
               help_ru="Коды из словаря назначений.", help_en="Codes of the vocabulary of purposes."),
    COUNTRY,
    TermField("status", vocabulary="status", ru="Состояние", en="Status", example="retired", **CHOSEN,
              help_ru="Код из словаря состояний.", help_en="A code of the vocabulary of statuses."),
)

_DATES = (
    DateField("design_start", ru="Начало разработки", en="Design started", may_be=("unknown",),
              help_ru="Когда начали проектировать.", help_en="When work on it began."),
    DateField("first_flight", ru="Первый полёт", en="First flight", may_be=SAID, **RANGED,
              help_ru="Не летал: none.", help_en="It never flew: none."),
    DateField("introduced", ru="Начало эксплуатации", en="Introduced", may_be=SAID, **RANGED,
              help_ru="Когда поступил в эксплуатацию.", help_en="When it entered service."),
    DateField("retired", ru="Конец эксплуатации", en="Retired", may_be=SAID, **RANGED,
              help_ru="Ещё летает: none.", help_en="Still in service: none."),
    DateField("production_from", ru="Начало производства", en="Produced from", may_be=SAID,
              help_ru="Первая серийная машина.", help_en="The first one of the series."),
    DateField("production_to", ru="Конец производства", en="Produced to", may_be=SAID,
              help_ru="Ещё выпускается: none.", help_en="Still in production: none."),
    QuantityField("built", unit="aircraft", least="0", most="1000000", ru="Построено", en="Built",
                  may_be=("unknown",), help_ru="Все серии вместе.", help_en="All series together.", **RANGED),
)

_PEOPLE = (
    CountField("crew", most=1_000, ru="Экипаж", en="Crew", may_be=("unknown",),
               help_ru="Человек.", help_en="People who fly it."),
    CountField("passengers", most=10_000, ru="Пассажиры", en="Passengers", may_be=("unknown",), **RANGED,
               help_ru="Мест для пассажиров.", help_en="Seats for passengers."),
)

_SIZE = (
    QuantityField("length", unit="m", least="0.1", most="1000", ru="Длина", en="Length",
                  help_ru="Наибольшая.", help_en="Over all.", **RANGED),
    QuantityField("wingspan", unit="m", least="0.1", most="150", ru="Размах крыла", en="Wingspan",
                  help_ru="С законцовками.", help_en="Tip to tip.", may_be=("none",), **RANGED),
    QuantityField("rotor_diameter", unit="m", least="0.1", most="100", ru="Диаметр винта",
                  en="Rotor diameter", help_ru="Несущего винта.", may_be=("none",),
                  help_en="Of the main one."),
    QuantityField("height", unit="m", least="0.1", most="200", ru="Высота", en="Height",
                  help_ru="На земле.", help_en="On the ground."),
    QuantityField("wing_area", unit="m²", least="0.1", most="5000", ru="Площадь крыла", en="Wing area",
                  help_ru="Проекция на плоскость.", help_en="Seen from above.", may_be=("none",)),
)

_MASS = (
    QuantityField("empty_mass", unit="kg", least="1", most="1000000", ru="Масса пустого", en="Empty mass",
                  help_ru="Без топлива и груза.", help_en="Without fuel and load."),
    QuantityField("gross_mass", unit="kg", least="1", most="1000000", ru="Нормальная масса", en="Gross mass",
                  help_ru="Нормальная взлётная.", help_en="At a usual take-off."),
    QuantityField("max_takeoff_mass", unit="kg", least="1", most="1000000", ru="Максимальная взлётная масса",
                  en="Maximum take-off mass", help_ru="Наибольшая допустимая.", help_en="The most allowed.",
                  **RANGED),
)

_ENGINES = (
    TermField("engine_kind", vocabulary="engine_kind", ru="Вид двигателя", en="Kind of engine",
              example="piston", help_ru="Код из словаря двигателей.",
              help_en="A code of the vocabulary of engines.", **CHOSEN),
    CountField("engine_count", most=100, ru="Число двигателей", en="Number of engines", **RANGED,
               help_ru="Маршевых.", help_en="Those that move it forward."),
    LineField("engine_name", limit=120, ru="Двигатель", en="Engine", example="Shvetsov ASh-62IR",
              help_ru="Название модели.", help_en="The name of its model."),
    QuantityField("engine_power", unit="kW", least="0.1", most="100000", ru="Мощность двигателя",
                  en="Engine power", help_ru="Одного двигателя.", help_en="Of one engine."),
    QuantityField("engine_thrust", unit="kN", least="0.1", most="50000", ru="Тяга двигателя",
                  en="Engine thrust", help_ru="Одного двигателя.", help_en="Of one engine."),
)

_PERFORMANCE = (
    QuantityField("max_speed", unit="km/h", least="1", most="12000", ru="Максимальная скорость",
                  en="Maximum speed", help_ru="Высота — в условии.", help_en="The altitude is a condition.",
                  **RANGED),
    QuantityField("cruise_speed", unit="km/h", least="1", most="12000", ru="Крейсерская скорость",
                  en="Cruise speed", help_ru="Высота — в условии.", help_en="The altitude is a condition."),
    QuantityField("range", unit="km", least="0.01", most="50000", ru="Дальность", en="Range",
                  help_ru="Груз — в условии.", help_en="Say the load as a condition.", **RANGED),
    QuantityField("service_ceiling", unit="m", least="1", most="120000", ru="Практический потолок",
                  en="Service ceiling", help_ru="Над уровнем моря.", help_en="Above sea level.", **RANGED),
    QuantityField("rate_of_climb", unit="m/s", least="0.1", most="500", ru="Скороподъёмность",
                  en="Rate of climb", help_ru="У земли.", help_en="Near the ground."),
    LineField("icao_designator", limit=4, ru="Код ИКАО", en="ICAO designator", example="AN2",
              help_ru="До четырёх знаков.", help_en="Up to four signs."),
    LineField("iata_designator", limit=3, ru="Код ИАТА", en="IATA designator", example="AN2",
              help_ru="Три знака.", help_en="Three signs."),
    LocalizedTextField("armament", ru="Вооружение", en="Armament", help_ru="Коротко, без таблиц.",
                       help_en="In short, without tables.",
                       example={"ru": "Нет.", "en": "None."}),
)

_MAKER = (
    ReferenceField("entry", kinds=("manufacturer",), needed=True, **named("Производитель", "Manufacturer")),
    PERIOD,
    CountField("built", ru="Построено", en="Built", help_ru="Им одним.", help_en="By this one alone."),
)
_BUREAU = (ReferenceField("entry", kinds=("bureau",), needed=True, **named("Бюро", "Bureau")),)
_DESIGNER = (
    ReferenceField("entry", kinds=("person",), needed=True, **named("Человек", "Person")),
    ROLE,
    LineField("part", limit=120, ru="Часть", en="Part", example="wing", help_ru="Над чем работал.",
              help_en="What was this person's part."),
)
_OPERATOR = (
    ReferenceField("entry", kinds=("country",), **named("Страна", "Country")),
    LineField("name", limit=120, ru="Название", en="Name", example="Aeroflot",
              help_ru="Если это не страна или не вся страна.", help_en="Where no country says it all."),
    PERIOD,
)

_RELATIONS = (
    RelationsField("manufacturers", item="Maker", key=("entry", "period"), fields=_MAKER,
                   filter="any", parameter="maker",
                   ru="Производители", en="Manufacturers", help_ru="Кто строил, когда и сколько.",
                   help_en="Who built it, when and how many."),
    RelationsField("bureaus", item="AircraftBureau", key=("entry",), fields=_BUREAU, ru="Бюро", en="Bureaus",
                   filter="any", parameter="bureau",
                   help_ru="Где спроектирован.", help_en="Where it was designed."),
    RelationsField("designers", item="Designer", key=("entry", "role"), fields=_DESIGNER,
                   filter="any", parameter="designer", ru="Конструкторы",
                   en="Designers", help_ru="Кто и над чем работал.", help_en="Who designed what."),
    RelationsField("operators", item="Operator", key=("entry", "name"), any_of=("entry", "name"),
                   fields=_OPERATOR, filter="any", parameter="operator", ru="Эксплуатанты", en="Operators",
                   help_ru="Страна или название, и когда.", help_en="A country or a name, and when."),
    ReferenceField("variant_of", kinds=("aircraft",), ru="Вариант", en="Variant of", **CHOSEN,
                   help_ru="Чьей модификацией является.", help_en="Whose variant it is."),
    *(
        ReferenceField(name, kinds=("aircraft",), ru=ru, en=en, help_ru=help_ru, help_en=help_en)
        for name, ru, en, help_ru, help_en in (
            ("developed_from", "Развитие", "Developed from", "На чём основан.", "What it goes back to."),
            ("predecessor", "Предшественник", "Predecessor", "Кого сменил.", "Which one it replaced."),
            ("successor", "Преемник", "Successor", "Кем сменён.", "Which one replaced it."),
        )
    ),
)
# fmt: on

AIRCRAFT = Kind(
    name="aircraft",
    path="aircraft",
    fields=(
        TITLE,
        OTHER_NAMES,
        SUMMARY,
        *_WHAT,
        *_DATES,
        *_PEOPLE,
        *_SIZE,
        *_MASS,
        *_ENGINES,
        *_PERFORMANCE,
        *_RELATIONS,
        *LAST,
    ),
    rules=(
        told_in_one_language,
        in_order("empty_mass", "gross_mass", "max_takeoff_mass"),
        in_order("design_start", "first_flight"),
        in_order("first_flight", "introduced", "retired"),
        in_order("production_from", "production_to"),
    ),
    across=(
        WithinLife(date="first_flight", of="designers", since="born"),
        WithinLife(date="production_from", of="manufacturers", together=True, item="period", **LIFE),
        WithinLife(date="production_to", of="manufacturers", together=True, item="period", **LIFE),
        WithinLife(date="first_flight", of="country", since="existed_from", until="existed_to", warning=True),
        *(NotItsOwn(field=one) for one in ("variant_of", "developed_from", "predecessor", "successor")),
    ),
)
