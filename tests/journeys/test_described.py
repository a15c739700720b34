"""What the API document declares is what the API does: every value of every parameter, every answer."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from events.kinds.catalog import KINDS
from tests.given.described import Operation, operations, resolved
from tests.given.fitting import fitting
from tests.given.imports import admin_of, send
from tests.given.media.pictures import written
from tests.given.media.sending import registered
from tests.servers.running import Site, in_process

ARTICLE = {
    "locale": "en",
    "title": "Comet",
    "slug": "comet",
    "summary": "The first jet airliner.",
    "body": "See [another](/articles/another).",
    "sources": [{"title": "A book"}],
    "tags": ["jet"],
    "category": "aircraft",
}

OTHERS = {kind.path for kind in KINDS} - {"articles"} | {"designers", "events", "callback", "files", "avatar"}
"""Other kinds, whose answers are looked at while `kinds.test_every_kind` takes them through their lives;
a stream, which has no end; bytes of pictures; and the way back from a provider, which has to send somebody
there first."""

TERM: dict[str, Any] = {"name": "status", "code": "retired"}
"""A vocabulary and a code of it, as paths name them."""

WORDS = {"tag": "jet", "category": "aircraft", "from": "1939-09~", "to": "1945"}
WORDS |= {"name": "a", "email": "anna@", "action": "role.granted"}
WORDS |= {"q": "biplane", "licence": "CC0", "author": "Anna", "used_in": "aircraft"}
WORDS |= {"after": "now", "kind": "article", "type": "article.published"}
WORDS |= dict.fromkeys(("since", "before"), "2026-01-31T12:00:00Z")
"""Parameter → a value, where any text is one."""


async def published(site: Site, body: dict[str, Any]) -> dict[str, Any]:
    """Publish an article with two revisions; return the last receipt."""
    made = await site.editor.done("POST", "/articles", body)
    one = f"/articles/{made['id']}"
    await site.editor.done("PATCH", one, {"body": "See nothing.", "reason": "Shorter"}, version=1)
    await site.editor.done("PUT", f"{one}/submission", version=2)
    return await site.moderator.done("PUT", f"{one}/publication", {"revision": 2}, version=3)


async def known_term(site: Site) -> None:
    """Publish a term of a vocabulary."""
    said = {"title": {"en": "Retired"}, "vocabulary": TERM["name"], "code": TERM["code"]}
    one = f"/terms/{(await site.moderator.done('POST', '/terms', said))['id']}"
    await site.moderator.done("PUT", f"{one}/submission", version=1)
    await site.moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=2)


def values(name: str, schema: Mapping[str, Any]) -> list[Any]:
    """Return every value that a parameter can have, or one of each sort where there are too many."""
    if schema["type"] == "array":
        return values(name, schema["items"])
    if schema["type"] == "integer":
        return [schema["minimum"], min(schema["maximum"], 100)] if name == "limit" else [schema["minimum"]]
    if schema["type"] == "boolean" or "enum" in schema:
        return list(schema.get("enum", ("true", "false")))
    if name in {"fields", "facets", "include"}:
        members = re.findall(r"[a-z_.]+", schema["pattern"].replace("\\", "").partition(")")[0])
        return [*members, ",".join(members if name == "fields" else members[:5])]
    if schema.get("format") == "uuid":
        return ["0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"]
    return [WORDS[name]]


def asked(one: Operation, fixed: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the queries of an operation: what it requires, then each further value of each parameter."""
    parameters = [each for each in one.facts.get("parameters", ()) if each["in"] == "query"]
    needed = {each["name"]: fixed.get(each["name"], 1) for each in parameters if each["required"]}
    yield needed
    for each in parameters:
        if each["name"] not in {*needed, "cursor"}:
            for value in values(each["name"], resolved(each["schema"])):
                yield needed | {each["name"]: value}


async def test_every_declared_value_of_every_parameter_is_answered_as_declared(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path, webhooks_loopback=True) as site:
        await known_term(site)
        await published(site, ARTICLE | {"slug": "another"})
        receipt = await published(site, ARTICLE)
        place = {"id": receipt["id"], "address": "comet", "number": 2, "to": 2} | TERM
        seen = await site.client.get("/v1/articles/comet", params={"after": receipt["position"]})
        assert 200 == seen.status_code
        history = (await site.client.get(f"/v1/articles/{receipt['id']}/revisions")).json()
        admin = await admin_of(database, tmp_path)
        imported = (await send(site, admin, b"{}", "format=ndjson&source=x")).json()["id"]
        nothing = {"kind": "article", "ids": [receipt["id"]], "change": {"take": {"tags": ["none of it"]}}}
        change = (await site.editor.done("POST", "/bulk", nothing))["id"]
        picture = await registered(site.editor, written("PNG"))
        await site.client.get("/v1/media", params={"after": picture["position"]})
        hook = await site.client.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/"}, headers=admin)
        large = {"type": "image/png", "size": 9_000_000, "sha256": "a" * 64}
        begun = await site.client.post("/v1/media/uploads", json=large, headers=admin)
        count = 0
        for one in operations():
            if one.method != "GET" or OTHERS.intersection(one.path.split("/")):
                continue
            mine = place | ({"id": history["items"][0]["actor"]} if "accounts" in one.path else {})
            mine |= {"id": imported} if "imports" in one.path else {}
            mine |= {"id": change} if "bulk" in one.path else {}
            mine |= {"id": picture["id"]} if "media" in one.path else {}
            mine |= {"id": begun.json()["id"]} if "uploads" in one.path else {}
            mine |= {"id": hook.json()["id"]} if "webhooks" in one.path else {}
            for query in asked(one, mine):
                headers = admin if "security" in one.facts else {}
                answer = await site.client.get(one.path.format(**mine), params=query, headers=headers)
                assert 200 == answer.status_code, f"{one.name} {query} {answer.text}"
                assert [] == fitting(one, answer), f"{one.name} {query}"
                count += 1
        assert count > 60

        listing, revisions = (
            next(one for one in operations() if one.name == name)
            for name in ("list_articles", "list_article_revisions")
        )
        for one in (listing, revisions):
            for query in asked(one, {}):
                where = one.path.format(**place)
                first = (await site.client.get(where, params=query | {"limit": 1})).json()
                if first["next"]:
                    more = await site.client.get(where, params=query | {"limit": 1, "cursor": first["next"]})
                    assert (200, []) == (more.status_code, fitting(one, more)), query


async def test_every_refusal_of_a_command_is_declared_with_its_members(database: str, tmp_path: Path) -> None:
    by_name = {one.name: one for one in operations()}
    async with in_process(database, tmp_path) as site:
        editor, moderator = site.editor, site.moderator
        made = await editor.send("POST", "/articles", ARTICLE, key="first")
        one = f"/articles/{made.json()['id']}"
        subject = "0d6c0c3e-6a3e-5d0b-9f1c-2a4b8f7e1c55"
        await editor.done("POST", "/articles", ARTICLE | {"subject": subject, "slug": "third"})
        place, publication, slugs = "/articles", f"{one}/publication", f"{one}/slugs"
        again = ARTICLE | {"subject": subject, "slug": "fourth"}
        told = [
            ("create_article", 201, made),
            ("revise_article", 200, await editor.send("PATCH", one, {"title": "Comet 2"}, version=1)),
            ("create_article", 409, await editor.send("POST", place, ARTICLE)),
            ("create_article", 409, await editor.send("POST", place, again)),
            ("create_article", 422, await editor.send("POST", place, ARTICLE | {"title": 5})),
            ("create_article", 422, await editor.send("POST", place, again, key="first")),
            ("revise_article", 412, await moderator.send("PATCH", one, {"title": "Mine"}, version=1)),
            ("revise_article", 412, await moderator.send("PATCH", one, {"title": "Mine"}, version=9)),
            ("revise_article", 428, await editor.send("PATCH", one, {"title": "Mine"})),
            ("revise_article", 404, await editor.send("PATCH", f"{place}/{subject}", {}, version=1)),
            ("withdraw_article", 409, await editor.send("DELETE", f"{one}/submission", version=2)),
            ("return_article", 403, await editor.send("POST", f"{one}/return", {"comment": "x"}, version=2)),
            ("publish_article", 409, await moderator.send("PUT", publication, {"revision": 1}, version=2)),
            ("publish_article", 409, await moderator.send("PUT", publication, {"revision": 7}, version=2)),
            (
                "publish_article",
                422,
                await moderator.send("PUT", publication, {"revision": 1, "force": True}, version=2),
            ),
            ("release_slug_of_article", 409, await moderator.send("DELETE", f"{slugs}/comet", version=2)),
            ("release_slug_of_article", 404, await moderator.send("DELETE", f"{slugs}/x", version=2)),
            ("submit_article", 401, await site.client.put(f"/v1{one}/submission")),
        ]
        for name, status, answer in told:
            assert status == answer.status_code, answer.text
            assert [] == fitting(by_name[name], answer), f"{name} {status}"
        late = await site.client.get("/v1/articles/comet", params={"after": 10_000})
        assert late.status_code in {400, 503}, "a position that the log does not have"
        assert [] == fitting(by_name["read_article"], late)
