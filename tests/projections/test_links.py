"""Links found in Markdown."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from projections.links import links


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nothing", []),
        (
            "see [a](/articles/tu-144) and [b](/articles/concorde), [a](/articles/tu-144)",
            ["tu-144", "concorde"],
        ),
        ("[a](/articles/tu-144#engines) [b](/articles/tu-22?x=1)", ["tu-144", "tu-22"]),
        ("[a](/bureaus/tupolev) [b](/articles/x)", ["x"]),
        ("`[a](/articles/tu-144)` [b](/articles/b)", ["b"]),
        ("```\n[a](/articles/tu-144)\n```\n\n[b](/articles/b)", ["b"]),
        ("    [a](/articles/tu-144)\n\n[b](/articles/b)", ["b"]),
        (r"\[a](/articles/tu-144) [b](/articles/b)", ["b"]),
        ('[a](</articles/a>) [b](/articles/b "title") [c][c]\n\n[c]: /articles/c', ["a", "b", "c"]),
        ("[a](/articles/Upper) [b](/articles/b/revisions)", []),
        ("[x](/articles/d[a](/articles/a)) [b](/articles/b)", ["b"]),
        ("[id](/articles/018f2c1e-0000-7000-8000-000000000001)", ["018f2c1e-0000-7000-8000-000000000001"]),
    ],
)
def test_links_lead_to_articles(text: str, found: list[str]) -> None:
    assert links(text, "articles") == found


_PIECES = st.sampled_from(
    [
        "[a](/articles/a)",
        "[b](/articles/b-1#x)",
        "![i](/articles/c)",
        "word",
        " ",
        "\n",
        "\n\n",
        "*",
        "_",
        "# ",
        "- ",
        "1. ",
        "[",
        "]",
        "(",
        ")",
        '[t](/articles/t "title")',
        "`",
        "~~~\n",
        "\\",
        "    ",
        "[x](/articles/d",
        "](/articles/e)",
        "|",
        "!",
        "> ",
        "слово",
    ]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_nothing_that_markdown_sees_is_missed(text: str) -> None:
    tokens = [token for block in MarkdownIt("commonmark").parse(text) for token in block.children or ()]
    places = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    named = [re.fullmatch(r"/articles/([a-z0-9-]+)(#.*)?", place) for place in places]
    assert {one[1] for one in named if one} <= set(links(text, "articles"))
