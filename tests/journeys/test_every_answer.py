"""Nothing is answered that the API document does not declare; every problem that it declares is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from kit.auth.passwords import OWASP
from kit.auth.standing import FRESH_SECONDS
from kit.http.requests.body import BODIES
from kit.http.requests.room import HELD
from tests.faults.test_too_large import LARGE
from tests.given.fitting import Witness, declared_problems
from tests.given.imports import admin_of, ended, send
from tests.given.media.refused import NO_S3, pictured
from tests.given.media.sending import announced
from tests.journeys.accounts.administering import administering, statement
from tests.journeys.accounts.stay import HARDLY_EVER, stay, too_often
from tests.journeys.accounts.stranger import STRANGER
from tests.journeys.providers.abroad import abroad, google
from tests.journeys.stream.hooked import refused_webhooks
from tests.servers.proxy import proxied
from tests.servers.refusing import FULL_DISK
from tests.servers.running import Site, in_process
from tests.write_side.log.test_appender import held_lock

COMET = {
    "locale": "en",
    "title": "Comet",
    "slug": "comet",
    "summary": "The first jet airliner.",
    "body": "See [another](/articles/another).",
    "sources": [{"title": "A book"}],
    "tags": ["jet"],
    "category": "aircraft",
}
NOBODY = "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"
NOTHING = {"kind": "article", "filter": "category=none", "change": {"set": {"category": ""}}}
"""A change of many entries that selects none."""
BY_FAULTS = {"body-too-slow", "internal", "others-changed", "too-much-unconfirmed"} | {
    f"too-many-{one}" for one in ("comparisons", "listeners", "pictures", "selected", "streams")}  # fmt: skip
"""Problems that take half a minute, a fault of ours, much room, or a crowd: tests elsewhere make those."""


@asynccontextmanager
async def watched(database: str, folder: Path, witness: Witness, **how: Any) -> AsyncIterator[Site]:
    async with in_process(database, folder, hashing=OWASP, **how) as site:
        witness.watch(site.client)
        yield site


async def drafted(site: Site) -> str:
    """Create and revise an article, and be refused wherever that can be; return its id."""
    editor = site.editor
    made = await editor.done("POST", "/articles", COMET, key="first")
    await editor.send("POST", "/articles", COMET, key="first")
    await editor.send("POST", "/articles", COMET | {"title": "Other"}, key="first")
    await editor.send("POST", "/articles", COMET)
    await editor.send("POST", "/articles", COMET | {"slug": "x", "subject": made["id"], "title": 5})
    await editor.send("POST", "/articles", COMET | {"slug": None, "title": "!"})
    await editor.send("POST", "/facts", {"title": {"en": "One"}, "about": [{"entry": NOBODY}]})
    await editor.send("POST", "/facts", {"title": {"en": "One"}, "tags": ["nothing"]})
    source = {"entry": NOBODY, "revision": 1}
    await editor.send("POST", "/articles", COMET | {"slug": "y", "translated_from": source})
    subject = COMET | {"subject": NOBODY, "slug": "z"}
    await editor.done("POST", "/articles", subject)
    await editor.send("POST", "/articles", subject | {"slug": "zz"})
    one = f"/articles/{made['id']}"
    await editor.done("PATCH", one, {"body": "See nothing.", "reason": "Shorter"}, version=1)
    await editor.send("PATCH", one, {"body": "See all."}, version=1)
    await editor.send("PATCH", one, {"body": "See all."})
    await editor.send("PATCH", one, {"body": "ア" * 200_000}, version=2)
    await editor.send("PATCH", f"/articles/{NOBODY}", {"title": "x"}, version=1)
    public = {"If-Match": '"9f86d081884c7d659a2feaa0"'} | editor.headers
    await site.client.patch(f"/v1{one}", json={}, headers=public)
    await site.client.patch(f"/v1{one}", json={}, headers=public | {"If-Match": "*"})
    return str(made["id"])


async def published(site: Site, id_: str) -> int:
    """Take it through its life, and be refused wherever that can be; return the last position."""
    editor, moderator, one = site.editor, site.moderator, f"/articles/{id_}"
    await editor.send("PUT", f"{one}/publication", {"revision": 2}, version=2)
    await editor.done("PUT", f"{one}/submission", version=2)
    await editor.done("DELETE", f"{one}/submission", version=3)
    await editor.send("DELETE", f"{one}/submission", version=4)
    await editor.done("PUT", f"{one}/submission", version=4)
    await moderator.done("POST", f"{one}/return", {"comment": "A date, please"}, version=5)
    await moderator.send("POST", f"{one}/return", {"comment": "A date, please"}, version=6)
    await moderator.send("PUT", f"{one}/publication", {"revision": 1}, version=6)
    await moderator.send("PUT", f"{one}/publication", {"revision": 9}, version=6)
    await moderator.send("PUT", f"{one}/publication", {"revision": 2, "force": True}, version=6)
    await editor.done("POST", f"{one}/revert", {"revision": 1}, version=6)
    await editor.send("POST", f"{one}/revert", {"revision": 9}, version=7)
    await editor.done("PUT", f"{one}/submission", version=7)
    await moderator.done("PUT", f"{one}/publication", {"revision": 3}, version=8)
    await editor.send("PUT", f"{one}/submission", version=9)
    await editor.send("PUT", f"{one}/slug", {"slug": "comet-1"}, version=9)
    renamed = await moderator.done("PUT", f"{one}/slug", {"slug": "comet-1"}, version=9)
    await moderator.send("PUT", f"{one}/slug", {"slug": "z"}, version=10)
    await moderator.send("DELETE", f"{one}/slugs/comet-1", version=10)
    await moderator.send("DELETE", f"{one}/slugs/never", version=10)
    return int(renamed["position"])


async def its_own_successor(site: Site) -> None:
    """Be refused to publish a bureau that comes of itself."""
    words = {"en": "OKB"}
    said = {"title": words, "summary": words, "sources": [{"title": "A book"}]}
    made = await site.editor.done("POST", "/bureaus", said)
    one = f"/bureaus/{made['id']}"
    await site.editor.done("PATCH", one, {"successor_of": [{"entry": made["id"]}]}, version=1)
    await site.editor.done("PUT", f"{one}/submission", version=2)
    refused = await site.moderator.send("PUT", f"{one}/publication", {"revision": 2}, version=3)
    assert 422 == refused.status_code


async def archived(site: Site, id_: str) -> None:
    """Hide it and bring it back."""
    editor, moderator, one = site.editor, site.moderator, f"/articles/{id_}"
    await moderator.done("DELETE", f"{one}/slugs/comet", version=10)
    await moderator.done("DELETE", f"{one}/publication", version=10)
    await moderator.done("PUT", f"{one}/archive", version=11)
    await editor.send("PATCH", one, {"title": "x"}, version=12)
    await editor.send("PUT", f"{one}/submission", version=12)
    await moderator.send("PUT", f"{one}/publication", {"revision": 1}, version=12)
    await moderator.done("DELETE", f"{one}/archive", version=12)
    await editor.send("PATCH", one, LARGE, version=13)
    await editor.done("PATCH", one, {"summary": ""}, version=13)
    last = await editor.send("PUT", f"{one}/submission", version=14)
    assert 422 == last.status_code, "it lacks a summary"


async def read(site: Site, id_: str, position: int) -> None:
    """Ask every query for what is there, for what is not, and for what cannot be asked."""
    draft = await site.editor.send("GET", f"/articles/{id_}/draft?after={position}")
    assert 200 == draft.status_code
    await site.editor.send("POST", "/bulk", NOTHING)
    actor = (await site.editor.send("GET", f"/articles/{id_}/revisions")).json()["items"][0]["actor"]
    get, moderator = site.client.get, site.moderator.headers
    for path in (
        "articles", "articles?limit=1&sort=title", "articles/comet-1", "articles/comet", "articles/nowhere",
        f"articles/{id_}", f"articles/{id_}/draft", f"articles/{id_}/revisions?limit=1",
        f"articles/{id_}/revisions/1", f"articles/{id_}/revisions/99", f"articles/{id_}/diff?from=1&to=2",
        f"articles/{id_}/used-by?limit=1", "broken-links", "broken-links?cursor=abc", "vocabularies",
        "vocabularies/none", "vocabularies/none/x", "vocabularies?locale=de", f"accounts/{actor}",
        f"accounts/{NOBODY}", "articles?colour=red", "articles?cursor=abc",
        "articles/comet-1?after=1000000", "articles/%00", "articles?tag=%00", "articles?tag=%ff",
    ):  # fmt: skip
        for headers in ({}, moderator, site.editor.headers, {"Authorization": "Bearer x"}):
            first = await get(f"/v1/{path}", headers=headers)
            if "etag" in first.headers:
                await get(f"/v1/{path}", headers=headers | {"If-None-Match": first.headers["etag"]})
    await get("/v1/articles/comet-1", headers={"Accept-Encoding": "identity;q=0, *;q=0"})
    for path in ("/livez", "/readyz", "/metrics"):
        assert 200 == (await get(path)).status_code


async def refused_at_the_edge(site: Site) -> None:
    """Send what is no request for an application at all, and bodies that are none."""
    post, editor = site.client.post, site.editor.headers | {"content-type": "application/json"}
    await site.client.get("/v1/articles/" + "x" * 9_000)
    await site.client.get("/v1/articles", headers={"X-Long": "x" * 40_000})
    await site.client.get("/v1/articles", headers={"Host": "a b"})
    await post("/v1/articles", content=b"{}", headers=editor | {"Transfer-Encoding": "gzip"})
    await post("/v1/articles", content=b"{}", headers=editor | {"content-type": "text/plain"})
    await post("/v1/articles", content=b'{"a": 1, "a": 2}', headers=editor)
    await post("/v1/articles", content=b"{", headers=editor)
    await post("/v1/articles", content=b" " * 9_000_000, headers=editor)


async def refused_by_what_is_full_or_broken(site: Site) -> None:
    """Ask a process without room for bodies, a log that is held, and one without room on its disk."""
    editor = site.editor
    other = COMET | {"slug": "other"}
    BODIES.take(HELD - 10)
    await editor.send("POST", "/articles", other)
    BODIES.give_back(HELD - 10)
    async with held_lock(site.dsn):
        first = asyncio.create_task(editor.send("POST", "/articles", other, key="slow"))
        await asyncio.sleep(0.1)
        await editor.send("POST", "/articles", other, key="slow")
        await first
    await statement(site.dsn, FULL_DISK)
    await editor.send("POST", "/articles", COMET | {"slug": "fourth"})
    await statement(site.dsn, "drop function log.full_disk() cascade")


async def imported(site: Site, admin: dict[str, str]) -> None:
    """Import files, and be refused wherever that can be."""
    await send(site, admin, b"no zip", "format=zip&source=x")
    begun = await send(site, admin, b"{}\n" * 20_000, "format=ndjson&source=x")
    await send(site, admin, b"{}", "format=ndjson&source=x")
    for headers in ({}, site.moderator.headers, admin):
        await site.client.get(f"/v1/imports/{NOBODY}", headers=headers)
    await ended(site, admin, begun)


async def test_no_answer_is_undeclared_and_no_declared_problem_is_unheard_of(
    bare_database: str, tmp_path: Path
) -> None:
    witness = Witness()
    async with watched(bare_database, tmp_path, witness, projector=False, registration="off") as site:
        for invited in ({}, {"invitation": "k" * 32}):
            await site.client.post("/v1/accounts", json=STRANGER | invited)
        await site.client.get("/v1/articles")
        await site.editor.send("POST", "/bulk", NOTHING)
        await site.client.get("/readyz")
        await refused_webhooks(site)
    with google(folder := tmp_path / "abroad") as (provider, file):
        async with watched(bare_database, folder, witness, projector=False, providers_file=file) as site:
            await abroad(site, provider)
    async with watched(bare_database, tmp_path, witness, limits=100) as site:
        id_ = await drafted(site)
        await its_own_successor(site)
        await read(site, id_, await published(site, id_))
        await archived(site, id_)
        url = await pictured(site)
        await imported(site, admin := await admin_of(bare_database, tmp_path))
        await stay(site, tmp_path)
        await administering(site, admin)
        await refused_at_the_edge(site)
        await refused_by_what_is_full_or_broken(site)
    async with proxied(bare_database) as (proxy, dsn), watched(dsn, tmp_path, witness, **NO_S3) as site:
        await site.editor.send("POST", "/media/uploads", announced(b"x"))
        await site.client.get(url)
        await site.client.get("/v1/articles", params={"after": 1})
        await site.editor.send("GET", f"/articles/{NOBODY}/draft")
        assert 403 == (await site.editor.send("GET", f"/accounts/{NOBODY}")).status_code
        await site.moderator.send("GET", f"/accounts/{NOBODY}")
        await site.client.get(
            f"/v1/imports/{NOBODY}", headers=(admin := await admin_of(bare_database, tmp_path))
        )
        await proxy.refuse()
        proxy.reset()
        await site.client.get("/v1/articles", params={"limit": 3})
        await site.moderator.send("GET", f"/accounts/{NOBODY}")
        await site.client.get(f"/v1/imports/{NOBODY}", headers=admin)
        await site.editor.send("POST", "/articles", COMET | {"slug": "late"})
        await asyncio.sleep(FRESH_SECONDS + 0.2)
        await site.editor.send("GET", f"/articles/{NOBODY}/draft")
    async with watched(bare_database, tmp_path, witness, **HARDLY_EVER) as site:
        await too_often(site)
    async with watched(bare_database, tmp_path, witness, projector=False, registration="invitation") as site:
        await site.client.post("/v1/accounts", json=STRANGER)
        made = await site.editor.done("POST", "/articles", COMET | {"slug": "unseen"})
        await site.client.get("/v1/articles/unseen", params={"after": made["position"]})
    assert [] == witness.undeclared
    assert declared_problems() - BY_FAULTS == witness.problems - BY_FAULTS
