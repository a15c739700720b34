"""Makes lines of what other systems wrote: titles, edit summaries, names; and texts of bytes."""

import re
from datetime import UTC, datetime

from kit.text import composed, line
from write_side.importing.record import SetAside

REASON_CHARACTERS = 500
TITLE_CHARACTERS = 300

_HEADING = re.compile(r"^ {0,3}#[ \t]+(\S.*)$", re.MULTILINE)
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.MULTILINE | re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(\S.*)$", re.MULTILINE)


def one_line(text: str, limit: int) -> str:
    """Return a text as one line of at most so many characters; what a line may not hold is a space there."""
    shown = "".join(sign if sign.isprintable() else " " for sign in composed(text))
    short = " ".join(shown.split())[:limit].strip()
    for attempt in (short, short.encode("ascii", "ignore").decode().strip()):
        try:
            return line(attempt)
        except ValueError:
            continue
    return ""


def title_of(markdown: str, fallback: str) -> str:
    """Return the title of a Markdown text: that of its front matter, else its first heading, else another."""
    front = _FRONT.match(markdown)
    named = _FRONT_TITLE.search(front[1]) if front else None
    heading = _HEADING.search(markdown, front.end() if front else 0)
    for found in (named and named[1].strip(), heading and heading[1].rstrip().rstrip("#").rstrip()):
        if found and (title := one_line(found.strip("\"'"), TITLE_CHARACTERS)):
            return title
    return one_line(fallback, TITLE_CHARACTERS) or "Untitled"


def decoded(content: bytes, encoding: str) -> str:
    """Return the text of a file: UTF-8, or else in the encoding that is given.

    Raises:
        SetAside: it is binary, or in neither.
    """
    if b"\x00" in content:
        raise SetAside("is binary")
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise SetAside(f"is neither UTF-8 nor {encoding}") from None


def moment(seconds: int, offset: str) -> datetime | None:
    """Return a moment given in seconds since 1970 and an offset such as "+0300"; None: it is none.

    An offset that no clock has is taken for UTC: the moment is the same.
    """
    try:
        at = datetime.fromtimestamp(seconds, UTC)
        zone = datetime.strptime(offset, "%z").tzinfo
    except (ValueError, OverflowError, OSError):
        zone = UTC
        if not 0 <= seconds < 2**37:
            return None
        at = datetime.fromtimestamp(seconds, UTC)
    return at.astimezone(zone) if 2 <= at.year <= 9998 else None  # noqa: PLR2004 - room for an offset
