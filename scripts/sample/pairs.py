"""Reads the short articles of the sample: one file holds both languages, and each has one revision."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from events.base import Locale
from scripts.sample.lives import SampleLife, lived
from scripts.sample.steps import Create, Original, PublishStep, Submit


class _Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An article in one language: who wrote it, who published it, and what it says."""

    by: str
    checked_by: str
    reason: str
    title: str
    summary: str
    tags: list[str]
    body: str


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    category: str
    sources: list[str]
    """Keys of sources."""
    ru: _Text
    en: _Text
    original: Locale = "ru"
    """Which language the other one is translated from."""


def read_pair(subject: str, toml: str, sources: Mapping[str, Mapping[str, str]]) -> list[SampleLife]:
    """Return both articles of a file, the original first.

    Args:
        subject: the key of what they are about, which is also their slug.
        toml: the text of the file.
        sources: key of a source → its title, and its address if it has one.

    Raises:
        ValueError: naming the subject.
    """
    try:
        return list(_texts(subject, msgspec.toml.decode(toml, type=_File), sources))
    except ValueError as error:
        raise ValueError(f"{subject}: {error}") from error


def _texts(subject: str, file: _File, sources: Mapping[str, Mapping[str, str]]) -> Iterator[SampleLife]:
    if unknown := set(file.sources).difference(sources):
        raise ValueError(f"there is no source {', '.join(sorted(unknown))}")
    cited = [{"url": ""} | dict(sources[key]) for key in file.sources]
    other: Locale = "en" if file.original == "ru" else "ru"
    yield _life(subject, file.original, file, cited, None)
    original = Original(subject=subject, locale=file.original, revision=1)
    yield _life(subject, other, file, cited, original)


def _life(
    subject: str, locale: Locale, file: _File, cited: list[dict[str, str]], original: Original | None
) -> SampleLife:
    text: _Text = getattr(file, locale)
    said: dict[str, Any] = {
        "title": text.title, "summary": text.summary, "tags": text.tags, "body": text.body,
        "category": file.category, "sources": cited, "translated_from": original,
    }  # fmt: skip
    return lived(
        subject, locale, subject,
        [
            Create(by=text.by, reason=text.reason, **said),
            Submit(by=text.by, reason=text.reason),
            PublishStep(by=text.checked_by, reason=text.reason, revision=1),
        ],
    )  # fmt: skip
