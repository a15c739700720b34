"""Reads the pages of a MediaWiki dump from pieces of XML, with no DTD, no entities and nothing unbounded."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from xml.parsers import expat

from write_side.importing.record import Aside, SetAside

MOST_OF_A_FIELD = 4_096
"""Characters of anything but a text."""

MOST_OF_A_TAG = 1024 * 1024
"""Bytes that the parser holds at the most, until it can tell what they are."""

DEEPEST = 32

MOST_NAMES = 1_000
"""Names of elements, attributes and namespaces: the parser keeps each, and a dump has some 40."""

_OF_A_PAGE = frozenset(("id", "title", "ns"))
_OF_A_REVISION = frozenset(
    ("id", "timestamp", "comment", "model", "text", "user username", "user id", "user ip")
)
"""What is kept of them; of a contributor under "user …"."""


@dataclass(slots=True, frozen=True)
class WikiRevision:
    """One revision of one page, as the dump has it."""

    page: str
    title: str
    id: str
    at: str
    user: str
    user_id: str
    address: str
    comment: str
    model: str
    text: str | None
    """None: it is too long."""
    gone: bool


class PageReader:
    """Takes pieces of a dump and gives out revisions.

    Args:
        most: bytes of a text.

    Raises:
        SetAside, expat.ExpatError: from `feed`, of what is no dump or may not be read.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._ready: deque[WikiRevision | Aside] = deque()
        self._path: list[str] = []
        self._page: dict[str, str] = {}
        self._revision: dict[str, str] = {}
        self._gone = False
        self._held: list[str] = []
        self._size = self._fed = 0
        self._names: dict[str, str] = {}
        self._parser = parser = expat.ParserCreate(namespace_separator=" ", intern=self._names)
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._more
        parser.StartNamespaceDeclHandler = lambda *_: None  # so that their names are counted, too
        parser.StartDoctypeDeclHandler = _refuse
        parser.EntityDeclHandler = _refuse
        parser.ExternalEntityRefHandler = _refuse

    @property
    def line(self) -> int:
        """Where it reads."""
        return self._parser.CurrentLineNumber

    def feed(self, piece: bytes) -> None:
        self._fed += len(piece)
        self._parser.Parse(piece, False)  # noqa: FBT003 - expat's own
        if self._fed - self._parser.CurrentByteIndex > MOST_OF_A_TAG:
            raise SetAside("it has a tag without an end")

    def end(self) -> None:
        """Refuse a dump that ends too early."""
        self._parser.Parse(b"", True)  # noqa: FBT003 - expat's own

    def taken(self) -> Iterator[WikiRevision | Aside]:
        """Give out what was read since."""
        while self._ready:
            yield self._ready.popleft()

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        self._path.append(name.rpartition(" ")[2])
        if len(self._path) > DEEPEST:
            raise SetAside("it is nested too deep")
        if len(self._names) > MOST_NAMES:
            raise SetAside(f"it has more than {MOST_NAMES:,} names of elements and attributes")
        if self._path[-1] == "page":
            self._page = {}
        elif self._path[-1] == "revision":
            self._revision, self._gone = {}, False
        elif self._path[-1] == "text" and "deleted" in attributes:
            self._gone = True
        self._held, self._size = [], 0

    def _more(self, text: str) -> None:
        self._size += len(text.encode(errors="surrogatepass"))
        if self._size <= (self._most if self._path[-1] == "text" else MOST_OF_A_FIELD):
            self._held.append(text)

    def _end(self, _name: str) -> None:
        name = self._path.pop()
        within = self._path[-1] if self._path else ""
        if name == "revision":
            self._give()
        elif within in {"revision", "page"} or (within == "contributor" and "revision" in self._path):
            place, known = (
                (self._revision, _OF_A_REVISION) if "revision" in self._path else (self._page, _OF_A_PAGE)
            )
            key = f"user {name}" if within == "contributor" else name
            if name == "text" and self._size > self._most:
                self._revision["long"] = "yes"
            if key in known:
                place[key] = "".join(self._held)
        self._held, self._size = [], 0

    def _give(self) -> None:
        page, one = self._page, self._revision
        place = f"page {page.get('id', '?')}, revision {one.get('id', '?')}"
        if not page.get("id", "").isdigit() or not one.get("id", "").isdigit() or not page.get("title"):
            self._ready.append(Aside(place, "lacks its id or its title"))
        elif page.get("ns", "0") != "0":
            if not page.get("told"):
                self._ready.append(Aside(place, "is no article: it is in another namespace"))
            page["told"] = "yes"
        else:
            self._ready.append(self._made(page, one))

    def _made(self, page: Mapping[str, str], one: Mapping[str, str]) -> WikiRevision:
        return WikiRevision(
            page=page["id"],
            title=page["title"],
            id=one["id"],
            at=one.get("timestamp", ""),
            user=one.get("user username", ""),
            user_id=one.get("user id", ""),
            address=one.get("user ip", ""),
            comment=one.get("comment", ""),
            model=one.get("model", ""),
            text=None if "long" in one else one.get("text", ""),
            gone=self._gone,
        )


def _refuse(*_: Any) -> NoReturn:
    raise SetAside("it declares entities")
