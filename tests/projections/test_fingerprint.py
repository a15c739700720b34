"""A read model has another name whenever its rows could differ, and only then."""

import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from sqlalchemy import Column, Index, MetaData, Table, Text, Uuid

from projections.article import PROJECTION
from projections.fingerprint import _reached, computed, fingerprint, meaning

CODE = '''"""What it is for."""

def handle(event, rows):
    """Say what it does."""
    return event.title  # why
'''


def module(folder: Path, source: str) -> ModuleType:
    """Return a module that was read from a file with this text."""
    file = folder / "handlers.py"
    file.write_text(source)
    made = ModuleType("handlers")
    made.__file__ = str(file)
    return made


@pytest.mark.parametrize(
    "same",
    [
        CODE.replace("What it is for", "Something else"),
        CODE.replace("# why", "# because"),
        CODE.replace("return event.title", "return (event\n            .title)"),
    ],
)
def test_words_and_layout_change_nothing(same: str, tmp_path: Path) -> None:
    assert meaning(module(tmp_path, CODE)) == meaning(module(tmp_path, same))


def test_another_handler_is_another_meaning(tmp_path: Path) -> None:
    other = CODE.replace("event.title", "event.summary")
    assert meaning(module(tmp_path, CODE)) != meaning(module(tmp_path, other))


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
    assert len(names) == 4
    assert known == fingerprint(PROJECTION)


def test_a_process_keeps_its_name_when_its_files_become_those_of_another_build(tmp_path: Path) -> None:
    handlers = module(tmp_path, CODE)
    sys.modules["handlers"] = handlers
    try:
        mine = msgspec.structs.replace(PROJECTION, parameters="mine")
        before = fingerprint(mine)
        on_disk = computed(mine, (handlers,))
        module(tmp_path, CODE.replace("event.title", "event.summary"))
        assert on_disk != computed(mine, (handlers,))
        assert before == fingerprint(mine)
        (tmp_path / "handlers.py").write_text("half a fi(")
        assert before == fingerprint(mine)
    finally:
        del sys.modules["handlers"]


def test_events_and_upcasters_are_regarded_and_the_engine_is_not() -> None:
    reached = _reached({handler.__module__ for handler in PROJECTION.handlers.values()})
    reached |= _reached({event.__module__ for event in PROJECTION.handlers})
    assert {"events.article", "events.entry", "events.slug", "projections.entry_life"} <= reached
    assert not {"projections.engine", "projections.rebuild", "events.codec"} & reached
