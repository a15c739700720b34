"""Checks that the pinned requirements belong to pyproject.toml, are hashed, and name no index."""

import re
import sys
import tomllib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from kit.checkout import ROOT

OURS = "frankenjet (pyproject.toml)"
"""How a compiled file names what asks for a direct requirement."""

HOLES = {
    "authlib": "<1.6.11", "cryptography": "<48.0.1", "fastapi": "<0.109.1", "h11": "<0.16",
    "jinja2": "<3.1.6", "orjson": "<3.9.15", "pyjwt": "<2.13", "python-multipart": "<0.0.27",
    "redis": "<4.5.5", "starlette": "<1.3.1", "urllib3": "<2.6.3",
}  # fmt: skip
"""Versions with holes that touch us, by their advisories: none of them is pinned again by mistake. Of the
rest `pip-audit -r requirements.txt` knows."""

_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[.*?\])?==(?P<version>\S+)(?: ; (?P<marker>[^\\\n]+))?"
    r"(?P<rest>.*?)(?=^\S|\Z)",
    re.MULTILINE | re.DOTALL,
)
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")
_VIA = re.compile(r"^    #   (.+)$|^    # via (\S.*)$", re.MULTILINE)
_INDEX = re.compile(r"^\s*(--(extra-)?index-url|--find-links|-i\b|-f\b)|^[^#\n]*\bhttps?://", re.MULTILINE)


class Pin(NamedTuple):
    """One pinned requirement of a compiled file."""

    name: str
    version: str
    marker: str
    """Where it applies; empty: everywhere."""
    hashed: bool
    via: frozenset[str]
    text: str


def pins(text: str) -> list[Pin]:
    """Return the pins of a compiled file; a name may stand there once for each of several platforms."""
    return [
        Pin(
            canonicalize_name(found["name"]),
            found["version"],
            (found["marker"] or "").strip(),
            bool(_HASH.search(found["rest"])),
            frozenset(many or one for many, one in _VIA.findall(found["rest"])),
            found[0],
        )
        for found in _PIN.finditer(text)
    ]


def problems(name: str, text: str, direct: Iterable[str]) -> list[str]:
    """Return what is wrong with a compiled file, in words.

    Args:
        name: of the file.
        text: its content.
        direct: the requirements of pyproject.toml that it is compiled from.
    """
    pinned = pins(text)
    names = {pin.name for pin in pinned}
    wanted = [Requirement(one) for one in direct]
    asked = {canonicalize_name(one.name) for one in wanted}
    found = [f"{name} names an index or an address: {line[0].strip()}" for line in _INDEX.finditer(text)]
    found += [f"{name} has no hash for {pin.name}" for pin in pinned if not pin.hashed]
    found += [f"{name} lacks {one}" for one in sorted(asked - names)]
    for one in wanted:
        of_it = [pin for pin in pinned if pin.name == canonicalize_name(one.name)]
        if of_it and not any(one.specifier.contains(pin.version, prereleases=True) for pin in of_it):
            found.append(f"{name} pins {one.name} {of_it[0].version}, pyproject.toml wants {one.specifier}")
        if any(OURS not in pin.via for pin in of_it):
            found.append(f"{name} does not know that pyproject.toml asks for {one.name}")
    for pin in pinned:
        askers = {canonicalize_name(asker) for asker in pin.via - {OURS}}
        if not askers & names and pin.name not in asked:
            found.append(f"{name} pins {pin.name}, which nothing asks for")
    return found


def with_holes(pinned: Iterable[Pin]) -> list[str]:
    """Return which pinned versions have holes that are known."""
    return [
        f"{pin.name} {pin.version} has a hole that is known; it is closed where {HOLES[pin.name]} is not so"
        for pin in pinned
        if pin.name in HOLES and SpecifierSet(HOLES[pin.name]).contains(pin.version, prereleases=True)
    ]


def differences(small: Iterable[Pin], large: Iterable[Pin]) -> list[str]:
    """Return where the development requirements do not hold the others."""
    there = {(pin.name, pin.version) for pin in large}
    return [
        f"requirements-dev.txt has not the same {pin.name} as requirements.txt"
        for pin in small
        if (pin.name, pin.version) not in there
    ]


def applying(text: str, sys_platform: str, machine: str) -> str:
    """Return the pins of a compiled file that apply on a platform, without their markers."""
    there = {"sys_platform": sys_platform, "platform_machine": machine, "os_name": "posix"}
    return "".join(
        pin.text.replace(f" ; {pin.marker}", "")
        for pin in pins(text)
        if not pin.marker or Marker(pin.marker).evaluate(there)
    )


def main(arguments: Sequence[str]) -> int:
    """Say what is wrong, or with `--for darwin x86_64` print what applies there; return the exit code."""
    small, large = ((ROOT / f"requirements{kind}.txt").read_text("utf-8") for kind in ("", "-dev"))
    if arguments:
        sys.stdout.write(applying(small, arguments[1], arguments[2]))
        return 0
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    direct: list[str] = project["dependencies"]
    found = problems("requirements.txt", small, direct)
    found += problems("requirements-dev.txt", large, [*direct, *project["optional-dependencies"]["dev"]])
    found += differences(pins(small), pins(large))
    found += with_holes(pins(large))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
