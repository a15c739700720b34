"""Texts that `frankenjet bench cost` saves."""

from scripts.bench.rig.cost_texts import TEXT_BYTES, Texts


def test_a_text_is_about_eight_kilobytes_of_the_sample() -> None:
    text = Texts().first(1)

    assert TEXT_BYTES - 1 <= len(text.encode()) < TEXT_BYTES + 2_000
    assert len(set(text.splitlines())) > 10


def test_a_changed_text_differs_in_one_sentence() -> None:
    texts = Texts()
    first = texts.first(1).splitlines()

    changed = texts.changed(1).splitlines()

    assert sum(old != new for old, new in zip(first, changed, strict=True)) == 1
