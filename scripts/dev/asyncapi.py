"""Writes the AsyncAPI document of this build to docs/asyncapi.json, where it is committed and compared."""

import json
from pathlib import Path

from kit.checkout import ROOT
from scripts.asyncapi import PUBLIC_TYPES, document

__all__ = ["PATH", "PUBLIC_TYPES", "document", "text", "write"]

PATH = ROOT / "docs" / "asyncapi.json"


def text() -> str:
    """Return the document as it is committed."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


def write(path: Path = PATH) -> None:
    """Write the document."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    write()
