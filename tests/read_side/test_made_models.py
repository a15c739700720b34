"""Models that are made of a kind: no file is looked into for their words, but for those of their bases."""

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

    shown = Models(KindView(kind))
    sys.setprofile(seen)
    try:
        bodies = create_body(kind), revise_body(kind)
        made = [shown.document, shown.page, shown.draft, shown.revision]
    finally:
        sys.setprofile(None)
    assert ([], 4) == (looked, len(made))
    said = {one.model_json_schema()["properties"]["reason"]["description"] for one in bodies}
    assert {"The edit summary, kept with the event."} == said
