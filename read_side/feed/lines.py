"""What happened to an entry, in a line of each language: «Tu-144»: first flight 1968, was 1969."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from events.content.field import Field
from read_side.feed.words import Language, is_short, label, one_line, said

MOST = 3
"""Changes that a line names; of the others it tells how many there are."""

TITLE = 80
"""Characters of a title in a line."""

_STEPS: Mapping[str, Mapping[Language, str]] = {
    "created": {"ru": "начат черновик", "en": "a draft was begun"},
    "revised": {"ru": "черновик изменён", "en": "the draft was changed"},
    "submitted": {"ru": "ждёт проверки", "en": "waits for a moderator"},
    "published": {"ru": "опубликовано", "en": "published"},
    "withdrawn": {"ru": "снято с проверки", "en": "taken back from the moderators"},
    "returned": {"ru": "возвращено редактору", "en": "returned to the editor"},
    "unpublished": {"ru": "скрыто от читателей", "en": "withdrawn from readers"},
    "archived": {"ru": "в архиве", "en": "archived"},
    "restored": {"ru": "возвращено из архива", "en": "back from the archive"},
    "renamed": {"ru": "другой адрес", "en": "another address"},
}
"""What the steps of a life are, where nothing more can be said."""

_SAYS: Mapping[Language, Mapping[str, str]] = {
    "ru": {"was": "было", "removed": "убрано", "changed": "изменено", "more": "и ещё"},
    "en": {"was": "was", "removed": "removed", "changed": "changed", "more": "and more:"},
}


class FieldChange(NamedTuple):
    """What became of a field, as JSON values."""

    field: Field
    before: Any
    after: Any


def line(
    step: str,
    title: Any,
    changes: Sequence[FieldChange],
    language: Language,
    slugs: tuple[str, str] | None = None,
) -> str:
    """Return a line that says what happened to an entry.

    Args:
        step: of its life.
        title: as its kind has it: a line, or one in each language; None: it is not told.
        changes: what became of which fields; none where it is told as a whole.
        language: of the line.
        slugs: the present and the former one, of a rename.
    """
    if slugs is not None:
        told = f"{_STEPS[step][language]}: {slugs[0]}, {_SAYS[language]['was']} {slugs[1]}"
    elif changes:
        told = "; ".join(_change(one, language) for one in changes[:MOST])
        if len(changes) > MOST:
            told += f" {_SAYS[language]['more']} {len(changes) - MOST}"
    else:
        told = _STEPS[step][language]
    name = _title(title, language)
    return f"«{name}»: {told}" if name else told


def _title(title: Any, language: Language) -> str:
    if isinstance(title, dict):
        title = title.get(language) or next((one for one in title.values() if one), "")
    words = one_line(title or "")
    return words if len(words) <= TITLE else words[: TITLE - 1].rstrip() + "…"


def _change(change: FieldChange, language: Language) -> str:
    field, says = change.field, _SAYS[language]
    name = label(field, language)
    if not is_short(field):
        return f"{name}: {says['changed']}"
    before = one_line(said(field, change.before, language))
    after = one_line(said(field, change.after, language))
    if before == after:
        return f"{name}: {says['changed']}"
    told = f"{name} {after}" if after else f"{name}: {says['removed']}"
    return f"{told}, {says['was']} {before}" if before else told
