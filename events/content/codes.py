"""Fields of codes: one by which something is known, a term of a vocabulary, and several terms."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from events.base import IS_READ
from events.content.checks import FieldError
from events.content.distinct import Distinct
from events.content.field import ColumnType, Field, Filter, TermName

MAX_CODE = 64
"""Characters of a term's code."""

CODE = r"^[a-z0-9]+(_[a-z0-9]+)*$"
"""What a term's code looks like."""

_CODE = re.compile(CODE.removeprefix("^").removesuffix("$"))

_SAMPLE = "airliner"


class Coded(Field, frozen=True, kw_only=True):
    """One code."""

    COLUMN: ClassVar[ColumnType] = "text"
    FILTERS: ClassVar[frozenset[Filter]] = frozenset({"any"})

    @property
    def _stored(self) -> Any:
        return str

    @property
    def sample_of_type(self) -> Any:
        return _SAMPLE

    def _check(self, value: str) -> None:
        check_code(value)


class CodeField(Coded, frozen=True, kw_only=True):
    """A code by which something is known, such as a term in its vocabulary."""

    @property
    def empty(self) -> str:
        return ""


class TermField(Coded, frozen=True, kw_only=True):
    """A term of a vocabulary, by its code. The codes `unknown` and `none` belong to no vocabulary."""

    vocabulary: str

    MAY_BE: ClassVar[bool] = True

    @property
    def names_terms(self) -> bool:
        return True

    def terms(self, value: Any) -> Iterable[TermName]:
        return () if not value or value in self.may_be else (TermName("", self.vocabulary, value),)


class TermsField(Distinct, frozen=True, kw_only=True):
    """Terms of a vocabulary by their codes, each once."""

    vocabulary: str

    @property
    def sample_of_type(self) -> Any:
        return [_SAMPLE]

    @property
    def names_terms(self) -> bool:
        return True

    def terms(self, value: Any) -> Iterable[TermName]:
        return [TermName(f"/{number}", self.vocabulary, one) for number, one in enumerate(value or ())]

    def _check_one(self, one: str) -> None:
        check_code(one)


def check_code(value: str) -> None:
    """Refuse what no term is called; what is read is as it is.

    Raises:
        FieldError: saying what a code looks like.
    """
    if IS_READ.get():
        return
    if value in {"unknown", "none"}:
        raise FieldError(f"must not be {value}")
    if len(value) > MAX_CODE or not _CODE.fullmatch(value):
        raise FieldError("must be a code of small letters, digits, and single underscores between them")
