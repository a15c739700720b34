"""What a definition says, read from its syntax: its code without words, and what that refers to."""

import ast
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

EVERYTHING = "*"
"""Stands for all definitions of a module."""

_SAYS_NOTHING = frozenset({"ctx", "kind", "type_comment", "type_ignores"})

_LEAVES = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop, ast.Constant)
"""Nodes with nothing under them."""

_IMPORTS = (ast.Import, ast.ImportFrom)
_READ = (ast.Name, ast.Attribute)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_NAMELESS = (ast.Lambda, *_COMPREHENSIONS)
_CAPTURES = (ast.MatchAs, ast.MatchStar, ast.ExceptHandler)


class Definition(NamedTuple):
    """A function, class, constant or type alias at the top of a module."""

    module: str
    name: str


type DefinitionPart = str | Definition
"""A piece of what something says, or what it refers to."""


class Definitions:
    """The definitions of some packages; what stands outside of them is known by its address only.

    Args:
        packages: names of the top-level packages that are read.
    """

    def __init__(self, packages: Iterable[str]) -> None:
        self._packages = frozenset(packages)
        self._modules: dict[str, _Module] = {}

    def has(self, module: str) -> bool:
        """Tell whether a module is one of those that are read."""
        return module.partition(".")[0] in self._packages

    def says(self, one: Definition) -> list[DefinitionPart]:
        """Return what a definition says, in an order that is always the same.

        Raises:
            KeyError: there is no such definition.
        """
        module = self._module(one.module)
        if one.name == EVERYTHING:
            return [Definition(one.module, name) for name in sorted(module.nodes)]
        said: list[DefinitionPart] = []
        for node in module.nodes[one.name]:
            self._parts(node, one.module, frozenset(), said)
        return said

    def find(self, module: str, name: str, attributes: list[str]) -> DefinitionPart:
        """Return what a name in a module stands for, and take from `attributes` those that lead there."""
        here = self._module(module)
        if name in here.nodes:
            return Definition(module, name)
        if name not in here.imports:
            return name  # of Python itself
        return self._imported(*here.imports[name], attributes)

    def _imported(self, module: str, name: str, attributes: list[str]) -> DefinitionPart:
        if name:
            attributes.insert(0, name)
        if not self.has(module):
            address = ".".join([module, *attributes])
            attributes.clear()
            return address
        while attributes and _file(f"{module}.{attributes[0]}"):
            module += f".{attributes.pop(0)}"
        if not attributes:
            return Definition(module, EVERYTHING)
        return self.find(module, attributes.pop(0), attributes)

    def _module(self, name: str) -> "_Module":
        known = self._modules.get(name)
        if known is None:
            known = self._modules[name] = _Module(name)
        return known

    def _parts(self, node: ast.AST, module: str, local: frozenset[str], said: list[DefinitionPart]) -> None:
        """Add what a node says; there are very many, and each start of a process waits for all of them."""
        chain = _chain(node)
        if chain and chain[0] not in local:
            rest = chain[1:]
            said.append(self.find(module, chain[0], rest))
            said.append("".join([f".{name}" for name in rest]))
        elif isinstance(node, _IMPORTS):
            said += self._local_imports(node, module)
        else:
            if isinstance(node, _FUNCTIONS):
                local |= _bound(node)
            elif isinstance(node, _COMPREHENSIONS):
                local |= {name for part in node.generators for name in _stored(part.target)}
            self._syntax(node, module, local, said)

    def _local_imports(self, node: ast.Import | ast.ImportFrom, module: str) -> Iterator[DefinitionPart]:
        for bound, (target, wanted) in _imports(node, module).items():
            rest: list[str] = []
            yield f"{bound} is "
            yield self._imported(target, wanted, rest)
            yield "".join(f".{name}" for name in rest)

    def _syntax(self, node: ast.AST, module: str, local: frozenset[str], said: list[DefinitionPart]) -> None:
        """Add a node with what stands under it.

        Fields that hold nothing are left out: a later Python may have more of them.
        """
        said.append(f"{type(node).__name__}(")
        for field in node._fields:
            value = None if field in _SAYS_NOTHING else getattr(node, field, None)
            if value is None or value == []:
                continue
            said.append(f"{field}=")
            for item in value if isinstance(value, list) else [value]:
                if not isinstance(item, ast.AST):
                    said.append(f"{item!r},")
                elif not _is_words(item):
                    self._parts(item, module, local, said)
        said.append(")")


class _Module:
    """The names at the top of one module, as its file has them now."""

    def __init__(self, name: str) -> None:
        path = _file(name)
        if path is None:
            raise ModuleNotFoundError(name)
        self.imports: dict[str, tuple[str, str]] = {}
        """Bound name → (module, name in it; empty: the module itself)."""
        self.nodes: dict[str, list[ast.AST]] = {}
        """Name → the statements that give it its meaning, in their order."""
        for node in self._statements(ast.parse(Path(path).read_bytes()).body):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.imports |= _imports(node, name)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self.nodes.setdefault(node.name, []).append(node)
            else:
                for bound in _stored(node):
                    self.nodes.setdefault(bound, []).append(node)

    def _statements(self, body: Iterable[ast.AST]) -> Iterator[ast.AST]:
        """Yield the statements at the top, also those under a condition."""
        for node in body:
            if isinstance(node, ast.If | ast.Try | ast.With):
                yield from self._statements(ast.iter_child_nodes(node))
            elif isinstance(node, ast.stmt):
                yield node


def _file(module: str) -> str | None:
    """Return where the source of a module stands; None: there is no such module."""
    loaded = sys.modules.get(module)
    if loaded is not None:
        return loaded.__file__
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:  # what it would stand in is no package
        return None
    return spec.origin if spec else None


def _imports(node: ast.Import | ast.ImportFrom, importing: str) -> dict[str, tuple[str, str]]:
    if isinstance(node, ast.Import):
        return {
            alias.asname or alias.name.partition(".")[0]: (
                alias.name if alias.asname else alias.name.partition(".")[0],
                "",
            )
            for alias in node.names
        }
    if node.level:
        raise ValueError(f"{importing} has a relative import, which is not followed")
    return {alias.asname or alias.name: (str(node.module), alias.name) for alias in node.names}


def _chain(node: ast.AST) -> list[str]:
    """Return ["a", "b", "c"] for `a.b.c` that is read; nothing for what does not begin with a name."""
    if not isinstance(node, _READ) or isinstance(node.ctx, ast.Store):
        return []
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []


def _bound(function: ast.AST) -> frozenset[str]:
    """Return the names that a function binds for itself: its parameters and what it assigns to."""
    found: set[str] = set()
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                found.add(node.id)
            continue
        if isinstance(node, (_LEAVES, _NAMELESS)):
            continue
        if isinstance(node, _NAMED):
            found.add(node.name)
            continue
        if isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, _IMPORTS):
            found |= set(_imports(node, "a function"))
        elif isinstance(node, _CAPTURES) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
        waiting += ast.iter_child_nodes(node)
    return frozenset(found)


def _stored(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement at the top, or the target of a loop, gives a value."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id


def _is_words(node: ast.AST) -> bool:
    """Tell whether a statement is a docstring."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
