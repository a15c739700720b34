"""`python -m scripts.dev.drawings`: renders the drawings of the sample; a test compares what is committed."""

from pathlib import Path

import resvg_py

from kit.checkout import ROOT

PLACE = ROOT / "scripts" / "sample" / "drawings"
WIDTH = 512
"""Pixels."""


def rendered(drawing: Path) -> bytes:
    """Return an SVG as PNG."""
    return bytes(resvg_py.svg_to_bytes(svg_string=drawing.read_text(), width=WIDTH, skip_system_fonts=True))


if __name__ == "__main__":
    for one in sorted(PLACE.glob("*/*.svg")):
        one.with_suffix(".png").write_bytes(rendered(one))
