"""What runs as containers takes no more than it is given: memory, and room for what it writes."""

import re

import pytest

from kit.checkout import ROOT

TEXT = (ROOT / "compose.yml").read_text("utf-8")
SERVICES = dict(
    re.findall(
        r"^  ([a-z]+):\n((?:    .*\n|\n)+)",
        TEXT.split("\nservices:\n")[1].split("\nvolumes:")[0],
        re.MULTILINE,
    )
)
BOUNDS = 'x-bounds: &bounds\n  logging:\n    driver: json-file\n    options: {max-size: 20m, max-file: "3"}\n'


def test_the_bounds_of_what_is_written_are_those() -> None:
    assert BOUNDS in TEXT
    assert "x-ours: &ours\n  <<: *bounds\n" in TEXT
    ours = {"migrate", "api", "projector", "alarm", "telegram"}
    assert {"postgres", "valkey", "rabbitmq", "seaweedfs", *ours} == set(SERVICES)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_is_bounded(name: str) -> None:
    assert 1 == len(re.findall(r"^    <<: \*(bounds|ours)$", SERVICES[name], re.MULTILINE))
    assert 1 == len(re.findall(r"^    mem_limit: [0-9]+[mg]$", SERVICES[name], re.MULTILINE))
