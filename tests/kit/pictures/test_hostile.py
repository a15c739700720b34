"""Hundreds of files made to break the reader end in a refusal or in a picture, and take little memory."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.pictures.cleaning import CleanPicture
from kit.pictures.refusing import REASONS
from tests.given.media.hostile import hostile
from tests.kit.pictures.test_cleaning import nothing_else_in
from tests.kit.pictures.weighing import weighed

MOST = 300 * 1024 * 1024


@pytest.mark.prove
def test_three_hundred_hostile_files_are_refused_or_become_clean_pictures() -> None:
    files = hostile(seed=1)
    assert len(files) >= 300
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(files, pool.map(weighed, files.values()), strict=True))
    for said, most, kept in found.values():
        assert most < MOST
        if "refused" in said:
            assert said["refused"] in REASONS
        else:
            nothing_else_in(kept, CleanPicture(**said))
    refused = sum("refused" in said for said, _, _ in found.values())
    assert (True, True) == (refused >= 150, len(found) - refused >= 50)
