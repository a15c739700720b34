"""Every kind of entry lives its whole life over HTTP: one test, made from the declarations."""

from pathlib import Path
from typing import Any

from events.kind import Kind
from events.kinds.catalog import KINDS
from events.kinds.term import TERM
from read_side.entry.kinds import VIEWS
from read_side.entry.lists.sorting import names
from tests.given.every_kind import everything, filters, needed, terms
from tests.given.fitting import Witness
from tests.given.media.kept import tell_showable
from tests.servers.running import Site, in_process


async def test_every_kind_lives_its_whole_life(database: str, tmp_path: Path) -> None:
    witness = Witness()
    async with in_process(database, tmp_path) as site:
        witness.watch(site.client)
        for said in terms(KINDS):
            await published(site, TERM, said)
        known, picture = dict[str, str](), {"picture": await tell_showable(database)}
        for kind in KINDS:
            known[kind.name] = await published(site, kind, needed(kind) | another(kind, "first"))
        for kind in KINDS:
            await lives(site, kind, everything(kind, known | picture) | another(kind, "second"), known)
    assert [] == witness.undeclared, "every answer is as OpenAPI declares it"


async def lives(site: Site, kind: Kind, said: dict[str, Any], known: dict[str, str]) -> None:
    """Take an entry through its life: made, related, revised, seen, found, compared, reverted, put away."""
    editor, moderator = site.moderator if kind.moderated else site.editor, site.moderator
    made = await editor.done("POST", f"/{kind.path}", said)
    one = f"/{kind.path}/{made['id']}"
    named = worded(kind, "Another name")
    revised = await editor.done("PATCH", one, {"title": named, "reason": "Better"}, version=1)
    assert (2, made["slug"]) == (revised["revision"], revised["slug"])
    await editor.done("PUT", f"{one}/submission", version=2)
    receipt = await moderator.done("PUT", f"{one}/publication", {"revision": 2}, version=3)

    shown = await read(site, one, after=receipt["position"])
    for field in kind.fields:
        if field.name == "title":
            continue
        assert holds(shown[field.name], said[field.name]), (kind.name, field.name, shown[field.name])
    assert shown["title"] == (named if kind.localized else {"ru": "Another name", "en": "Another name"})
    assert made["id"] == (await read(site, f"/{kind.path}/{made['slug']}"))["id"]
    for relation in shown["relations"]:
        other = await read(site, f"/{VIEWS[relation['kind']].path}/{relation['id']}")
        assert (made["id"], relation["field"]) in [(back["id"], back["field"]) for back in other["related"]]
        assert known[relation["kind"]] == relation["id"]

    view = VIEWS[kind.name]
    every = ",".join(view.document_fields)
    assert shown == await read(site, one, fields=every)
    assert made["id"] in await listed(site, kind, {"fields": ",".join(view.list_fields)})
    if not kind.localized:
        russian = await read(site, one, locale="ru")
        assert ("ru", "Another name") == (russian["locale"], russian["title"])
    for query in filters(kind, shown):
        assert made["id"] in await listed(site, kind, query), (kind.name, query)
    for query in ({"facets": ",".join(view.facets[:5])} if view.facets else {}, {"total": "true"}):
        assert made["id"] in await listed(site, kind, query), (kind.name, query)
    for named_in in view.relations:
        page = await read(site, f"/{kind.path}", include=named_in)
        brought = {one["id"]: one["included"][named_in] for one in page["items"]}
        assert {one["entry"]["id"] for one in brought[made["id"]]} == {
            relation["id"] for relation in shown["relations"] if relation["field"] == named_in
        }
    for sort in names(view):
        assert made["id"] in await listed(site, kind, {"sort": sort}), (kind.name, sort)

    diff = (await editor.send("GET", f"{one}/diff?from=1&to=2")).json()
    assert ["title"] == [change["field"] for change in diff["changes"]]
    back = await editor.done("POST", f"{one}/revert", {"revision": 1}, version=4)
    same = f"{one}/diff?from=1&to=3&after={back['position']}"
    assert [] == (await editor.send("GET", same)).json()["changes"]
    receipt = await moderator.done("PUT", f"{one}/archive", version=5)
    gone = await site.client.get(f"/v1{one}", params={"after": receipt["position"]})
    assert 404 == gone.status_code
    for name, id_ in known.items():
        assert made["id"] not in [
            back["id"] for back in (await read(site, f"/{VIEWS[name].path}/{id_}"))["related"]
        ]


def another(kind: Kind, word: str) -> dict[str, Any]:
    """Return what tells one entry of a kind from the others."""
    beside = {"locale": "en"} if kind.localized else {}
    return {"title": worded(kind, f"{kind.words} {word}")} | beside | dict.fromkeys(kind.identity, word)


def worded(kind: Kind, title: str) -> Any:
    return title if kind.localized else {"ru": title, "en": title}


def holds(shown: Any, said: Any) -> bool:
    """Tell whether an answer says what a body said: members that say nothing may come or go."""
    if isinstance(said, dict):
        return all(holds(shown.get(name), value) for name, value in said.items() if value)
    if isinstance(said, list):
        return len(shown) == len(said) and all(map(holds, shown, said))
    return bool(shown == said)


async def published(site: Site, kind: Kind, said: dict[str, Any]) -> str:
    """Publish an entry, wait until readers see it, and return its id."""
    editor = site.moderator if kind.moderated else site.editor
    if kind.moderated:
        assert 403 == (await site.editor.send("POST", f"/{kind.path}", said)).status_code
    made = await editor.done("POST", f"/{kind.path}", said)
    one = f"/{kind.path}/{made['id']}"
    await editor.done("PUT", f"{one}/submission", version=1)
    receipt = await site.moderator.done("PUT", f"{one}/publication", {"revision": 1}, version=2)
    await read(site, one, after=receipt["position"])
    return str(made["id"])


async def read(site: Site, path: str, **query: Any) -> dict[str, Any]:
    answer = await site.client.get(f"/v1{path}", params=query)
    assert 200 == answer.status_code, (path, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def listed(site: Site, kind: Kind, query: dict[str, Any]) -> list[str]:
    """Return the ids that a list tells."""
    return [item["id"] for item in (await read(site, f"/{kind.path}", limit=100, **query))["items"]]


def test_every_field_says_in_both_languages_what_it_is() -> None:
    for kind in KINDS:
        for field in (*kind.fields, *(one for each in kind.fields for one in getattr(each, "fields", ()))):
            labels, helps = {field.ru, field.en}, {field.help_ru, field.help_en}
            assert "" not in labels, (kind.name, field.name)
            assert kind.localized or "" not in helps, (kind.name, field.name)
