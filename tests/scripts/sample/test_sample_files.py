"""A file of the sample: what it may say, and how a mistake in it is reported."""

import re

import pytest

from scripts.sample import final_body
from scripts.sample.lives import read
from scripts.sample.pairs import read_pair
from scripts.sample.steps import Writing


@pytest.mark.parametrize(
    ("step", "complaint"),
    [
        ('do = "revise"\nappend = "x"\nbody = "y"', "whole or by its changes"),
        ('do = "revise"\nreplace = [{ old = "b", new = "c" }]', "stands in the body 2 times"),
        ('do = "revise"\ntitle = "T"', "changes something"),
        ('do = "revert"\nto = 1', "changes something"),
        ('do = "revert"\nto = 2', "does not exist"),
        ('do = "create"\ntitle = "T"', "only create"),
        ('do = "revise"\ntitel = "U"', "unknown field"),
        ('do = "revise"\ntitle = "' + "x" * 301 + '"', "300"),
        ('do = "revise"\nsummary = "' + "x" * 2_001 + '"', "2,000"),
        ('do = "submit"\nreason = "' + "x" * 501 + '"', "500"),
        ('do = "explode"', "explode"),
    ],
)
def test_a_file_that_cannot_be_a_life_is_refused_with_its_name(step: str, complaint: str) -> None:
    start = 'subject = "x"\nlocale = "en"\nslug = "x"\n[[step]]\ndo = "create"\nby = "anna"\nreason = "r"\n'
    reason = "" if "reason" in step else 'reason = "r"\n'
    text = f'{start}title = "T"\nbody = "b b"\n[[step]]\nby = "anna"\n{reason}{step}\n'
    with pytest.raises(ValueError, match=re.escape(complaint)) as refused:
        read("x.en", text)
    assert str(refused.value).startswith("x.en")


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        (('sources = ["a"]', 'sources = ["b"]'), "there is no source b"),
        (('category = "c"', 'kategory = "c"'), "unknown field"),
        (("[en]", "[de]"), "unknown field"),
        (('title = "T"', 'title = ""'), "must not be empty"),
    ],
)
def test_a_short_article_that_cannot_be_is_refused_with_its_name(
    changed: tuple[str, str], complaint: str
) -> None:
    text = '[{}]\nby = "anna"\nchecked_by = "elena"\nreason = "r"\n'
    text += 'title = "T"\nsummary = "s"\ntags = []\nbody = "b"\n'
    file = 'category = "c"\nsources = ["a"]\n' + text.format("ru") + text.format("en")
    cited = {"a": {"title": "A book"}}
    assert ["x.ru", "x.en"] == [life.key for life in read_pair("x", file, cited)]
    with pytest.raises(ValueError, match=complaint) as refused:
        read_pair("x", file.replace(*changed), cited)
    assert str(refused.value).startswith("x")


def test_a_step_says_only_the_fields_that_it_sets() -> None:
    text = (
        'subject = "x"\nlocale = "en"\nslug = "x"\n'
        '[[step]]\ndo = "create"\nby = "anna"\nreason = "r"\ntitle = "T"\nbody = "one two"\n'
        '[[step]]\ndo = "revise"\nby = "boris"\nreason = "r"\n'
        'replace = [{ old = "two", new = "2" }]\nappend = "three"\n'
    )
    life = read("x.en", text)
    assert [step.fields() for step in life.steps if isinstance(step, Writing)] == [
        {"title": "T", "body": "one two"},
        {"body": "one 2\n\nthree"},
    ]
    assert final_body(life) == "one 2\n\nthree"
