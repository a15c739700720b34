"""A read model has another name whenever its rows could differ, and only then."""

import importlib
import sys
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Column, Index, MetaData, Table, Text, Uuid

from events.catalog import UPCASTERS
from events.kinds.article import ARTICLE
from projections.builds.fingerprint import computed, fingerprint
from tests.projections.given import PROJECTION

CODE = """
def published(recorded, rows):
    return ()
"""


def test_a_column_an_index_and_a_parameter_each_give_another_name() -> None:
    known = fingerprint(PROJECTION)
    plain = Table("more", MetaData(), Column("id", Uuid, primary_key=True), Column("text", Text))
    indexed = Table(
        "more",
        MetaData(),
        Column("id", Uuid, primary_key=True),
        Column("text", Text),
        Index("more_text", "text"),
    )
    names = {
        known,
        fingerprint(msgspec.structs.replace(PROJECTION, tables=(*PROJECTION.tables, plain))),
        fingerprint(msgspec.structs.replace(PROJECTION, tables=(*PROJECTION.tables, indexed))),
        fingerprint(msgspec.structs.replace(PROJECTION, parameters="another place")),
    }
    assert 4 == len(names)
    assert known == fingerprint(PROJECTION)


def test_an_upcaster_of_an_event_that_is_handled_gives_another_name() -> None:
    def upcast(fields: dict[str, object]) -> dict[str, object]:
        return fields | {"forced": False}

    assert computed(PROJECTION) != computed(
        PROJECTION, UPCASTERS | {(ARTICLE.life.published.TYPE, 0): upcast}
    )
    assert computed(PROJECTION) == computed(PROJECTION, UPCASTERS | {("museum.published", 0): upcast})


def test_the_order_in_which_handlers_are_listed_says_nothing() -> None:
    turned = dict(reversed(list(PROJECTION.handlers.items())))
    assert computed(PROJECTION) == computed(msgspec.structs.replace(PROJECTION, handlers=turned))


def test_a_process_keeps_its_name_when_its_files_become_those_of_another_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "other_handlers.py"
    file.write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    handlers = importlib.import_module("other_handlers")
    try:
        mine = msgspec.structs.replace(PROJECTION, handlers={ARTICLE.life.published: handlers.published})
        before = fingerprint(mine)
        assert before == computed(mine)
        file.write_text(CODE.replace("()", "(1,)"))
        assert before != computed(mine)
        assert before == fingerprint(mine)
        file.write_text("half a fi(")
        assert before == fingerprint(mine)
    finally:
        del sys.modules["other_handlers"]
