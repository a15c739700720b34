"""Entity JSON of Wikidata: items that are aircraft, makers or persons, and what they name of each other."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from write_side.importing.formats.ndjson import whole_lines
from write_side.importing.formats.wikidata_items import facts_of, kind_of, names_of
from write_side.importing.record import Aside, Record, SetAside

MOST_OF_AN_ITEM = 16 * 1024 * 1024
MOST_OF_A_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a file that is one document, {"entities": …}: it is held in memory whole."""

PASSES = 3


class ItemsOrigin:
    """A file of items: one a line, in or without the brackets of a list, or {"entities": {…}}.

    It is read three times: for what there is, for what each item says of itself, and for what it names of the
    others, which are there by then.

    Args:
        path: the file.
        name: what tells it from other sources.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path
        self._size = path.stat().st_size
        self.total = self._size * PASSES
        self.done = 0

    def records(self) -> Iterator[Record | Aside]:
        """Yield two records for each item: what it says of itself, and later what it names."""
        known: dict[str, str] = {}
        for place, item in self._items(0):
            if isinstance(item, str):
                yield Aside(place, item)
                continue
            kind = _kind(item)
            if kind:
                known[item["id"]] = kind
            else:
                yield Aside(place, "is no item of a kind that there is")
        for step, reads in ((1, facts_of), (2, partial(names_of, source=self.name))):
            for place, item in self._items(step):
                if isinstance(item, str) or not (kind := known.get(str(item.get("id")), "")):
                    continue
                yield Record(
                    place=f"{place}, {item['id']}",
                    kind=kind,
                    key=item["id"],
                    revision=f"{item.get('lastrevid', '')} {step}",
                    alone=True,
                    step=step,
                    slug="" if step == 2 else _title(item),  # noqa: PLR2004 - the last pass
                    read=partial(_read, reads, item, kind, known),
                )

    def close(self) -> None:
        self.done = self.total

    def _items(self, number: int) -> Iterator[tuple[str, dict[str, Any] | str]]:
        """Yield each item and its place, or what is wrong with it."""
        with self._path.open("rb") as file:
            whole = file.read(64).lstrip().startswith(b'{"entities"')
            file.seek(0)
            if whole:
                yield from self._of_document(file.read(MOST_OF_A_DOCUMENT + 1))
                self.done = self._size * (number + 1)
                return
            for line, said in enumerate(whole_lines(file, MOST_OF_AN_ITEM), 1):
                self.done = self._size * number + file.tell()
                place = f"line {line}"
                if said is None:
                    yield place, f"is longer than {MOST_OF_AN_ITEM:,} bytes"
                elif (text := said.strip().rstrip(b",")) not in {b"", b"[", b"]"}:
                    yield place, _decoded(text)

    def _of_document(self, content: bytes) -> Iterator[tuple[str, dict[str, Any] | str]]:
        if len(content) > MOST_OF_A_DOCUMENT:
            yield "the file", f"is longer than {MOST_OF_A_DOCUMENT:,} bytes: put one item on a line"
            return
        document = _decoded(content)
        if isinstance(document, str):
            yield "the file", document
            return
        entities = document.get("entities")
        for name, item in entities.items() if isinstance(entities, dict) else ():
            yield ascii(name)[1:-1][:20], item if isinstance(item, dict) else "is no item"


def _decoded(content: bytes) -> dict[str, Any] | str:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return "is no JSON object"


def _kind(item: dict[str, Any]) -> str:
    name = item.get("id")
    if not isinstance(name, str) or not name.startswith("Q") or not name[1:].isdigit() or len(name) > 20:  # noqa: PLR2004 - room for any item
        return ""
    try:
        return kind_of(item)
    except (AttributeError, KeyError, TypeError):
        return ""


def _title(item: dict[str, Any]) -> str:
    labels = item.get("labels")
    for language in ("en", "mul", "ru"):
        one = labels.get(language) if isinstance(labels, dict) else None
        if isinstance(one, dict) and isinstance(one.get("value"), str):
            return str(one["value"])
    return str(item["id"])


def _read(reads: Any, item: dict[str, Any], kind: str, known: dict[str, str]) -> dict[str, Any]:
    """Return the fields of an item.

    Raises:
        SetAside: it does not have the shape of one.
    """
    try:
        fields: dict[str, Any] = reads(item, kind, known)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        raise SetAside("has not the shape of an item") from None
    return fields
