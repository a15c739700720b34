"""Texts of an article: one spelling of each line, and nothing that cannot be seen."""

from pathlib import Path
from typing import Any

import pytest

from events.base import Meta
from events.content.sources import Citation
from events.kinds.article import ARTICLE
from kit.ids import named_id
from tests.journeys.test_editor import ARTICLE as SENT
from tests.servers.running import in_process

INVISIBLE: list[tuple[dict[str, Any], str]] = [
    ({"title": "   "}, "/title"),
    ({"title": "\u200b\u200b"}, "/title"),
    ({"title": "Ту\u200e-144"}, "/title"),
    ({"title": "Ту\u0378-144"}, "/title"),
    ({"tags": ["ёж\u0378"]}, "/tags/0"),
    ({"tags": ["\u3164"]}, "/tags/0"),
    ({"tags": [" "]}, "/tags/0"),
    ({"tags": ["ёж", " е\u0308ж"]}, "/tags"),
    ({"sources": [{"title": "\u00a0"}]}, "/sources/0/title"),
    ({"sources": [{"title": "A book", "url": "https://me:secret@example.org/"}]}, "/sources/0/url"),
    ({"body": "a\u202eb"}, "/body"),
    ({"summary": "a\u0085b"}, "/summary"),
    ({"reason": "\u2066why"}, "/reason"),
]


async def test_what_cannot_be_seen_is_refused_and_what_can_has_one_spelling(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        for wrong, pointer in INVISIBLE:
            refused = await site.editor.send("POST", "/articles", SENT | wrong)
            assert (422, pointer) == (refused.status_code, refused.json()["errors"][0]["pointer"]), wrong
        spelt = {
            "title": " Те\u0308плый\u00a0",
            "tags": [" е\u0308ж "],
            "sources": [{"title": "Кни\u0301га "}],
        }
        made = await site.editor.done("POST", "/articles", SENT | spelt)
        position = made["position"]
        draft = (await site.editor.send("GET", f"/articles/{made['id']}/draft?after={position}")).json()
        assert ("Тёплый", ["ёж"]) == (draft["title"], draft["tags"])
        same = await site.editor.done("PATCH", f"/articles/{made['id']}", {"title": "Тёплый"}, version=1)
        assert 1 == same["version"]
        for blank in ({"summary": " \n "}, {"body": "\n\u200b\n"}):
            other = await site.editor.done("POST", "/articles", SENT | blank | {"slug": "blank"})
            path = f"/articles/{other['id']}"
            refused = await site.editor.send("PUT", f"{path}/submission", version=1)
            assert (422, f"/{next(iter(blank))}") == (
                refused.status_code,
                refused.json()["errors"][0]["pointer"],
            )
            await site.editor.done("PUT", f"{path}/slug", {"slug": f"{next(iter(blank))}-blank"}, version=1)
            await site.moderator.send("DELETE", f"{path}/slugs/blank", version=2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " x"},
        {"title": "е\u0308"},
        {"title": "\u3164"},
        {"tags": ("a", "a")},
        {"tags": ("a ",)},
        {"summary": "a\u202eb"},
        {"category": "\u200b"},
    ],
)
def test_the_constructor_of_the_content_refuses_the_same(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ARTICLE.content(**({"title": "x"} | wrong))


def test_the_other_constructors_refuse_the_same() -> None:
    with pytest.raises(ValueError, match="password"):
        ARTICLE.content(title="x", sources=(Citation(title="x", url="https://a:b@c.org"),))
    with pytest.raises(ValueError, match="/sources/0/title"):
        ARTICLE.content(title="x", sources=(Citation(title="x ", url=""),))
    with pytest.raises(ValueError, match="comment"):
        ARTICLE.life.returned(comment=" ")
    with pytest.raises(ValueError, match="reason"):
        Meta(actor=named_id("a"), command=named_id("c"), reason="a\u200b")
