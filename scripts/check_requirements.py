"""Checks that the pinned requirements belong to pyproject.toml, are hashed, and name no index."""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]

OURS = "frankenjet (pyproject.toml)"
"""How a compiled file names what asks for a direct requirement."""

_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[.*?\])?==(?P<version>\S+)(?P<rest>.*?)(?=^\S|\Z)",
    re.MULTILINE | re.DOTALL,
)
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
_VIA = re.compile(r"^    #   (.+)$|^    # via (\S.*)$", re.MULTILINE)
_INDEX = re.compile(r"^\s*(--(extra-)?index-url|--find-links|-i\b|-f\b)|^[^#\n]*\bhttps?://", re.MULTILINE)


class Pin(NamedTuple):
    """One pinned requirement of a compiled file."""

    version: str
    hashed: bool
    via: frozenset[str]


def pins(text: str) -> dict[str, Pin]:
    """Return the pins of a compiled file by their normalized names."""
    return {
        canonicalize_name(found["name"]): Pin(
            found["version"],
            bool(_HASH.search(found["rest"])),
            frozenset(many or one for many, one in _VIA.findall(found["rest"])),
        )
        for found in _PIN.finditer(text)
    }


def problems(name: str, text: str, direct: Iterable[str]) -> list[str]:
    """Return what is wrong with a compiled file, in words.

    Args:
        name: of the file.
        text: its content.
        direct: the requirements of pyproject.toml that it is compiled from.
    """
    pinned = pins(text)
    wanted = {canonicalize_name(one.name): one for one in map(Requirement, direct)}
    found = [f"{name} names an index or an address: {line[0].strip()}" for line in _INDEX.finditer(text)]
    found += [f"{name} has no hash for {one}" for one, pin in pinned.items() if not pin.hashed]
    for asked, requirement in wanted.items():
        pin = pinned.get(asked)
        if pin is None:
            found.append(f"{name} lacks {asked}")
        elif not requirement.specifier.contains(pin.version, prereleases=True):
            found.append(f"{name} pins {asked} {pin.version}, pyproject.toml wants {requirement.specifier}")
        elif OURS not in pin.via:
            found.append(f"{name} does not know that pyproject.toml asks for {asked}")
    for one, pin in pinned.items():
        askers = {canonicalize_name(asker) for asker in pin.via - {OURS}}
        if not (askers & pinned.keys() or one in wanted):
            found.append(f"{name} pins {one}, which nothing asks for")
    return found


def differences(small: Mapping[str, Pin], large: Mapping[str, Pin]) -> list[str]:
    """Return where the development requirements do not hold the others."""
    return [
        f"requirements-dev.txt has not the same {one} as requirements.txt"
        for one, pin in small.items()
        if one not in large or large[one].version != pin.version
    ]


def main() -> int:
    """Say what is wrong; return the exit code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    direct = project["dependencies"]
    texts = {name: (ROOT / name).read_text("utf-8") for name in ("requirements.txt", "requirements-dev.txt")}
    found = problems("requirements.txt", texts["requirements.txt"], direct)
    both = [*direct, *project["optional-dependencies"]["dev"]]
    found += problems("requirements-dev.txt", texts["requirements-dev.txt"], both)
    found += differences(pins(texts["requirements.txt"]), pins(texts["requirements-dev.txt"]))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
