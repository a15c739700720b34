"""Copies and entity tags say which code made them: another build does not tell what an earlier one made."""

import subprocess
import sys
from pathlib import Path

from scripts.dev.more_kinds import copy_of_build

ASK = """
from read_side.entry.document import EntryAddress, document_key
from read_side.entry.kinds import VIEWS
print(document_key(VIEWS["article"], "read_entries_abc_1", EntryAddress(None, "tu-144", None)))
"""


def key(root: Path) -> str:
    asked = subprocess.run([sys.executable, "-c", ASK], cwd=root, capture_output=True, text=True, check=True)
    return asked.stdout.strip()


def test_what_another_build_made_of_the_same_rows_is_not_told(tmp_path: Path) -> None:
    copy_of_build(tmp_path / "build")
    shown = tmp_path / "build" / "read_side" / "entry" / "shown.py"
    text = shown.read_text()
    first = key(tmp_path / "build")

    shown.write_text(text.replace('"""The published document', '"""Every published document'))
    assert first == key(tmp_path / "build")

    changed = text.replace('"related": [_relation(one) for one in inward]', '"related": []')
    assert changed != text
    shown.write_text(changed)
    assert first != key(tmp_path / "build")
