"""Folders for the embedded parts of a test."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Make a short folder that every user may pass through, so that root's servers can live in it."""
    with tempfile.TemporaryDirectory(prefix="fjtest-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
