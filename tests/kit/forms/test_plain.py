"""Lists, hosts, numbers and levels as people write them, and the settings that are read from them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.checkout import ROOT
from kit.errors import Refused
from kit.forms import Wrong
from kit.forms.lists import hosts, origins, paths
from kit.forms.plain import host, level, number, prefix, switch
from kit.settings import Settings

HOSTS = st.from_regex(
    r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]([a-z0-9-]{0,8}[a-z0-9])?){0,2}", fullmatch=True
)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://a.example, https://b.example", ("https://a.example", "https://b.example")),
        ("https://b.example/", ("https://b.example",)),
        ("HTTPS://B.example", ("https://b.example",)),
        ("https://b.example:443 http://b.example:80", ("https://b.example", "http://b.example")),
        ("http://localhost:3000,,http://localhost:3000/", ("http://localhost:3000",)),
        ("https://пример.example", ("https://xn--e1afmkfd.example",)),
        ("http://[::1]:8000", ("http://[::1]:8000",)),
        ("", ()),
    ],
)
def test_origins_are_read_as_browsers_send_them(written: str, read: tuple[str, ...]) -> None:
    assert read == origins(written)


@given(st.sampled_from(["http", "https", "HTTP"]), HOSTS, st.none() | st.integers(1, 65535))
def test_what_was_read_is_read_again_as_it_is(scheme: str, name: str, port: int | None) -> None:
    once = origins(f"{scheme}://{name}{'' if port is None else f':{port}'}/")
    assert once == origins(", ".join(once))


@pytest.mark.parametrize(
    "entry",
    [
        "*",
        "https://*.example",
        "https://b.example/app",
        "b.example",
        "null",
        "https://b.example:0",
        "ftp://b.example",
    ],
)
def test_an_origin_that_could_match_nothing_or_everything_is_named(entry: str) -> None:
    with pytest.raises(Wrong, match="«") as refused:
        origins(f"https://a.example, {entry}")
    assert f"«{entry}»" in str(refused.value)


def test_an_origin_with_a_password_is_refused_without_it() -> None:
    for read in (origins, hosts):
        with pytest.raises(Wrong) as refused:
            read("https://u:hunter@b.example")
        assert "hunter" not in str(refused.value)


def test_paths_may_have_spaces_and_homes() -> None:
    assert (Path("a b"), Path.home() / "c") == paths("a b, ~/c,")


@pytest.mark.parametrize(
    ("read", "written", "value"),
    [
        (host, " [::1] ", "::1"),
        (host, "LOCALHOST", "localhost"),
        (host, "*", "0.0.0.0"),  # noqa: S104 - what is asked for
        (level, "WARN", "warning"),
        (level, " Info ", "info"),
        (number(1, 9), " 7 ", 7),
        (switch, "Yes", True),
        (switch, "0", False),
        (prefix, "site-1:a", "site-1:a"),
    ],
)
def test_words_and_numbers_have_one_spelling(read: Callable[[Any], Any], written: str, value: object) -> None:
    assert value == read(written)


@pytest.mark.parametrize(
    ("read", "written"),
    [
        (host, "http://db"), (host, "db:8000"), (host, ""), (level, "verbose"), (number(1, 9), "1_0"),
        (number(1, 9), "+1"), (number(1, 9), "0"), (number(1, 9), "1.0"), (number(1, 9), "٣"),
        (switch, "maybe"), (prefix, "a b"), (prefix, ""),
    ],
)  # fmt: skip
def test_anything_else_is_refused(read: Callable[[Any], Any], written: str) -> None:
    with pytest.raises(Wrong):
        read(written)


def test_spaces_alone_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "PORT", "FRANKENJET_CORS_ORIGINS", "FRANKENJET_STATE", "SAMPLE"):
        monkeypatch.setenv(name, "  ")
    settings = Settings()
    assert ("", None, (), ROOT / ".state", None) == (
        settings.database_url, settings.port, settings.cors_origins, settings.state, settings.sample,
    )  # fmt: skip


def test_not_even_a_traceback_quotes_what_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://fj:hunter@db/fj")
    with pytest.raises(Refused) as refused:
        Settings()
    assert "hunter" not in str(refused.value)
