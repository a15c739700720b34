"""A slug belongs to one article in each language: both languages may have the same one."""

import asyncio
import random
from collections.abc import Awaitable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import pytest

from events.base import Locale
from events.codec import CODEC
from events.slug import SlugClaimed, SlugReleased, slug_stream
from kit.errors import Problem
from kit.ids import new_id
from tests.write_side.test_bus import ARTICLE, CreateArticle, call, create, refusal
from write_side.bus import Bus
from write_side.command import Why
from write_side.entry import commands
from write_side.main import bus
from write_side.receipt import Receipt

LOCALES: tuple[Locale, ...] = ("ru", "en")
SLUGS = ("an-2", "an-3", "an-24")
WISHES = ("create", "rename", "rename", "release")


def an_2(locale: Locale, slug: str = "an-2", subject: str | None = None) -> Any:
    return CreateArticle(title="An-2", locale=locale, slug=slug, subject=subject)


async def rename(running: Bus, id_: UUID, version: int, slug: str) -> Receipt:
    asked = call(stream=id_, expected=version)
    return await running.run(commands.rename, ARTICLE, asked, commands.Rename(slug=slug))


async def release(running: Bus, id_: UUID, version: int, slug: str) -> Receipt:
    asked = msgspec.structs.replace(call(stream=id_, expected=version), part=slug)
    return await running.run(commands.release_slug, ARTICLE, asked, Why())


async def owner_of(running: Bus, locale: Locale, slug: str) -> UUID | None:
    """Return whose a slug is by the log."""
    _, last = await running.streams.last(slug_stream("article", locale, slug))
    return last.owner if isinstance(last, SlugClaimed) else None


async def test_both_languages_of_a_subject_have_the_same_slug_and_a_third_article_has_not(
    database: str,
) -> None:
    subject = str(new_id())
    async with bus(database, CODEC) as running:
        russian = await create(running, call(), an_2("ru", subject=subject))
        english = await create(running, call(), an_2("en", subject=subject))
        taken = await refusal(create(running, call(), an_2("ru")))
        owners = [await owner_of(running, locale, "an-2") for locale in LOCALES]
    assert (409, "slug-taken", str(russian.stream)) == (taken.status, taken.type, taken.facts["owner"])
    assert [russian.stream, english.stream] == owners
    assert [{"slug": "an-2", "locale": "ru"}, {"slug": "an-2", "locale": "en"}] == [
        {name: msgspec.json.decode(one.body)[name] for name in ("slug", "locale")}
        for one in (russian, english)
    ]


async def test_a_slug_that_is_released_in_one_language_is_free_in_that_one_alone(database: str) -> None:
    async with bus(database, CODEC) as running:
        russian = (await create(running, call(), an_2("ru"))).stream
        english = (await create(running, call(), an_2("en"))).stream
        await rename(running, russian, 1, "annushka")
        kept = await refusal(create(running, call(), an_2("ru")))
        await release(running, russian, 2, "an-2")
        _, last = await running.streams.last(slug_stream("article", "ru", "an-2"))
        other = (await create(running, call(), an_2("ru"))).stream
        taken = await refusal(create(running, call(), an_2("en")))
        gone = await refusal(release(running, russian, 2, "an-2"))
        assert [other, english] == [await owner_of(running, locale, "an-2") for locale in LOCALES]
    assert SlugReleased(kind="article", locale="ru", slug="an-2", owner=russian) == last
    assert (str(russian), str(english), 404) == (kept.facts["owner"], taken.facts["owner"], gone.status)


async def test_of_many_who_want_a_slug_at_once_one_in_each_language_gets_it(database: str) -> None:
    async with bus(database, CODEC) as one, bus(database, CODEC) as two:
        wanted = [(running, locale) for running in (one, two) for locale in LOCALES for _ in range(8)]
        answers = await asyncio.gather(
            *(create(running, call(), an_2(locale)) for running, locale in wanted), return_exceptions=True
        )
        owners = [await owner_of(one, locale, "an-2") for locale in LOCALES]
    won = {
        locale: answer.stream
        for (_, locale), answer in zip(wanted, answers, strict=True)
        if isinstance(answer, Receipt)
    }
    lost = [answer for answer in answers if isinstance(answer, Problem)]
    assert dict(zip(LOCALES, owners, strict=True)) == won
    assert (30, {(409, "slug-taken")}) == (len(lost), {(one.status, one.type) for one in lost})


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_claimed_renamed_and_released_a_slug_has_one_owner_in_each_language(
    database: str, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    owners: dict[tuple[Locale, str], UUID] = {}
    articles: dict[UUID, tuple[Locale, str]] = {}
    versions: dict[UUID, int] = {}
    async with bus(database, CODEC) as running:
        for _ in range(80):
            locale, slug, wish = chance.choice(LOCALES), chance.choice(SLUGS), chance.choice(WISHES)
            if wish == "create":
                owner = owners.get((locale, slug))
                made = await answer(create(running, call(), an_2(locale, slug)))
                assert ("slug-taken" if owner else None) == made.refused
                assert (str(owner) if owner else None) == made.owner
                if made.receipt:
                    id_ = owners[locale, slug] = made.receipt.stream
                    articles[id_], versions[id_] = (locale, slug), 1
            elif articles:
                id_ = chance.choice([*articles])
                locale, present = articles[id_]
                owner = owners.get((locale, slug))
                if wish == "rename":
                    done = await answer(rename(running, id_, versions[id_], slug))
                    assert ("slug-taken" if owner not in {None, id_} else None) == done.refused
                else:
                    done = await answer(release(running, id_, versions[id_], slug))
                    wrong = "slug-in-use" if slug == present else "not-found" if owner != id_ else None
                    assert wrong == done.refused
                if done.receipt and wish == "rename":
                    articles[id_], versions[id_] = (locale, slug), done.receipt.version
                    owners[locale, slug] = id_
                elif done.receipt:
                    del owners[locale, slug]
        found = {place: await owner_of(running, *place) for place in owners}
    assert owners == found
    assert set(LOCALES) == {locale for locale, _ in owners}


class Answer(NamedTuple):
    """What a command was answered."""

    receipt: Receipt | None
    refused: str | None = None
    owner: str | None = None


async def answer(work: Awaitable[Receipt]) -> Answer:
    try:
        return Answer(await work)
    except Problem as problem:
        return Answer(None, problem.type, problem.facts.get("owner"))


def test_a_slug_has_a_stream_for_each_language_and_one_for_a_kind_without() -> None:
    streams = {
        slug_stream(kind, locale, "an-2") for kind in ("article", "museum") for locale in (*LOCALES, None)
    }
    assert len(streams) == 6
    assert SlugReleased(kind="museum", slug="an-2", owner=new_id()).locale is None
