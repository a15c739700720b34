"""Events in words: one sentence each, from what a CloudEvent says and what was seen before it."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

type Facts = Mapping[str, Any]

OPERATOR = str(UUID(int=0))
"""The actor of what was done at a command line."""

NOTHING: Mapping[str, str] = {}


def sentence(event: Facts, titles: Mapping[str, str] = NOTHING, names: Mapping[str, str] = NOTHING) -> str:
    """Say what happened, on one line, such as «Boeing 314» was published, revision 4, by 7c1e.

    Args:
        event: a CloudEvent of the log as a JSON object.
        titles: titles seen so far, by the id of the entry; without one its id is shortened to 8 characters.
        names: display names, by the id of the account; without one its id is shortened to 4 characters.
    """
    data = _object(event.get("data"))
    what = str(event.get("type", "")).partition(".")[2]
    said = PHRASES.get(what, _unknown)(data, _entry(event, titles), what)
    actor = str(event.get("actor", ""))
    who = "by the operator" if actor == OPERATOR else f"by {names.get(actor) or shortened(actor)}"
    revision = data.get("revision")
    middle = " " if revision is None else f", revision {revision}, "
    reason = f" ({event['reason']})" if event.get("reason") else ""
    comment = f": “{data['comment']}”" if data.get("comment") else ""
    return printable(f"{said}{middle}{who}{comment}{reason}")


def title_in(event: Facts) -> tuple[str, str] | None:
    """Return the entry's id and its title, when the event tells it."""
    data = _object(event.get("data"))
    content, changed = _object(data.get("content")), _object(_object(data.get("changed")).get("title"))
    title = spoken(data.get("title") or content.get("title") or changed.get("after"))
    return None if title is None else (_id(event, data), title)


def spoken(title: Any) -> str | None:
    """Return a title as a line: of one in several languages the English one, or else the Russian one."""
    if isinstance(title, Mapping):
        title = title.get("en") or title.get("ru")
    return title if isinstance(title, str) else None


def entry_of(event: Facts) -> tuple[str, str]:
    """Return the kind and the id of the entry that an event is about; a slug's event is about its owner."""
    data = _object(event.get("data"))
    kind = str(event.get("type", "")).partition(".")[0]
    return str(data.get("kind") or kind), _id(event, data)


def shortened(actor: str) -> str:
    """Return the end of an account's id: it begins with the time, like those made with it."""
    return actor[-4:] or "nobody"


def printable(text: str) -> str:
    """Return the text without anything that a terminal would obey."""
    return text if text.isprintable() else "".join(one if one.isprintable() else " " for one in text)


def _revised(data: Facts, entry: str, _what: str) -> str:
    if data.get("reverts"):
        return f"{entry} was reverted to revision {data['reverts']}"
    return f"{entry} was revised ({', '.join(map(str, _object(data.get('changed'))))})"


def _published(data: Facts, entry: str, _what: str) -> str:
    return f"{entry} was published{' by force' if data.get('forced') else ''}"


def _renamed(data: Facts, entry: str, _what: str) -> str:
    return f"{entry} was renamed from {data.get('before')} to {data.get('after')}"


def _claimed(data: Facts, entry: str, _what: str) -> str:
    return f"the slug {_slug(data)} was claimed for {entry}"


def _released(data: Facts, entry: str, _what: str) -> str:
    return f"the slug {_slug(data)} was released by {entry}"


def _slug(data: Facts) -> str:
    """Return a slug as addresses spell it, with its language where it has one."""
    return f"{data['locale']}:{data.get('slug')}" if data.get("locale") else str(data.get("slug"))


def _begun(data: Facts, _entry: str, _what: str) -> str:
    undone = "taken back" if data.get("undoes") else "begun"
    return f"a change of {len(data.get('entries', ()))} entries of kind {data.get('kind')} was {undone}"


def _ended(data: Facts, _entry: str, _what: str) -> str:
    changed, refused = (len(data.get(name, ())) for name in ("changed", "refused"))
    return f"a change of many entries ended: {changed} changed, {refused} refused"


def _said(form: str) -> Callable[[Facts, str, str], str]:
    """Return what fills a form in with the members of the event and with what it is about."""
    return lambda data, entry, _what: form.format_map({**data, "entry": entry})


def _simply(_data: Facts, entry: str, what: str) -> str:
    return f"{entry} was {what}"


def _unknown(_data: Facts, entry: str, what: str) -> str:
    return f"{entry}: {what or 'something happened'}"


PHRASES: Mapping[str, Callable[[Facts, str, str], str]] = {
    "created": _simply,
    "revised": _revised,
    "submitted": _simply,
    "published": _published,
    "withdrawn": _simply,
    "returned": _simply,
    "unpublished": _simply,
    "archived": _simply,
    "restored": _simply,
    "renamed": _renamed,
    "claimed": _claimed,
    "released": _released,
    "started": _begun,
    "finished": _ended,
    "stopped": lambda _data, _entry, _what: "a change of many entries was stopped",
    "registered": _simply,
    "role_granted": _said("{entry} became {role}"),
    "role_revoked": _said("{entry} is no longer {role}"),
    "disabled": _simply,
    "enabled": _simply,
    "erased": _simply,
    "described": _simply,
    "suppressed": _simply,
    "signed_in": _said("{entry} signed in"),
    "sessions_ended": _said("{entry} was signed out everywhere"),
}
"""By the second half of the type: every kind of entry lives the same life."""


def _entry(event: Facts, titles: Mapping[str, str]) -> str:
    own = title_in(event)
    kind, id_ = entry_of(event)
    title = own[1] if own else titles.get(id_)
    return f"«{title}»" if title else f"{kind} {id_[:8]}"


def _id(event: Facts, data: Facts) -> str:
    return str(data.get("owner") or str(event.get("subject", "")).rpartition("/")[2])


def _object(value: Any) -> Facts:
    return value if isinstance(value, Mapping) else {}
