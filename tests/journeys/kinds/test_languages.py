"""A kind with one entry for all languages: its titles in each of them, and answers in one."""

from pathlib import Path
from typing import Any

import pytest

from events.content.codes import TermField
from events.content.localized import LocalizedLineField, LocalizedTextField
from events.content.texts import LineField
from events.entry import identified_stream
from events.kind import Kind
from events.kinds.term import TERM
from scripts.app import WholeBuild
from scripts.bot.words import sentence
from tests.given.every_kind import term
from tests.given.media.kept import tell_showable
from tests.given.museum import BUILD
from tests.journeys.test_second_kind import MONINO, published
from tests.servers.running import Site, in_process, problem

WORD = Kind(
    name="word",
    path="long-words",
    fields=(
        LocalizedLineField("title", least=1),
        LocalizedTextField("summary"),
        TermField("shelf", vocabulary="shelf"),
        LineField("code"),
    ),
    identity=("shelf", "code"),
)

TITLES: tuple[dict[str, str], ...] = ({"en": "Yak", "ru": "Як"}, {"en": "Antonov"}, {"ru": "Бериев"})


async def test_a_reader_may_ask_for_one_language(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, BUILD) as site:
        await tell_showable(database)
        one = await published(site, MONINO | {"slug": "monino"})
        told = {language: await read(site, f"{one}?locale={language}") for language in ("ru", "en")}
        assert ["Монино", "Monino"] == [each["title"] for each in told.values()]
        assert [None, MONINO["story"]["en"]] == [each["story"] for each in told.values()]
        assert ["ru", "en"] == [each["locale"] for each in told.values()]
        assert "In 1960" == told["en"]["pictures"][0]["caption"]
        assert told["ru"]["pictures"][0]["caption"] is None
        assert {"locale": "ru", "title": "Монино"} == await read(site, f"{one}?locale=ru&fields=title")
        whole = await read(site, one)
        assert (MONINO["title"], False) == (whole["title"], "locale" in whole)
        page = await read(site, "/museums?locale=ru&fields=title,slug")
        assert {"locale": "ru", "items": [{"slug": "monino", "title": "Монино"}], "next": None} == page


async def test_lists_are_sorted_by_the_titles_of_a_language(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, BUILD) as site:
        for title in TITLES:
            await published(site, {"title": title, "flagship": "x", "founded": "unknown"})
        for query, titles in (
            ("sort=title", ["Antonov", "Yak", None]),
            ("sort=-title", ["Yak", "Antonov", None]),
            ("sort=title&locale=ru", ["Бериев", "Як", None]),
        ):
            language = "ru" if "ru" in query else "en"
            found: list[str | None] = []
            cursor = ""
            while len(found) < len(TITLES):
                page = await read(site, f"/museums?{query}&limit=1{cursor}")
                (title,) = [item["title"] for item in page["items"]]
                found.append(title[language] if isinstance(title, dict) else title)
                cursor = f"&cursor={page['next']}"
            assert titles == found, query
            assert page["next"] is None


WRONG: tuple[Any, ...] = ({}, {"ru": None}, {"ru": "", "en": None}, {"de": "Flugzeug"}, "Plane", None)


async def test_a_title_is_in_at_least_one_language(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path, BUILD, projector=False) as site:
        for title in WRONG:
            refused = await site.editor.send("POST", "/museums", {"title": title})
            assert 422 == refused.status_code, title
            assert problem(refused)["errors"][0]["pointer"].startswith("/title")
        made = await site.editor.done("POST", "/museums", {"title": {"ru": "Музей"}})
        assert "muzei" == made["slug"], "from the Russian title, where there is no other"
        taken = await site.editor.send("PATCH", f"/museums/{made['id']}", {"title": {"ru": None}}, version=1)
        assert (422, "/title") == (taken.status_code, problem(taken)["errors"][0]["pointer"])


async def test_an_entry_is_known_by_values_that_never_change(database: str, tmp_path: Path) -> None:
    said = {"title": {"en": "Airplane", "ru": "Самолёт"}, "shelf": "aircraft_type", "code": "airplane"}
    async with in_process(database, tmp_path, WholeBuild.of(WORD, TERM)) as site:
        await site.moderator.done("POST", "/terms", term("shelf", "aircraft_type"))
        made = await site.editor.done("POST", "/long-words", said)
        assert str(identified_stream("word", ("aircraft_type", "airplane"))) == made["id"]
        assert "aircraft-type-airplane" == made["slug"]
        again = await site.editor.send("POST", "/long-words", said | {"slug": "other"})
        assert (409, "entry-exists", made["id"]) == (
            again.status_code, problem(again)["type"].rpartition("/")[2], problem(again)["id"],
        )  # fmt: skip
        one = f"/long-words/{made['id']}"
        refused = await site.editor.send("PATCH", one, {"code": "plane", "title": {"en": "Plane"}}, version=1)
        told = problem(refused)["errors"]
        assert (422, [{"pointer": "/code", "detail": "never changes"}]) == (refused.status_code, told)
        revised = await site.editor.done("PATCH", one, {"code": "airplane", "title": {"en": "A"}}, version=1)
        assert 2 == revised["revision"]
        for missing in ({"shelf": None}, {"code": ""}):
            empty = await site.editor.send("POST", "/long-words", said | missing)
            assert (422, f"/{next(iter(missing))}") == (
                empty.status_code, problem(empty)["errors"][0]["pointer"],
            )  # fmt: skip


def test_a_bot_says_a_title_in_english_or_else_in_russian() -> None:
    event = {"type": "museum.published", "subject": "museum/1", "actor": "x"}
    for title, said in (
        ({"ru": "Монино", "en": "Monino"}, "Monino"),
        ({"ru": "Монино", "en": None}, "Монино"),
    ):
        assert f"«{said}» was published" in sentence(event | {"data": {"title": title, "revision": 1}})


def test_a_kind_has_titles_in_the_languages_of_its_entries() -> None:
    with pytest.raises(ValueError, match="its title is in one language"):
        Kind(name="a", path="as", localized=True, fields=(LocalizedLineField("title"),))
    with pytest.raises(ValueError, match="its summary is in each language"):
        Kind(name="a", path="as", fields=(LocalizedLineField("title"), LineField("summary")))
    with pytest.raises(ValueError, match="known by a field that it does not have"):
        Kind(name="a", path="as", fields=(LocalizedLineField("title"),), identity=("code",))


async def read(site: Site, path: str) -> dict[str, Any]:
    answer = await site.client.get(f"/v1{path}")
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found
