"""What may stand in a text and in a line: for the edge, which takes them in, and for the events."""

import re
import unicodedata
from urllib.parse import urlsplit

import regex

MARKS = 4
"""Combining marks that one letter may carry: more are a drawing, not a text."""

COMPOSED = 4
"""Marks that may become a part of their letter when it is composed, with room to spare."""

_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
"""What no text needs; tab and the two line ends stay. In UTF-8 these bytes stand for nothing else."""

_C1 = re.compile(b"\xc2[\x80-\x9f]")
_OVERRIDES = re.compile(b"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])")
"""The same in UTF-8: controls of eight bits, and marks that turn the direction of what follows."""

_BLANK = (
    "\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SHOWN = re.compile(f"[^{_BLANK}]")

_PLAIN = re.compile(
    "[ -~\xa1-\xac\xae-\u02ff\u0370-\u0373\u0375-\u0377\u037a-\u037d\u037f\u0384-\u0386\u0388-\u038a\u038c"
    "\u038e-\u03a1\u03a3-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2116]*"
)
"""Composed Latin, Greek and Cyrillic, and the signs between words: most lines are no more."""

_HIDDEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc]")
"""What counts as printable and shows nothing, or stands for what is not here."""

_PRINTABLE = re.compile(
    "[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd"
    "\U000110cd\U00013430-\U0001343f]"
)
"""What does not count as printable and is: blanks, and signs around numbers and hieroglyphs."""

_SIGN = (
    "\u0590-\u1dff\u2190-\u2bff\u2e80-\ud7ff\uf900-\ufaff\ufb1d-\ufdcf"
    "\ufdf0-\ufdff\ufe70-\ufefc\U00010000-\U0003fffd"
)
_JOINED = re.compile(
    f"(?<=[{_SIGN}\ufe0f])[\u200c\u200d](?=[{_SIGN}])|(?<=[\u0900-\u109f\u1780-\u17ff])[\u200c\u200d]"
)
"""A joiner between two signs of a script that needs them, or of pictures; behind an Indic letter anywhere."""

_VARIED = re.compile(
    f"(?<=[{_SIGN}#*0-9\xa9\xae\u203c\u2049\u2122\u2139])[\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180d\u180f]"
)
"""A sign that says how the one before it is drawn."""

_TOO_MANY = regex.compile(rf"\p{{M}}{{{MARKS + 1}}}")
_FAR_TOO_MANY = regex.compile(rf"\p{{M}}{{{MARKS + COMPOSED + 1}}}")
"""So many marks in a row."""

_PILED = regex.compile(rf"(\p{{M}}{{{MARKS + COMPOSED + 1}}})\p{{M}}+")

_LOOSE = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180d\u180f]")


def shows(value: str) -> bool:
    """Tell whether a reader sees anything of a text."""
    return _SHOWN.search(value) is not None


def text(value: str) -> str:
    """Return a text of several lines as it is stored; one that shows nothing is empty.

    Raises:
        ValueError: it has control characters, lone surrogates, or marks that turn directions; says which.
    """
    if value.isascii():
        plain = value.encode()
    else:
        try:
            plain = value.encode()
        except UnicodeEncodeError:
            raise ValueError("must not contain a lone surrogate") from None
        if _OVERRIDES.search(plain):
            raise ValueError("must not turn the direction of writing")
        if _C1.search(plain):
            raise ValueError("must not contain control characters")
    if len(plain.translate(None, _CONTROLS)) != len(plain):
        raise ValueError("must not contain control characters")
    return value if _SHOWN.search(value) else ""


def line(value: str) -> str:
    """Return a line (a title, a name, a tag) as it is stored: trimmed and composed (NFC).

    Raises:
        ValueError: it breaks, hides something, shows nothing although it is not blank, piles up marks, or has
            a character that Unicode does not assign.
    """
    if value.isascii():
        if not value.isprintable():
            raise ValueError("must be one line of printable characters")
        return value.strip()
    if _PLAIN.fullmatch(value):
        return value.strip()
    rest = _VARIED.sub("", value)
    # Not printable are controls, half surrogates, private characters, and what this Python's Unicode does not
    # assign: nobody can say yet how such a sign is composed.
    printable = _PRINTABLE.sub("", _JOINED.sub("", rest)).isprintable()
    if not printable or _HIDDEN.search(rest) or _LOOSE.search(rest):
        raise ValueError("must be one line of printable characters")
    # Composing sorts the marks on a letter, in a time that grows with the square of their number.
    if _FAR_TOO_MANY.search(value) or _TOO_MANY.search(
        composed := unicodedata.normalize("NFC", value).strip()
    ):
        raise ValueError(f"must not have more than {MARKS} marks on a letter")
    if composed and not _visible(composed):
        raise ValueError("must show something")
    return composed


def composed(value: str) -> str:
    """Return a text that nobody has judged yet in its composed form (NFC).

    Of a pile of marks so many stay as `line` refuses: composing takes the square of their number.
    """
    return unicodedata.normalize("NFC", _PILED.sub(r"\1", value))


def spaced(value: str) -> str:
    """Return a line that is compared with others: blanks of any kind and number are one space."""
    return " ".join(value.split())


def web_address(value: str) -> str:
    """Return the address of a page, or an empty text.

    Raises:
        ValueError: it cannot be read, names no host, or holds a name or a password.
    """
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("must be an address that can be read") from None
    if "@" in parts.netloc:
        raise ValueError("must not hold a name or a password")
    if value and not host:
        raise ValueError("must name a host")
    return value


def _visible(value: str) -> bool:
    return any(_SHOWN.match(sign) and unicodedata.category(sign)[0] not in "MZC" for sign in value)
