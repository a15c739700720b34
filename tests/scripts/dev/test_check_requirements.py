"""The check of the pinned requirements finds what can be wrong with them."""

import re

import pytest

from kit.checkout import ROOT
from scripts.dev import sbom
from scripts.dev.check_requirements import HOLES, applying, differences, pins, problems, with_holes

HASH = "--hash=sha256:" + "a" * 64
FILE = f"""ours==1.2 \\
    {HASH}
    # via frankenjet (pyproject.toml)
theirs==2 ; sys_platform == 'darwin' and platform_machine == 'x86_64' \\
    {HASH}
    # via ours
theirs==3 ; sys_platform != 'darwin' or platform_machine != 'x86_64' \\
    {HASH}
    # via
    #   another
    #   ours
"""


def test_a_file_in_step_has_no_problem() -> None:
    assert [] == problems("r", FILE, ["ours>=1"])
    assert [("ours", "1.2"), ("theirs", "2"), ("theirs", "3")] == [pin[:2] for pin in pins(FILE)]


@pytest.mark.parametrize(
    ("text", "direct", "complaint"),
    [
        (FILE, ["ours>=1", "new"], "lacks new"),
        (FILE, ["ours>=2"], "wants >=2"),
        (FILE, ["ours>=1", "theirs"], "does not know"),
        (FILE, [], "ours, which nothing asks for"),
        (FILE.replace(f" \\\n    {HASH}", "", 1), ["ours>=1"], "no hash for ours"),
        ("--index-url https://packages.example\n" + FILE, ["ours>=1"], "names an index"),
        (FILE + "lost @ https://packages.example/lost.whl\n", ["ours>=1"], "names an index"),
    ],
)
def test_each_thing_that_is_wrong_is_named(text: str, direct: list[str], complaint: str) -> None:
    assert any(re.search(complaint, line) for line in problems("r", text, direct))


def test_the_development_requirements_hold_the_others() -> None:
    assert [] == differences(pins(FILE), pins(FILE + FILE.replace("ours", "more")))
    assert ["requirements-dev.txt has not the same ours as requirements.txt"] == differences(
        pins(FILE), pins(FILE.replace("1.2", "1.3"))
    )


@pytest.mark.parametrize(("machine", "version"), [("x86_64", "2"), ("arm64", "3")])
def test_what_applies_on_another_platform_is_known_here(machine: str, version: str) -> None:
    there = applying(FILE, "darwin", machine)
    assert [("ours", "1.2", ""), ("theirs", version, "")] == [pin[:3] for pin in pins(there)]
    assert there.count(HASH) == 2


def test_every_requirement_of_ours_is_found_in_the_file() -> None:
    text = (ROOT / "requirements.txt").read_text("utf-8")
    assert len(re.findall(r"^\S+==", text, re.MULTILINE)) == len(pins(text)) > 0


def test_no_version_with_a_known_hole_is_pinned() -> None:
    pinned = [
        pin for file in ("", "-dev") for pin in pins((ROOT / f"requirements{file}.txt").read_text("utf-8"))
    ]
    assert [] == with_holes(pinned)
    assert {"authlib", "fastapi", "pyjwt", "starlette"} <= HOLES.keys() & {pin.name for pin in pinned}
    (said,) = with_holes(pins(FILE.replace("ours==1.2", "pyjwt==2.12.1")))
    assert said.startswith("pyjwt 2.12.1 has a hole")


def test_what_it_is_made_of_is_told_with_every_version_and_hash() -> None:
    text = (ROOT / "requirements.txt").read_text("utf-8")
    told = sbom.document()
    assert ("CycloneDX", "1.6") == (told["bomFormat"], told["specVersion"])
    parts = told["components"]
    assert [f"pkg:pypi/{pin.name}@{pin.version}" for pin in pins(text)] == [one["purl"] for one in parts]
    assert len(parts) == len({one["bom-ref"] for one in parts})
    hashes = [one["value"] for part in parts for one in part["properties"] if one["name"].endswith("sha256")]
    assert text.count("--hash=sha256:") == len(hashes)
    assert [one["bom-ref"] for one in parts] == told["dependencies"][0]["dependsOn"]


def test_nothing_is_installed_without_its_hash() -> None:
    """As the files say how it is installed, on a machine and in the image."""
    for name, times in (("scripts/bootstrap.sh", 2), ("Dockerfile", 1)):
        assert times == (ROOT / name).read_text("utf-8").count("--require-hashes"), name
