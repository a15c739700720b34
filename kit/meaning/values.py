"""One name for all that some objects mean: their values, the code behind them, and what that refers to."""

import hashlib
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from kit.meaning.definitions import EVERYTHING, Definition, Definitions

_PLAIN = (bool, int, float, complex, str, bytes, Decimal, UUID, datetime, date, time, timedelta, range)
_NOTHING = (type(None), type(Ellipsis), type(NotImplemented))

type _Link = Definition | int
"""What a piece refers to: a definition, or an object by its identity."""

type _Said = list[str | _Link]


class Meaning:
    """Collects what objects mean.

    Args:
        packages: top-level packages whose code is read; of other code only the address counts.
        texts: class of a library → what an object of it says, such as the DDL of a table.
    """

    def __init__(self, packages: Iterable[str], texts: Mapping[type, Callable[[Any], str]]) -> None:
        self._definitions = Definitions(packages)
        self._texts = tuple(texts.items())
        self._said: dict[_Link, _Said] = {}
        self._labels: dict[_Link, str] = {}
        self._unread: list[Definition] = []
        self._kept: list[object] = []
        """Objects that were looked at, so that no identity is used twice."""

    def name(self, *roots: object) -> str:
        """Return 64 hex characters for what these objects and all the code that they reach mean.

        Raises:
            TypeError: an object of a library is reached that nothing here can describe.
        """
        said = list(self._value(roots))
        self._read()
        own = {link: _digest(self._spelt(parts)) for link, parts in self._said.items()}
        # With what it refers to beside it: two definitions may share a name and not a meaning.
        whole = {_digest([own[link], *_each(parts, own)]) for link, parts in self._said.items()}
        whole.add(_digest([_digest(self._spelt(said)), *_each(said, own)]))
        return _digest(sorted(whole))

    def _read(self) -> None:
        """Read every definition that is reached so far, directly or not."""
        while self._unread:
            link = self._unread.pop()
            if link not in self._said:
                self._labels[link] = link.name
                said = self._said[link] = [*self._definitions.says(link)]
                self._unread += (one for one in _links(said) if isinstance(one, Definition))

    def _spelt(self, parts: _Said) -> list[str]:
        return [part if isinstance(part, str) else f"<{self._labels[part]}>" for part in parts]

    def _value(self, value: Any) -> Iterator[str | _Link]:  # noqa: C901 - one line for each form
        text = next((says for cls, says in self._texts if isinstance(value, cls)), None)
        if text is not None:
            yield text(value)
        elif isinstance(value, Enum):
            yield from self._value(type(value))
            yield f".{value.name}"
        elif isinstance(value, (*_PLAIN, *_NOTHING)):
            yield f"{type(value).__name__} {value!r},"
        elif isinstance(value, Mapping):
            pairs = [[*self._value(key), ": ", *self._value(item)] for key, item in value.items()]
            yield from self._sorted(pairs)
        elif isinstance(value, set | frozenset):
            yield from self._sorted([list(self._value(item)) for item in value])
        elif isinstance(value, list | tuple) and not hasattr(value, "_fields"):
            yield "["
            for item in value:
                yield from self._value(item)
            yield "]"
        elif isinstance(value, re.Pattern):
            yield f"pattern {value.pattern!r} {value.flags}"
        elif typing.get_origin(value) is not None:
            yield from self._generic(value)
        elif isinstance(value, type | types.FunctionType | typing.TypeAliasType):
            yield from self._code(value)
        elif isinstance(value, types.MethodType | types.BuiltinFunctionType | partial) or hasattr(
            value, "__wrapped__"
        ):
            yield from self._callable(value)
        else:
            yield from self._object(value)

    def _sorted(self, many: list[_Said]) -> Iterator[str | _Link]:
        self._read()
        for parts in sorted(many, key=self._spelt):
            yield "{"
            yield from parts
            yield "}"

    def _generic(self, value: Any) -> Iterator[str | _Link]:
        origin = typing.get_origin(value)
        if origin in {typing.Union, types.UnionType}:
            yield "union"
        else:
            yield from self._value(origin)
        yield from self._value(typing.get_args(value))

    def _code(self, value: Any) -> Iterator[str | _Link]:
        """Yield a function or class: by its definition where its code is read, else by its address.

        A class that a function made stands in no file as it is; `__made_from__` says what it was made of.
        """
        made_from = vars(value).get("__made_from__")
        if made_from is not None:
            yield f"made {value.__name__}"
            yield from self._value(made_from)
            return
        module = value.__module__
        if not self._definitions.has(module):
            yield f"{module}.{getattr(value, '__qualname__', value.__name__)},"
            return
        # What is made within a function, or is a part of a class, is read with the whole of that.
        top = getattr(value, "__qualname__", value.__name__).partition(".")[0]
        link = Definition(module, EVERYTHING if top == "<lambda>" else top)
        self._unread.append(link)
        yield link
        for name, cell in zip(
            getattr(getattr(value, "__code__", None), "co_freevars", ()),
            getattr(value, "__closure__", None) or (),
            strict=True,
        ):
            yield f"{name}="
            yield from self._value(cell.cell_contents)

    def _callable(self, value: Any) -> Iterator[str | _Link]:
        if isinstance(value, types.MethodType):
            yield f".{value.__func__.__name__} of "
            yield from self._value(value.__func__)
            yield from self._value(value.__self__)
        elif isinstance(value, partial):
            yield "partial"
            yield from self._value([value.func, value.args, value.keywords])
        elif isinstance(value, types.BuiltinFunctionType):
            yield f"{value.__module__}.{value.__qualname__},"
        else:
            yield from self._value(value.__wrapped__)

    def _object(self, value: Any) -> Iterator[str | _Link]:
        """Yield an object of our own as a link, for it may lead back to itself; note once what it says."""
        cls = type(value)
        if isinstance(value, msgspec.Meta):
            yield repr(value)
            return
        if not self._definitions.has(cls.__module__):
            raise TypeError(f"what an object of {cls.__module__}.{cls.__qualname__} means cannot be told")
        link = id(value)
        yield link
        if link not in self._said:
            self._kept.append(value)
            self._labels[link] = cls.__qualname__
            said = self._said[link] = []
            said += self._value(cls)
            for name, item in sorted(_state(value).items()):
                said.append(f"{name}=")
                said += self._value(item)


def _state(value: Any) -> dict[str, Any]:
    """Return the fields of an object, however its class keeps them; or what it says itself that it means."""
    if hasattr(value, "means"):
        means: dict[str, Any] = value.means()
        return means
    if isinstance(value, msgspec.Struct):
        return {name: getattr(value, name) for name in value.__struct_fields__}
    if isinstance(value, tuple):
        return value._asdict()  # type: ignore[attr-defined, no-any-return]
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return dict(vars(value))


def _links(parts: _Said) -> Iterator[_Link]:
    return (part for part in parts if not isinstance(part, str))


def _each(parts: _Said, own: Mapping[_Link, str]) -> Iterator[str]:
    return (own[link] for link in _links(parts))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("".join([f"{len(one)}:{one}" for one in parts]).encode()).hexdigest()
