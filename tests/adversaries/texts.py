"""Texts that make a careless Markdown parser slow: the longest that a body may have."""

LONGEST = 200_000


def _full(piece: str) -> str:
    return piece * (LONGEST // len(piece))


ADVERSARIES = {
    "pictures that are never closed": '"/articles/x ` ' + "![" * 99_990,
    "code marks of every length": "".join("`" * n + "a" for n in range(1, 630)),
    "code marks that are never closed": _full("`a"),
    "brackets in brackets": "[" * 66_000 + "a" + "](u)" * 33_000,
    "brackets that are never closed": _full("["),
    "brackets and emphasis": _full("[*_"),
    "addresses that are never closed": _full("[a](("),
    "angles in addresses": _full("[a](<b"),
    "titles that are never closed": _full("[a](/x 'b"),
    "tags that are never closed": _full("<a b='"),
    "comments that are never closed": _full("<!--"),
    "instructions that are never closed": _full("<?"),
    "angles": _full("<"),
    "emphasis that is never closed": _full("*a_ "),
    "emphasis on both sides": _full("a**b"),
    "mixed emphasis": _full("*_"),
    "a deep quotation": _full(">"),
    "a deep quotation again and again": "\n".join(">" * n for n in range(1, 630)),
    "a deep list": _full("- "),
    "a staircase of lists": "\n".join("  " * n + "- a" for n in range(440)),
    "lists in quotations": _full("> - "),
    "an empty list with empty lines": "- " * 1_000 + "a\n" + "\n" * 100_000,
    "lazy lines behind the deepest quotation": ">" * 66_000 + "a\n" + "b\n" * 66_000,
    "lazy lines behind the deepest list": "- " * 50_000 + "[\n" * 49_000,
    "lazy lines behind a list of lines that are indented more and more": "".join(
        "\t" * (100 * n) + "- " * 200 + "a\n" for n in range(30)
    )
    + "[\n" * 70_000,
    "lazy lines behind a deep quotation": ">" * 500 + "a\n" + "b\n" * 99_000,
    "definitions": "".join(f"[{n}]: /articles/x\n" for n in range(9_000)),
    "one definition again and again": _full("[a]: /articles/x\n"),
    "a long definition that is used often": f"[a]: /{'x' * 50_000}\n\n" + "[a]" * 49_000,
    "titles of definitions": '[a]: /x "' + "\n a" * 66_000,
    "references to nothing": _full("[a][b]"),
    "entities": _full("&a"),
    "headings underlined": _full("a\n="),
    "addresses in angles": _full("<http://a"),
    "blocks of HTML": _full("<div>\n"),
    "escapes": _full("\\"),
}
"""What it is → the text; all but for the first without an address, which a test puts in."""
