"""What changed between two revisions, field by field: texts by words, lists by items."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import orjson

from read_side.comparing.diff import back, ends, text_ops

type FieldValues = Mapping[str, Any]
type Keys = Mapping[str, Sequence[str]]
"""Field → the members by which the items of its list are known."""

LANGUAGES = frozenset({"ru", "en"})
"""Members of a text in two languages."""


def changes(before: FieldValues, after: FieldValues, keys: Keys) -> list[dict[str, Any]]:
    """Return what differs, in the order of the fields of `after`.

    Texts come as `ops`: pieces that stayed ("="), went ("-") or came ("+"); those that stayed or went make
    the earlier text, those that stayed or came the later one. A text in two languages comes as `languages`:
    those that changed, each with its pieces. Lists come as items `added` and `removed`, as items `changed`
    where a key says which they are, or as `reordered`. Anything else comes as `before` and `after`.

    Args:
        before: the earlier content.
        after: the later one.
        keys: field → the members by which its items are known; other items are known by all of them.
    """
    names = dict.fromkeys([*after, *before])
    return [
        {"field": name} | _change(before.get(name), after.get(name), keys.get(name, ()))
        for name in names
        if before.get(name) != after.get(name)
    ]


def both_ways(before: FieldValues, after: FieldValues, keys: Keys) -> tuple[bytes, bytes]:
    """Return the changes from one content to the other and those of the way back, as JSON."""
    there = changes(before, after, keys)
    return orjson.dumps(there), orjson.dumps([_turned(change) for change in there])


def size(before: FieldValues, after: FieldValues) -> int:
    """Return how many characters of texts have to be compared, those in several languages among them."""
    found = 0
    for name, one in before.items():
        other = after.get(name)
        if one == other:
            continue
        if isinstance(one, str) and isinstance(other, str):
            found += len(one) + len(other) - 2 * sum(ends(one, other))
        elif _is_localized(one) and _is_localized(other):
            found += size(one, other)
    return found


def _turned(change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a change as it is on the way back."""
    turned = dict(change)
    if "ops" in turned:
        turned["ops"] = back(change["ops"])
    elif "languages" in turned:
        turned["languages"] = {name: back(ops) for name, ops in change["languages"].items()}
    elif "added" in turned:
        turned |= {"added": change["removed"], "removed": change["added"]}
        if "changed" in turned:
            turned["changed"] = [
                {"before": one["after"], "after": one["before"]} for one in change["changed"]
            ]
    else:
        turned |= {"before": change["after"], "after": change["before"]}
    return turned


def _change(before: Any, after: Any, key: Sequence[str]) -> dict[str, Any]:
    if isinstance(before, str) and isinstance(after, str):
        return {"ops": text_ops(before, after)}
    if _is_localized(before) and _is_localized(after):
        texts = {name: (before.get(name) or "", after.get(name) or "") for name in {**before, **after}}
        return {"languages": {name: text_ops(*both) for name, both in texts.items() if both[0] != both[1]}}
    if key and isinstance(before, list) and isinstance(after, list):
        return _by_key(before, after, key)
    if isinstance(before, list) and isinstance(after, list):
        added, removed = _less(after, before), _less(before, after)
        return {"added": added, "removed": removed, "reordered": not added and not removed}
    return {"before": before, "after": after}


def _is_localized(value: Any) -> TypeGuard[FieldValues]:
    return isinstance(value, dict) and LANGUAGES.issuperset(value)


def _by_key(before: Sequence[Any], after: Sequence[Any], key: Sequence[str]) -> dict[str, Any]:
    """Return which items came, went or changed; an item is the same when its key is."""

    def keyed(items: Sequence[Any]) -> dict[bytes, Any]:
        return {_key([item.get(name) for name in key]): item for item in items}

    old, new = keyed(before), keyed(after)
    stayed = [one for one in old if one in new]
    return {
        "added": [item for one, item in new.items() if one not in old],
        "removed": [item for one, item in old.items() if one not in new],
        "changed": [{"before": old[one], "after": new[one]} for one in stayed if old[one] != new[one]],
        "reordered": stayed != [one for one in new if one in old],
    }


def _less(items: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Return the items that `others` does not have, as often as it does not have them."""
    rest = Counter(_key(item) for item in others)
    left = []
    for item in items:
        key = _key(item)
        if rest[key]:
            rest[key] -= 1
        else:
            left.append(item)
    return left


def _key(item: Any) -> bytes:
    return orjson.dumps(item, option=orjson.OPT_SORT_KEYS)
