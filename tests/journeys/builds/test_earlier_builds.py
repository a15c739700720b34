"""Entries that an earlier build has stored, under rules that were looser, go on living."""

from pathlib import Path

import msgspec

from events.base import Text
from events.codec import Stored
from events.entry import entry_stream
from events.slug import slug_stream
from kit.ids import named_id
from tests.given.lives import store_raw
from tests.servers.running import in_process

SLUG = "018f2c1e-0000-7000-8000-0000000000ab"
SUBJECT = named_id("earlier")
ENTRY = entry_stream("article", SUBJECT, "en")
CONTENT = {
    "title": " Cafe\u0301\u200b ",
    "summary": "Short.",
    "body": msgspec.to_builtins(Text.of("A place\u202e to eat.")),
    "tags": ["a", "a "],
    "sources": [{"title": "A book ", "url": "https://me:word@example.org/"}],
}


async def test_an_entry_of_an_earlier_build_is_read_revised_published_and_renamed(
    database: str, tmp_path: Path
) -> None:
    created = {"subject": str(SUBJECT), "locale": "en", "slug": SLUG, "content": CONTENT}
    claimed = {"kind": "article", "locale": "en", "slug": SLUG, "owner": str(ENTRY)}
    published = {"revision": 1, "title": CONTENT["title"], "slug": SLUG, "locale": "en", "summary": "Short."}
    await store_raw(database, ENTRY, 0, Stored("article.created", 1, msgspec.json.encode(created)))
    place = slug_stream("article", "en", SLUG)
    await store_raw(database, place, 0, Stored("slug.claimed", 1, msgspec.json.encode(claimed)))
    await store_raw(database, ENTRY, 1, Stored("article.published", 1, msgspec.json.encode(published)))
    async with in_process(database, tmp_path) as site:
        one = f"/articles/{ENTRY}"
        shown = await site.client.get(f"/v1{one}", params={"after": 3, "fields": "title,slug,tags"})
        assert (200, {"title": CONTENT["title"], "slug": SLUG, "tags": ["a", "a "]}) == (
            shown.status_code,
            shown.json(),
        )
        await site.editor.done("PATCH", one, {"title": "Café", "summary": "Longer."}, version=2)
        refused = await site.editor.send("POST", f"{one}/revert", {"revision": 1}, version=3)
        assert (422, "/revision") == (refused.status_code, refused.json()["errors"][0]["pointer"])
        await site.moderator.done("PUT", f"{one}/slug", {"slug": "cafe"}, version=3)
        await site.editor.done("PUT", f"{one}/submission", version=4)
        receipt = await site.moderator.done("PUT", f"{one}/publication", {"revision": 2}, version=5)
        renewed = await site.client.get("/v1/articles/cafe", params={"after": receipt["position"]})
        assert (200, "Café") == (renewed.status_code, renewed.json()["title"])
