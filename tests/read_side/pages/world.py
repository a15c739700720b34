"""A small world of several kinds, published over HTTP: an aircraft with its family, maker and texts."""

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.servers.running import Site

SOURCES = [{"title": "A book", "url": ""}]


def both(text: str) -> dict[str, str]:
    return {"ru": f"{text} (ру)", "en": text}


class PagesWorld:
    """Publishes entries, and remembers their ids and the last position.

    Args:
        site: where.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.position = 0

    async def draft(self, path: str, slug: str, **content: Any) -> str:
        """Write an entry that can be published, and return its id."""
        summary = {} if path == "facts" else {"summary": both(f"About {slug}")}
        body = {"title": both(slug), **summary, "sources": SOURCES} | content
        made = await self.site.editor.done("POST", f"/{path}", {"slug": slug, **body})
        self.position = made["position"]
        return str(made["id"])

    async def publish(self, path: str, slug: str, **content: Any) -> str:
        """Publish an entry, and return its id."""
        id_ = await self.draft(path, slug, **content)
        await self.show(path, id_)
        return id_

    async def show(self, path: str, id_: str) -> None:
        """Publish an entry that was written."""
        place = f"/{path}/{id_}"
        await self.site.editor.done("PUT", f"{place}/submission", version=1)
        receipt = await self.site.moderator.done("PUT", f"{place}/publication", {"revision": 1}, version=2)
        self.position = receipt["position"]

    async def get(self, path: str, query: Mapping[str, Any] = {}, *, fresh: bool = True) -> Any:
        """Return what readers see at a path; fresh: not from memory, and of the last position."""
        asked = dict(query) | ({"after": self.position} if fresh else {})
        answer = await self.site.client.get(f"/v1/{path}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def family_of_four(world: PagesWorld) -> dict[str, str]:
    """Publish an aircraft, its predecessor, its variant, and another one of its maker; return name → id."""
    ids = {"maker": await world.publish("manufacturers", "plant-18", founded={"edtf": "1932"})}
    ids["designer"] = await world.publish(
        "persons", "tupolev", born={"edtf": "1888-11-10"}, died={"edtf": "1972"}
    )
    made = [{"entry": ids["maker"], "period": {"edtf": "1968/1984"}}]
    ids["before"] = await world.publish("aircraft", "tu-104", first_flight={"edtf": "1955-06-17"})
    ids["one"] = await world.publish(
        "aircraft", "tu-144", first_flight={"edtf": "1968-12-31"}, crew=3, manufacturers=made,
        designers=[{"entry": ids["designer"], "part": "all"}], predecessor=ids["before"],
        wingspan={"value": "28.8"},
    )  # fmt: skip
    ids["variant"] = await world.publish(
        "aircraft", "tu-144d", variant_of=ids["one"], first_flight={"edtf": "1974"}
    )
    ids["sibling"] = await world.publish("aircraft", "tu-154", manufacturers=made)
    about = [{"entry": ids["one"]}]
    ids["fact"] = await world.publish("facts", "faster", text=both("It was faster."), about=about)
    ids["event"] = await world.publish(
        "historical-events", "crash", time={"edtf": "1973-06-03"}, participants=about
    )
    ids["article"] = await world.publish(
        "articles", "tu-144", title="Tu-144", summary="Fast.", body="Text", locale="en", subject=ids["one"]
    )
    return ids


async def changed(world: PagesWorld, path: str, before: Any) -> Any:
    """Return what readers see at a path once it is another page than this one."""
    for _ in range(100):
        found = await world.get(path, fresh=False)
        if found != before:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("the page stays as it was")
