"""Cuts a text into lines, and into words made of whole signs (UAX 29), in time linear in the text."""

import re

import regex

_PLAIN_UNSPACED = "\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ebef"
_PLAIN = re.compile(
    "[\x00-\u02ff\u0370-\u0482\u048a-\u0590\u2010-\u2027\u2030-\u205e\u2116\u3001-\u3020\uac00-\ud7a3\uff01-\uff60"
    f"{_PLAIN_UNSPACED}]*"
)
"""Text whose characters are signs by themselves, but for the two that end a line."""

_PLAIN_WORD = re.compile(
    rf"(?:[^\W{_PLAIN_UNSPACED}]+|[^\w\s]|[{_PLAIN_UNSPACED}])[^\S\r\n]*(?:\r?\n)?|\r\n|\s"
)
"""A word or another sign, with the white space behind it as far as the end of the line."""

_FLAG = r"\p{RI}{2}[\p{GCB=EX}\p{GCB=SM}\p{GCB=ZWJ}]*"
"""Taken out of \\X, which counts all halves of flags before it each time: a long row took minutes."""

_SIGN = rf"(?:{_FLAG}|\X)"
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts that put no space between words; each sign is compared."""

_signs = regex.compile(_SIGN)
_words = regex.compile(
    rf"(?V1)(?:(?:(?=[\w--[{_UNSPACED}]]){_SIGN})+|(?=\S){_SIGN})(?:(?=[^\S\r\n])\X)*(?:\r?\n)?|\r\n|(?=\s)\X"
)

_LONGEST = 64
"""Characters of a word that is compared as one; of a longer one, its signs."""


def lines(text: str) -> list[str]:
    """Return the lines of a text with their ends."""
    return text.splitlines(keepends=True)


def words(text: str) -> list[str]:
    """Return words and other signs, each with the white space behind it; together they are the text.

    None begins or ends inside a sign, that is an extended grapheme cluster.
    """
    plain = _PLAIN.fullmatch(text) is not None
    found: list[str] = (_PLAIN_WORD if plain else _words).findall(text)
    if found and len(max(found, key=len)) > _LONGEST:
        return [
            sign for word in found for sign in (_cut(word, plain=plain) if len(word) > _LONGEST else (word,))
        ]
    return found


def _cut(word: str, *, plain: bool) -> list[str]:
    return list(word) if plain and "\r" not in word else _signs.findall(word)
