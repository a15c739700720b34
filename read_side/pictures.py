"""How a picture is shown, wherever it is: its addresses in each width and format, and what is said of it."""

from collections.abc import Mapping
from typing import Any

from kit.pictures.variants import Focus, variants

FILES = "/v1/media/files/"
"""Where the bytes of pictures are."""


def media_tag(which: object) -> str:
    """Return the purge tag of everything that shows a picture, or would show it if it were not suppressed.

    Args:
        which: its id; or the name of its file, which others may share, who are hidden with it.
    """
    return f"media:{which}"


def focus_of(said: Mapping[str, Any]) -> Focus:
    """Return the point around which a picture is cut.

    Args:
        said: of the picture, as its row holds it.
    """
    point = said["focal_point"]
    return Focus() if point is None else Focus(point["x"], point["y"])


def sources(file: str, width: int, height: int, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the forms in which a picture is there, whether or not they are made yet.

    Args:
        file: its name as it is kept.
        width: of the picture.
        height: of the picture.
        said: of it, as its row holds it.
    """
    sha256 = file.partition(".")[0]
    found: dict[str, list[dict[str, Any]]] = {"srcset": [], "square": []}
    for one in variants(width, height, focus_of(said)):
        form = {"url": FILES + one.name(sha256), "width": one.width, "height": one.height, "type": one.type}
        found["square" if one.cut else "srcset"].append(form)
    return found


HIDDEN = "exists (select from {schema}.media hidden where hidden.file = m.file and hidden.suppressed)"
"""Of a picture m: it, or one with the same bytes that came in another file, is shown to nobody."""

CARD = "m.file, m.type, m.width, m.height, m.colour, m.said"
"""SQL: what `card` takes of a row `m` of media after its id, in this order."""


def card(
    id_: str, file: str, type_: str, width: int, height: int, colour: str | None, said: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a picture as it is shown beside something else; texts are in every language."""
    measures = {"id": id_, "type": type_, "width": width, "height": height, "colour": colour}
    told = {name: said[name] for name in ("alt", "caption", "author", "source", "licence")}
    return measures | {"url": FILES + file} | sources(file, width, height, said) | told
