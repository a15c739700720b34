"""Models that are made of a kind: each start makes all of them, and looks into no file for their words."""

import sys
from dataclasses import replace
from types import FrameType

from read_side.entry.described import Models
from read_side.entry.kind import KindView
from tests.given.museum import MUSEUM
from write_side.entry.bodies import create_body, revise_body


def test_a_model_that_is_made_is_looked_for_in_no_file() -> None:
    kind = replace(MUSEUM, name="gallery")
    looked: list[str] = []

    def seen(frame: FrameType, event: str, _said: object) -> None:
        if event == "call" and frame.f_code.co_name in {"findsource", "getsourcelines"}:
            looked.append(frame.f_code.co_name)

    sys.setprofile(seen)
    try:
        bodies = create_body(kind), revise_body(kind)
        Models(KindView(kind))
    finally:
        sys.setprofile(None)
    assert [] == looked
    said = {one.model_fields["reason"].description for one in bodies}
    assert {"The edit summary, kept with the event."} == said
