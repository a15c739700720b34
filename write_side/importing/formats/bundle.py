"""A zip of Markdown and JSON: a document for each entry, with its text beside it or in it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from events.base import Locale
from events.content.texts import MAX_MARKDOWN_BYTES
from write_side.importing.formats.places import is_markdown, place_of
from write_side.importing.formats.zip_members import ZipMembers
from write_side.importing.record import Aside, Record, SetAside
from write_side.importing.wording import TITLE_CHARACTERS, decoded, one_line, title_of

MOST_OF_A_DOCUMENT = 1024 * 1024

MAPPINGS = "mappings.json"
"""May say where the text of a document stands: {"articles/x.json": {"resolve_content_from": "x.md"}}."""

_OTHER_NAMES = {"content": "body", "seo_keywords": "meta_keywords", "article_category": "category"}
_NO_FIELDS = frozenset(
    ("id", "slug", "locale", "is_published", "is_archived", "published_at", "archived_at", "created_at",
     "updated_at")
)  # fmt: skip
_SOURCE = re.compile(r"^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(\S.*)$", re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]]{0,1000})\]\((https?://[^\s)\[]{1,2000})\)")


class BundleOrigin:
    """A zip.

    Args:
        path: the file.
        name: what tells it from other sources.
        locale: the language of what names none.
        kinds: name of a folder → kind of the entries in it; a folder that is not there holds articles.
        encoding: of texts that are not UTF-8.
    """

    def __init__(
        self, path: Path, *, name: str, locale: Locale, kinds: Mapping[str, str], encoding: str
    ) -> None:
        self._zip = ZipMembers(path)
        self.name = name
        self._locale: Locale = locale
        self._kinds = kinds
        self._encoding = encoding
        self._members = list(self._zip.names())
        self.total = len(self._members)
        self.done = 0

    def records(self) -> Iterator[Record | Aside]:
        """Yield a record for each document, and for each Markdown file that is not the text of one."""
        files = {one for one in self._members if isinstance(one, str)}
        taken: set[str] = set()
        try:
            mappings = self._document(MAPPINGS) if MAPPINGS in files else {}
        except SetAside as refused:
            mappings = {}
            yield Aside(MAPPINGS, str(refused))
        documents = [one for one in self._members if not isinstance(one, str) or one.endswith(".json")]
        for one in documents:
            self.done += 1
            if isinstance(one, Aside):
                yield one
            elif one != MAPPINGS:
                yield self._of_document(one, mappings.get(one), files, taken)
        for path in sorted(files):
            if path.endswith(".json"):
                continue
            self.done += 1
            if not is_markdown(path):
                yield Aside(path, "is neither Markdown nor JSON")
            elif path not in taken:
                yield self._of_text(path)

    def close(self) -> None:
        self._zip.close()

    def _of_document(self, path: str, mapping: Any, files: set[str], taken: set[str]) -> Record | Aside:
        if not is_markdown(path.removesuffix(".json") + ".md"):
            return Aside(path, "is neither Markdown nor JSON")
        try:
            said = self._document(path)
        except SetAside as refused:
            return Aside(path, str(refused))
        beside = mapping.get("resolve_content_from") if isinstance(mapping, dict) else None
        text = beside if isinstance(beside, str) else path.removesuffix(".json") + ".md"
        if text in files:
            taken.add(text)
        elif isinstance(beside, str):
            return Aside(path, "takes its text from a file that is not there")
        place = place_of(path.removesuffix(".json") + ".md", self._locale)
        kind = self._kinds.get(PurePosixPath(path).parent.name, "article")
        slug = said.get("slug")
        locale: Locale = said["locale"] if said.get("locale") in {"ru", "en"} else place.locale
        return Record(
            place=path,
            kind=kind,
            key=place.key,
            locale=locale if kind == "article" else None,
            revision=self._zip.mark(path, text) if text in files else self._zip.mark(path),
            alone=True,
            slug=slug if isinstance(slug, str) else place.stem,
            read=partial(self._fields, said, text if text in files else "", kind),
            publish=said.get("is_published") is True and said.get("is_archived") is not True,
        )

    def _of_text(self, path: str) -> Record:
        place = place_of(path, self._locale)
        return Record(
            place=path,
            kind="article",
            key=place.key,
            locale=place.locale,
            revision=self._zip.mark(path),
            alone=True,
            slug=place.slug,
            read=partial(self._of_markdown, path, place.stem),
        )

    def _of_markdown(self, path: str, stem: str) -> dict[str, Any]:
        body = self._text(path)
        return {"title": title_of(body, stem), "body": body}

    def _fields(self, said: Mapping[str, Any], text: str, kind: str) -> dict[str, Any]:
        fields = {
            (_OTHER_NAMES.get(name, name) if kind == "article" else name): value
            for name, value in said.items()
            if name not in _NO_FIELDS and value is not None
        }
        if text:
            fields["body"] = self._text(text)
        if isinstance(fields.get("sources"), str):
            fields["sources"] = _sources(fields["sources"])
        return fields

    def _document(self, path: str) -> dict[str, Any]:
        content = self._zip.read(path, MOST_OF_A_DOCUMENT)
        try:
            return msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=dict[str, Any])
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise SetAside("is no JSON object in UTF-8") from None

    def _text(self, path: str) -> str:
        return decoded(self._zip.read(path, MAX_MARKDOWN_BYTES), self._encoding)


def _sources(markdown: str) -> Sequence[dict[str, Any]]:
    """Return the sources of a list in Markdown, each item one of them."""
    found = []
    for item in _SOURCE.findall(markdown):
        link = _LINK.search(item)
        title = one_line(_LINK.sub(r"\1", item), TITLE_CHARACTERS)
        if title:
            found.append({"title": title, "url": link[2] if link else ""})
    return found
