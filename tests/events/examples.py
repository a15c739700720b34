"""One event of every class in the catalogue, as today's code writes it; new kinds and fields are in it."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from events import account, bulk, media, slug
from events.base import Event
from events.content.dates import PartialDate
from events.content.localized import Localized
from events.content.pictures import FocalPoint
from events.entry import Change, Source
from events.kind import Kind
from events.kinds.catalog import KINDS
from kit.ids import named_id

_ARTICLE: Mapping[str, Any] = {
    "title": "Ту-144",
    "summary": "Советский сверхзвуковой пассажирский самолёт.",
    "body": "Первый полёт — 31 декабря 1968 года, см. [Ту-154](/articles/tu-154).",
    "sources": [{"title": "Ригмант В. Г. Ту-144", "url": "https://www.tupolev.ru/"}],
    "tags": ["СССР", "сверхзвук"],
    "category": "aircraft",
    "meta_title": "Ту-144",
    "meta_description": "История Ту-144",
    "meta_keywords": "Ту-144, Туполев",
}
_CHANGED: Mapping[str, Any] = {"title": "Ту-144Д", "body": "Новый текст", "tags": ["СССР"]}

_SAID: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {"article": (_ARTICLE, _CHANGED)}
"""Kind → the content of its first revision, and what the second one changes, as bodies say it.

Of other fields, and of kinds that are not here, the examples of the declaration are taken."""


def examples_of(kind: Kind) -> Iterator[Event]:
    """Yield one event of each step of the life of a kind."""
    samples = {one.name: one.sample for one in kind.fields}
    said, revised = _SAID.get(kind.name, (samples, samples))
    content = kind.kept({}, {**samples, **said})
    empty = {one.name: one.spelt(one.empty) for one in kind.fields if one.since > 1}
    changed = kind.kept({}, {name: samples[name] for name in empty} | dict(revised))
    before = {name: _shortened(value) for name, value in (content | empty).items()}
    life, slug_ = kind.life, "tu-144"
    headline = kind.headline(content) | {"slug": slug_}
    first: dict[str, Any] = {}
    if kind.localized:
        headline["locale"] = "ru"
        source = Source(entry=named_id("example", "en"), revision=3)
        first = {"subject": named_id("example"), "locale": "ru", "translated_from": source}
    yield life.created(slug=slug_, content=msgspec.convert(content, kind.content), **first)
    yield life.revised(
        revision=2,
        changed={name: Change(before[name], value) for name, value in changed.items()},
        reverts=1,
    )
    yield life.submitted(revision=2, **headline)
    yield life.published(revision=2, forced=True, **headline)
    yield life.withdrawn()
    yield life.returned(comment="Нет источника для даты первого полёта.")
    yield life.unpublished()
    yield life.archived()
    yield life.restored()
    yield life.renamed(before=slug_, after=f"{slug_}-sst")


def _shortened(value: Any) -> Any:
    return {"sha256": value["sha256"]} if isinstance(value, dict) and "sha256" in value else value


EXAMPLES: tuple[Event, ...] = (
    *(event for kind in KINDS for event in examples_of(kind)),
    slug.SlugClaimed(kind="article", locale="ru", slug="tu-144", owner=named_id("example", "ru")),
    slug.SlugReleased(kind="article", locale="ru", slug="tu-144", owner=named_id("example", "ru")),
    bulk.BulkStarted(
        kind="article",
        entries=(named_id("example", "ru"), named_id("example", "en")),
        change={"add": {"tags": ["СССР"]}},
        undoes=named_id("example", "bulk"),
    ),
    bulk.BulkStopped(),
    bulk.BulkFinished(
        changed=(bulk.ChangedEntry(entry=named_id("example", "ru"), version=5),),
        refused=(
            bulk.RefusedEntry(
                entry=named_id("example", "en"), type="archived", detail="The entry is in the archive."
            ),
        ),
    ),
    account.AccountRegistered(),
    account.AccountRoleGranted(role="moderator"),
    account.AccountRoleRevoked(role="moderator"),
    account.AccountDisabled(),
    account.AccountEnabled(),
    account.AccountSignedIn(session=named_id("example", "session")),
    account.AccountSessionsEnded(),
    account.AccountErased(),
    media.MediaRegistered(
        sha256="5d41402abc4b2a76b9719d911017c592ae3f1b1c6d8e0a4c7b9e2f1d0c3b5a69",
        size=182_344,
        type="image/jpeg",
        width=1600,
        height=1067,
        key="pictures/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.jpg",
        colour="#8fa3b5",
    ),
    media.MediaDescribed(
        alt=Localized(ru="Ту-144 на взлёте", en="A Tu-144 taking off"),
        caption=Localized(ru="Ле-Бурже, 1971 год"),
        author="Анна Иванова",
        source="Архив музея",
        licence="CC BY-SA 4.0",
        taken=PartialDate(edtf="1971-06"),
        focal_point=FocalPoint(x=420, y=510),
    ),
    media.MediaSuppressed(reason="Снимок чужой"),
    media.MediaRestored(),
)
