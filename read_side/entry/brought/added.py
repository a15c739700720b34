"""What a query adds to the entries that it shows: cards of those that they name, other units."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from events.content.quantities import QuantityField
from events.content.units import System, carried, rounded, said_in
from read_side.entry.brought.cards import Includes, Tree
from read_side.entry.kind import KindView


class Added(NamedTuple):
    """What was added to some entries."""

    entries: Sequence[dict[str, Any]]
    tags: Sequence[str]
    """What the answer hangs on besides."""
    stamp: int
    """Cursor of the read schema in the oldest snapshot that was read."""


async def added(
    includes: Includes,
    view: KindView,
    schema: str,
    entries: Sequence[dict[str, Any]],
    fields: Sequence[str] | None,
    tree: Tree,
    units: System | None,
    stamp: int,
) -> Added:
    """Return entries with what a query wants of them and beside them.

    Args:
        includes: brings cards.
        view: kind of the entries.
        schema: of the read model.
        entries: with all their members.
        fields: members that are wanted; None: all.
        tree: what is included.
        units: in which quantities are said as well.
        stamp: of the snapshot in which the entries were read.

    Raises:
        Problem: 503 when the database does not answer.
    """
    shown = [one if fields is None else {name: one[name] for name in fields} for one in entries]
    if units is not None:
        shown = [converted(view, one, units) for one in shown]
    if not tree or not entries:
        return Added(shown, (), stamp)
    cards = await includes.cards([view], schema, [one["id"] for one in entries], tree)
    for one, whole in zip(shown, entries, strict=True):
        of = cards.of[whole["id"]]
        one["included"] = {name: of.get(name, []) for name in tree}
    return Added(shown, cards.tags, min(stamp, cards.stamp))


def converted(view: KindView, entry: Mapping[str, Any], system: System) -> dict[str, Any]:
    """Return an entry whose quantities are said in the units of a system as well.

    Args:
        view: its kind.
        entry: some of its members, as JSON values.
        system: of units.
    """
    found = dict(entry)
    for name in entry.keys() & view.fields.keys():
        field, value = view.fields[name], entry[name]
        if isinstance(field, QuantityField) and isinstance(value, dict):
            unit = said_in(system, field.unit)
            if unit is not None:
                found[name] = value | {"converted": _in_unit(value, field.unit, unit)}
    return found


def _in_unit(quantity: Mapping[str, Any], unit: str, to: str) -> dict[str, str]:
    numbers = {name: quantity[name] for name in ("value", "low", "high") if quantity.get(name) is not None}
    said = {name: rounded(carried(Decimal(one), unit, to), one) for name, one in numbers.items()}
    return {"unit": to} | said
