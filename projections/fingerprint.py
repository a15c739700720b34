"""Names a read model by what builds it: its tables, its handlers, the events and upcasters under them."""

import ast
import hashlib
import importlib
import sys
from types import ModuleType

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from projections.projection import Projection

OURS = ("events", "projections")
ENGINE = {
    f"projections.{name}" for name in ("projection", "engine", "source", "rebuild", "forwarder", "catalog")
}
"""Modules that carry events to handlers: what they do does not change the rows."""


_named: dict[int, tuple[Projection, str]] = {}
"""What this process has named already. Its files may be those of another build by now; its code is not."""


def fingerprint(projection: Projection) -> str:
    """Return 12 hex characters that change whenever a rebuilt table could differ.

    It is that of the code which this process runs: found when it is first asked for, and then kept.
    """
    known = _named.get(id(projection))
    if known is None:
        known = _named[id(projection)] = projection, computed(projection)
    return known[1]


def computed(projection: Projection, also: tuple[ModuleType, ...] = ()) -> str:
    """Return the fingerprint of a projection as its files are now.

    The code is hashed as its syntax tree without docstrings and comments, so that words and layout change
    nothing.

    Args:
        projection: the read model.
        also: further modules to regard, beside those of the handlers and what these import of ours.
    """
    hasher = hashlib.sha256()
    for table in projection.tables:
        hasher.update(definition(table).encode())
    hasher.update(projection.parameters.encode())
    names = {handler.__module__ for handler in (*projection.handlers.values(), projection.needs)}
    names |= {event.__module__ for event in projection.handlers} | {m.__name__ for m in also}
    for name in sorted(_reached(names)):
        hasher.update(name.encode())
        hasher.update(meaning(sys.modules[name]).encode())
    return hasher.hexdigest()[:12]


def definition(table: Table) -> str:
    """Return the DDL of a table and its indexes, without a schema."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    indexes = sorted(str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
    return "\n".join([str(CreateTable(table).compile(dialect=dialect)), *indexes])


def meaning(module: ModuleType) -> str:
    """Return the code of a module without docstrings, comments and layout."""
    with open(str(module.__file__), encoding="utf-8") as file:  # noqa: PTH123 - also of zip-free installs only
        tree = ast.parse(file.read())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [n for n in body if not _is_words(n)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_words(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _reached(names: set[str]) -> set[str]:
    """Return these modules and all that they import of ours, directly or not."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found or name in ENGINE:
            continue
        found.add(name)
        module = sys.modules.get(name) or importlib.import_module(name)
        for value in vars(module).values():
            origin = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
            if isinstance(origin, str) and origin.split(".")[0] in OURS and origin in sys.modules:
                waiting.append(origin)
    return found
