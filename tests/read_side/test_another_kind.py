"""A kind without a long text, list columns or filters: everything else is shared."""

from typing import Any

from fastapi import FastAPI

from events.codec import Codec
from events.content.localized import Localized, LocalizedLineField
from events.content.texts import LineField
from events.entry import Change
from events.kind import Kind
from events.kinds.catalog import KINDS
from events.slug import EVENTS as SLUGS
from events.slug import SlugClaimed, slug_stream
from kit.http.problems import install
from kit.ids import named_id
from projections.entry.projection import entry_projection
from read_side.entry.api import entry_queries
from read_side.entry.kinds import Entries
from read_side.main import ReadSide
from tests.read_side.site import EDITORS, site

BUREAU = Kind(
    name="bureau", path="bureaus", fields=(LocalizedLineField("title", least=1), LineField("founder"))
)
ENTRIES = Entries([BUREAU])
TUPOLEV = Localized(en="Tupolev")


async def test_a_kind_of_two_fields_has_every_query(database: str) -> None:
    projection = entry_projection(ENTRIES)
    codec = Codec((*BUREAU.life, *SLUGS))
    async with site(
        database, projection, codec, queries=[lambda sources: entry_queries(ENTRIES, sources)]
    ) as here:
        stream = named_id("bureau", "tupolev")
        add = here.log.add
        add(slug_stream("bureau", None, "tupolev"), SlugClaimed(kind="bureau", slug="tupolev", owner=stream))
        content = BUREAU.content(title=TUPOLEV)
        add(stream, BUREAU.life.created(slug="tupolev", content=content))
        changed = {"founder": Change(before="", after="A. N. Tupolev")}
        add(stream, BUREAU.life.revised(revision=2, changed=changed))
        headline: dict[str, Any] = {"title": TUPOLEV, "slug": "tupolev", "summary": Localized()}
        add(stream, BUREAU.life.published(revision=2, **headline))
        await here.shown()
        found = (await here.get("/v1/bureaus/tupolev")).json()
        assert (found["kind"], found["founder"], found["links"]) == ("bureau", "A. N. Tupolev", [])
        assert "body" not in found
        assert (await here.get("/v1/bureaus")).json()["items"][0]["slug"] == "tupolev"
        assert (await here.get("/v1/bureaus", tag="x")).status_code == 400
        place = f"/v1/bureaus/{stream}"
        assert (await here.get(f"{place}/draft", EDITORS)).json()["founder"] == "A. N. Tupolev"
        diff = (await here.get(f"{place}/diff", EDITORS, **{"from": 1, "to": 2})).json()
        assert [change["field"] for change in diff["changes"]] == ["founder"]
        assert len((await here.get(f"{place}/revisions")).json()["items"]) == 1


def test_the_interface_is_described() -> None:
    app = FastAPI()
    install(app)
    app.router.routes.extend(ReadSide("", {"entries": ""}).routes)
    document = app.openapi()
    operations = {path: one["get"] for path, one in document["paths"].items() if "get" in one}
    for kind in KINDS:
        place = f"/v1/{kind.path}"
        assert {place, f"{place}/{{address}}"} <= set(operations)
        more = ("draft", "revisions", "revisions/{number}", "diff")
        assert {f"{place}/{{id}}/{one}" for one in more} <= set(operations)
    listed = {parameter["name"] for parameter in operations["/v1/articles"]["parameters"]}
    assert listed == {
        "locale",
        "tag",
        "category",
        "sort",
        "cursor",
        "limit",
        "fields",
        "after",
        "total",
        "facets",
    }
    read = [parameter["name"] for parameter in operations["/v1/articles/{address}"]["parameters"]]
    assert read == ["address", "fields", "after"]
    assert set(document["components"]["schemas"]["Article"]["properties"]) >= {"body", "sources", "links"}
    assert "security" in operations["/v1/articles/{id}/draft"]
