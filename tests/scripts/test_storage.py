"""Where files are kept is said by the settings."""

from pathlib import Path

import pytest

from kit.errors import Refused
from kit.storage.files import FileStorage
from scripts.storage import storage_of
from tests.servers.running import settings_for

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def test_an_s3_without_a_bucket_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="name the bucket"):
        storage_of(settings_for(NOWHERE, tmp_path, s3_endpoint_url="http://127.0.0.1:1"))


def test_processes_with_the_same_key_take_each_others_tickets(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    first, second, third = (storage_of(settings_for(NOWHERE, at)) for at in (tmp_path, tmp_path, other))
    assert isinstance(first, FileStorage)
    assert isinstance(second, FileStorage)
    assert isinstance(third, FileStorage)
    assert first.secret == second.secret != third.secret
