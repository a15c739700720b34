"""Models of the values that have members, as a body brings them and as an answer shows them."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field as Documented
from pydantic import StringConstraints
from pydantic_core import PydanticCustomError

from events.content.dates import DATE, MAX_DATE
from events.content.pictures import MAX_CAPTION, PER_MILLE, Picture
from events.content.quantities import DECIMAL, MAX_CONDITION, MAX_DIGITS
from events.content.sources import MAX_PAGES, MAX_SOURCES_BYTES, MAX_SUPPORTED, MAX_TITLE
from events.forms.models import Shown, ValueBody, model
from kit.http.requests.text import CleanLine, CleanText, Id, PageAddress

Number = Annotated[CleanLine, StringConstraints(max_length=MAX_DIGITS, pattern=DECIMAL)]


class PartialDateBody(ValueBody):
    """A date of which a part may be known."""

    edtf: Annotated[CleanLine, StringConstraints(min_length=2, max_length=MAX_DATE, pattern=DATE)]
    """1941, 1941-06, 1941-06-22, 1941~ (about), 1941? (perhaps), 194X, 1939/1945 or 1939/.."""
    calendar: Literal["gregorian", "julian"] = "gregorian"
    """The calendar of the source."""


class PartialDateShown(Shown):
    """A date of which a part may be known."""

    edtf: str
    calendar: Literal["gregorian", "julian"] = "gregorian"
    """Left out: gregorian."""


class QuantityBody(ValueBody):
    """A number, with the unit of its field."""

    value: Number
    """Its digits are kept: 28.80 is more exact than 28.8."""
    low: Number | None = None
    high: Number | None = None
    about: bool = False
    condition: Annotated[CleanLine, StringConstraints(max_length=MAX_CONDITION)] = ""
    """What the number depends on: altitude, load, engine."""


class Converted(Shown):
    """A quantity in another unit, with as many significant digits as in its own, and at least three."""

    unit: str
    value: str
    low: str = ""
    high: str = ""


class QuantityShown(Shown):
    """A number, with the unit of its field; members that say nothing are left out."""

    value: str
    low: str = ""
    high: str = ""
    about: bool = False
    condition: str = ""
    converted: Converted | None = None
    """In the unit that `units` asks for; absent where it does not, or where that is the unit of the field."""


class CitationBody(ValueBody):
    """A source that the entry rests on; a book needs no address."""

    title: Annotated[CleanLine, StringConstraints(min_length=1, max_length=MAX_TITLE)]
    url: PageAddress = ""
    pages: Annotated[CleanLine, StringConstraints(max_length=MAX_PAGES)] = ""
    supports: Annotated[
        list[Annotated[CleanLine, StringConstraints(min_length=1, max_length=64)]],
        Documented(max_length=MAX_SUPPORTED),
    ] = Documented(default_factory=list)
    """Names of the fields that rest on it; left out: the whole entry."""


class CitationShown(Shown):
    """A source that an entry rests on; pages and fields that are not named are left out."""

    title: str
    url: str
    """Empty: it has no address."""
    pages: str = ""
    supports: list[str] = Documented(default_factory=list)


class LocalizedShown(Shown):
    """A short text in two languages; null where it has not been written."""

    ru: str | None
    en: str | None


InLanguages = LocalizedShown | str | None
"""Such a text where a reader may ask for one language: then it is that text, or null."""


def altogether(sources: list[CitationBody]) -> list[CitationBody]:
    """Refuse sources that are too long together."""
    size = sum(len(f"{one.title}{one.url}{one.pages}{''.join(one.supports)}".encode()) for one in sources)
    if size > MAX_SOURCES_BYTES:
        raise PydanticCustomError("our_sources", f"must have at most {MAX_SOURCES_BYTES:,} bytes altogether")
    return sources


@cache
def localized_body(name: str, limit: int, *, lines: bool) -> Any:
    """Return the model of a short text in two languages.

    Args:
        name: of its schema.
        limit: characters in each language.
        lines: whether it is one line.
    """
    clean: Any = CleanLine if lines else CleanText
    text = Annotated[clean, StringConstraints(min_length=1, max_length=limit)] | None
    about = "A language that is left out stays as it is; null takes it away."
    return model(name, about, {"ru": (text, None), "en": (text, None)})


class FocalPointBody(ValueBody):
    """The point that has to stay when a picture is cut."""

    x: Annotated[int, Documented(ge=0, le=PER_MILLE)]
    """From the left, in thousandths of the width."""
    y: Annotated[int, Documented(ge=0, le=PER_MILLE)]
    """From the top, in thousandths of the height."""


class FocalPointShown(Shown):
    """The point of a picture that has to stay when it is cut."""

    x: Annotated[int, Documented(ge=0, le=PER_MILLE)]
    """From the left, in thousandths of the width."""
    y: Annotated[int, Documented(ge=0, le=PER_MILLE)]
    """From the top, in thousandths of the height."""


class PictureShown(Shown):
    """A picture of an entry."""

    media: str
    caption: InLanguages


PictureBody: Any = model(
    "PictureBody",
    Picture.__doc__ or "",
    {"media": (Id, ...), "caption": (localized_body("Caption", MAX_CAPTION, lines=True), None)},
)
