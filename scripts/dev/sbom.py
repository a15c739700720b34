"""Prints what the product is made of, as CycloneDX 1.6: `python -m scripts.dev.sbom`.

Every pinned requirement with its version, its hashes and where it applies; it is what an auditor reads, and
what tools compare with lists of known holes.
"""

import re
import sys
import tomllib
from typing import Any

import orjson

from kit.checkout import ROOT
from scripts.dev.check_requirements import Pin, pins

_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})\b")


def document() -> dict[str, Any]:
    """Return the bill of materials of this checkout; the same for the same requirements."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = pins((ROOT / "requirements.txt").read_text("utf-8"))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": project["name"],
                "name": project["name"],
                "version": project["version"],
                "description": project["description"],
                "licenses": [{"license": {"id": project["license"]}}],
            }
        },
        "components": [_component(one) for one in found],
        "dependencies": [{"ref": project["name"], "dependsOn": [_address(one) for one in found]}],
    }


def _component(pin: Pin) -> dict[str, Any]:
    where = [{"name": "frankenjet:applies", "value": pin.marker}] if pin.marker else []
    return {
        "type": "library",
        "bom-ref": _address(pin),
        "name": pin.name,
        "version": pin.version,
        "purl": _address(pin),
        "properties": where
        + [{"name": "frankenjet:sha256", "value": value} for value in _HASH.findall(pin.text)],
    }


def _address(pin: Pin) -> str:
    return f"pkg:pypi/{pin.name}@{pin.version}"


def main() -> None:
    """Print it."""
    sys.stdout.buffer.write(orjson.dumps(document(), option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main()
