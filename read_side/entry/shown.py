"""The published document of an entry, put together from its rows; stored JSON goes in as it is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from kit.ids import spells_an_id
from read_side.answers.answer import Answer, entity_tag
from read_side.answers.language import in_language
from read_side.entry.kind import ENTRY_FIELDS, LONG, OF_LOCALIZED, KindView, entry_tag, slug_tag, subject_tag
from read_side.entry.parts import text_in
from read_side.entry.statement import SHOWN
from read_side.pictures import card, media_tag


def document(view: KindView, made_by: str, row: Mapping[str, Any]) -> Answer:
    """Return what readers see of an entry.

    Args:
        view: its kind.
        made_by: names the rows, and the way in which this build tells them, for the entity tag.
        row: of `statement`; readers see its entry.

    Raises:
        Damaged: its text is not the one that was written.
    """
    links = list(_links(row["links"] or (), row["locale"]))
    outward, inward = row["relations"] or (), row["related"] or ()
    siblings = row["siblings"] or ()
    head = _json({name: row[name] for name in ENTRY_FIELDS if view.localized or name not in OF_LOCALIZED})
    around: dict[str, Any] = {
        "links": [link.shown for link in links],
        "relations": [_relation(one) for one in outward if one[-1] is not None][:SHOWN],
        "related": [_relation(one) for one in inward],
    }
    pictures = row["pictures"] or ()
    if view.has_pictures:
        cards = [card(*one) for one in pictures if one[2:] and one[1] is not None]
        around["media"] = in_language(cards, row["locale"]) if view.localized else cards
    if view.localized:
        around["translations"] = [
            {"locale": locale, "slug": slug} for _, locale, slug, title in siblings if title is not None
        ]
        around["translated_from"] = orjson.Fragment(row["translated_from"] or b"null")
    tail = _json(around)
    hidden = {one[2] for one in outward if one[-1] is None}
    content = row["content"].encode()
    if hidden:
        content = orjson.dumps(view.without(orjson.loads(content), hidden))
    parts = [head[:-1], b",", content[1:-1]]
    if view.has_body:
        text = text_in(row) if row["body"] is None else row["body"]
        parts.append(b',"%s":%s' % (LONG.encode(), orjson.dumps(text)))
    parts += [b",", tail[1:]]
    tags = [entry_tag(row["id"])]
    if view.localized:
        tags.append(subject_tag(row["subject"]))
    if row["original"] is not None:  # it is named only while readers see it
        tags.append(entry_tag(row["original"]))
    tags += (entry_tag(one[0]) for one in siblings)
    for link in links:
        tags += link.tags
    tags += (entry_tag(one[2]) for one in (*outward, *inward))
    tags += (media_tag(which) for one in pictures for which in one[:2] if which is not None)
    etag = entity_tag(made_by.encode(), head, tail, content if hidden else b"")
    return Answer(b"".join(parts), etag, tuple(dict.fromkeys(tags)))


class _Link:
    """A target of a text, and the entries that it may lead to."""

    def __init__(self, kind: str, target: str) -> None:
        self._kind = kind
        self._target = target
        self._owners: list[Sequence[Any]] = []
        self._locale: str | None = None

    def may_lead_to(self, owner: Sequence[Any]) -> None:
        """Note an owner of the slug or id: its id, locale, slug and title."""
        if owner[0] is not None:
            self._owners.append(owner)

    def is_in(self, locale: str | None) -> None:
        """Say in which language the text is: a slug alone leads there first."""
        self._locale = locale

    @property
    def shown(self) -> dict[str, Any]:
        """Where it leads to; as it stands in the text where readers see nothing there, or several entries."""
        seen = [one for one in self._owners if one[-1] is not None]
        if len(seen) > 1:
            seen = [one for one in seen if one[1] == self._locale]
        if len(seen) != 1:
            return {"kind": self._kind, "slug": self._target}
        _, locale, slug, title = seen[0]
        return {"kind": self._kind} | _named(locale, slug, title)

    @property
    def tags(self) -> Iterator[str]:
        """Tags of whatever could change that."""
        yield from (entry_tag(one[0]) for one in self._owners)
        if spells_an_id(self._target):
            yield entry_tag(self._target)
        elif not self._owners or ":" not in self._target:
            yield slug_tag(self._kind, self._target.rpartition(":")[2])


def _links(rows: Iterable[Sequence[Any]], locale: str | None) -> Iterator[_Link]:
    """Yield each target once; `rows` has one for each entry that it may lead to."""
    link, last = None, None
    for kind, target, *owner in rows:
        if link is None or (kind, target) != last:
            if link is not None:
                yield link
            link, last = _Link(kind, target), (kind, target)
            link.is_in(locale)
        link.may_lead_to(owner)
    if link is not None:
        yield link


def _relation(one: Sequence[Any]) -> dict[str, Any]:
    field, item, id_, kind, locale, slug, title = one
    shown = {"field": field, "kind": kind, "id": id_} | _named(locale, slug, title)
    return shown if item is None else shown | {"item": item}


def _named(locale: str | None, slug: str, title: Any) -> dict[str, Any]:
    told = {"slug": slug, "title": title}
    return told if locale is None else {"locale": locale} | told


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
