"""Secrets come from files and the environment: none is committed, has a default, or is in the image."""

import re

import pytest

from kit.checkout import ROOT
from tests.given.product import files
from tests.house.test_compose import TEXT

KINDS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{16}"),
    "a token of ours": re.compile(r"\bfj[a-z]_[A-Za-z0-9_-]{43}\b"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{40,}"),
    "a key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})"),
    "a token of a Telegram bot": re.compile(r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b"),
    "a secret of a Google client": re.compile(r"\bGOCSPX-[A-Za-z0-9_-]{28}\b"),
    "a password in an address": re.compile(
        r"\b[a-z+]{3,12}://[^\s:/@\"'{}$<]+:(?P<password>[^\s/@\"'{}$<]{8,})@"
    ),
}
"""What secrets look like that somebody may commit by mistake."""

EXAMPLES = frozenset(
    {"password", "a%40b%3Ac"} | {f"fj{kind}_0T1x7qf0cXlW3m9mZb5bq3o8v6w2y4k1n0p9r8s7t6u" for kind in "brt"}
)
"""Made up, to be read by people or refused by tests."""

PLANTED = {
    "a private key": "-----BEGIN PRIVATE KEY-----\n" + "MC4CAQAwBQYDK2VwBCIEIA" * 2,
    "a token of ours": "fjb_" + "x" * 43,
    "a signed token": "eyJ" + "a" * 30 + ".eyJ" + "b" * 30 + "." + "c" * 86,
    "a key of AWS": "AKIA" + "A1" * 8,
    "a token of GitHub": "ghp_" + "a" * 36,
    "a token of a Telegram bot": "123456789:AA" + "a" * 33,
    "a secret of a Google client": "GOCSPX-" + "a" * 28,
    "a password in an address": "postgresql://ours:" + "correct-horse" + "@db/ours",
}


def secrets_in(text: str) -> set[tuple[str, str]]:
    return {
        (kind, found.group("password") if "password" in form.groupindex else found[0])
        for kind, form in KINDS.items()
        for found in form.finditer(text)
    }


def test_no_secret_is_committed() -> None:
    found = set()
    for file in files():
        if file.suffix not in {".png", ".svg"}:
            found |= {(str(file), *one) for one in secrets_in((ROOT / file).read_text("utf-8", "replace"))}
    assert [] == sorted(one for one in found if one[2] not in EXAMPLES)


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_that_is_committed_is_found(kind: str) -> None:
    assert kind in {found for found, _ in secrets_in(f"x = '{PLANTED[kind]}'\n")}


def test_no_password_of_a_container_has_a_default_and_every_port_is_this_machines() -> None:
    asked = re.findall(r"\$\{([A-Z0-9_]*PASSWORD)([^}]*)\}", TEXT)
    assert {":?"} == {rest for _, rest in asked}
    given = re.findall(r"^ +([A-Z0-9_]*(?:PASSWORD|_PASS|SECRET)[A-Z0-9_]*): (.*)$", TEXT, re.MULTILINE)
    assert [] == [name for name, value in given if not re.fullmatch(r"\$\{[A-Z0-9_]+:\?\}", value)]
    ports = re.findall(r'(?:^      - |\[)"([^"\n]*:[0-9]+)"', TEXT, re.MULTILINE)
    assert TEXT.count("_PORT:-") + 1 == len(ports)  # and PORT
    assert [] == [one for one in ports if not one.startswith("127.0.0.1:")]


def test_nothing_gets_into_the_image_but_what_is_named() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" == next(line for line in ignored if not line.startswith("#"))
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert {
        "requirements.txt",
        "kit",
        "events",
        "write_side",
        "projections",
        "read_side",
        "migrations",
        "scripts",
    } == let_in
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    copied = {
        one.split()[1] for one in dockerfile.splitlines() if one.startswith("COPY") and "--from" not in one
    }
    assert let_in == copied
    assert [] == re.findall(r"(?i)^(?:ARG|ENV).*(?:password|secret|token|key)", dockerfile, re.MULTILINE)
    assert "--require-hashes" in dockerfile
    assert "\nUSER 10001:10001\n" in dockerfile
