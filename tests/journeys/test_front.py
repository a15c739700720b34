"""From the page at / a person finds everything, and the page on markup says what the product does."""

import asyncio
import re
from pathlib import Path

from kit.checkout import ROOT
from projections.entry.links import links
from tests.servers.running import in_process

WRITING = ROOT / "docs" / "writing.md"


async def test_every_place_that_the_page_leads_to_answers(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, redis_url="") as site:
        page = await site.client.get("/", headers={"Accept": "text/html"})
        places = re.findall(r'href="([^"]+)"', page.text)
        told = (await site.client.get("/", headers={"Accept": "application/json"})).json()["links"]
        assert places == [one["path"] for one in told]
        assert {"/v1/articles", "/docs", "/openapi.json", "/livez", "/readyz"} <= set(places)
        async with asyncio.timeout(30):
            while (await site.client.get("/readyz")).status_code != 200:  # noqa: ASYNC110 - tables are made
                await asyncio.sleep(0.05)
        for place in places:
            answer = await site.client.get(place)
            assert 200 == answer.status_code, f"{place} {answer.text[:200]}"


def rows() -> list[tuple[str, str]]:
    """Return the rows of the table: what is written, and whether it counts."""
    found = re.findall(r"^\| (`+) ?(.+?) ?\1 \| (yes|no) \|", WRITING.read_text(), re.MULTILINE)
    return [(written, counts) for _, written, counts in found]


def test_what_the_page_on_markup_says_of_links_is_so() -> None:
    assert {"yes", "no"} == {counts for _, counts in rows()}
    assert 9 == len(rows())
    for written, counts in rows():
        expected = ["article/polikarpov-po-2"] if counts == "yes" else []
        text = f"See {written}.\n\n[1]: /articles/polikarpov-po-2\n"
        assert expected == links(text, {"articles": "article"}), written
