"""What git says is read as it is meant, whatever files are called and no matter who committed."""

from datetime import UTC, datetime

import pytest

from write_side.importing.formats.git_objects import FileChange, changes, commit_facts
from write_side.importing.formats.git_paths import Paths
from write_side.importing.formats.places import place_of
from write_side.importing.record import Author

A, B = "a" * 40, "b" * 40


def test_a_commit_tells_who_when_and_why() -> None:
    facts = commit_facts(
        f"tree {A}\nauthor Zoë <z@example.org> 86400 +0200\ncommitter x <y> 1 +0000\n\nWhy\n".encode()
    )
    assert Author("Zoë", "z@example.org") == facts.author
    assert (datetime(1970, 1, 2, tzinfo=UTC), "Why\n") == (facts.at, facts.message)


def test_a_commit_is_read_in_its_own_encoding() -> None:
    facts = commit_facts(b"author \xc8\xe2\xe0\xed <i> 0 +0000\nencoding windows-1251\n\n\xce\xea")
    assert ("Иван", "Ок") == (facts.author.name, facts.message)


@pytest.mark.parametrize("broken", [b"", b"author\n\n", b"author x\n\nm", b"author <<>> x\n\n\xff"])
def test_a_broken_commit_is_nobodys(broken: bytes) -> None:
    assert None is commit_facts(broken).at


def test_changes_are_those_of_each_commit_and_paths_may_look_like_anything() -> None:
    said = f"{A}\x00:000000 100644 {A} {B} A\x00{B}\x00:100644 100644 {A} {B} R090\x00:x\x00new.md\x00{B}\x00"
    assert [
        (A, [FileChange("A", "100644", B, B), FileChange("R", "100644", B, "new.md", ":x")]),
        (B, []),
    ] == list(changes(said.encode()))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("an-2.md", ("an-2", "en")),
        ("an-2.ru.md", ("an-2", "ru")),
        ("ru/an-2.md", ("an-2", "ru")),
        ("docs/ru/deep/an-2.markdown", ("docs/deep/an-2", "ru")),
        (".ru.md", (".ru", "en")),
    ],
)
def test_a_path_tells_the_language(path: str, expected: tuple[str, str]) -> None:
    assert expected == place_of(path, "en")[:2]


def test_an_entry_keeps_its_name_where_its_file_goes_and_what_takes_its_place_is_another() -> None:
    paths = Paths("en")
    (first,) = paths.steps(A, [FileChange("A", "100644", B, "one.md")])
    (moved,) = paths.steps(B, [FileChange("R", "100644", B, "two.md", "one.md")])
    (other,) = paths.steps("c" * 40, [FileChange("A", "100644", A, "one.md")])
    assert first.entry == moved.entry
    assert other.entry.key == f"one#{'c' * 12}"


def test_two_files_that_change_places_keep_their_names() -> None:
    paths = Paths("en")
    one, two = paths.steps(A, [FileChange("A", "100644", A, n) for n in ("one.md", "two.md")])
    swapped = paths.steps(
        B,
        [FileChange("R", "100644", A, "two.md", "one.md"), FileChange("R", "100644", A, "one.md", "two.md")],
    )
    assert [one.entry, two.entry] == [step.entry for step in swapped]


def test_a_file_that_comes_back_goes_on_with_its_entry() -> None:
    paths = Paths("en")
    (first,) = paths.steps(A, [FileChange("A", "100644", A, "one.md")])
    (gone,) = paths.steps(B, [FileChange("D", "000000", B, "one.md")])
    (back,) = paths.steps("c" * 40, [FileChange("A", "100644", A, "one.md")])
    assert (first.entry, "", first.entry) == (gone.entry, gone.blob, back.entry)
