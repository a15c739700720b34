"""Links in texts: a slug alone leads to the entry in the language of the text first."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.given.entries import Entry
from tests.read_side.kinds.world import World


async def linking(world: World, target: str = "/articles/x") -> tuple[Entry, Entry, Entry]:
    """Publish an English and a Russian article, and a museum, whose texts lead to one target."""
    body = f"[x]({target})"
    return (
        world.article("english", "en", body=body).publish(),
        world.article("russian", "ru", body=body).publish(),
        world.museum("museum", body=body).publish(),
    )


async def lead_to(world: World, texts: tuple[Entry, ...]) -> list[Any]:
    """Return the title that each text leads to, after checking that every way tells the same."""
    await world.shown()
    await world.agrees(*(one.path for one in texts))
    await world.warm(*(one.path for one in texts))
    titles = [(await world.read(one.path))["links"][0].get("title") for one in texts]
    return [one["en"] if isinstance(one, dict) else one for one in titles]


async def test_a_text_leads_to_its_own_language_first(world: World) -> None:
    texts = await linking(world)
    assert [None, None, None] == await lead_to(world, texts)
    english = world.article("x", "en", title="English")
    assert [None, None, None] == await lead_to(world, texts)
    english.publish()
    assert ["English", "English", "English"] == await lead_to(world, texts)
    russian = world.article("x", "ru", title="Русская")
    assert ["English", "English", "English"] == await lead_to(world, texts)
    russian.publish()
    assert ["English", "Русская", None] == await lead_to(world, texts)
    english.unpublish()
    assert ["Русская", "Русская", "Русская"] == await lead_to(world, texts)
    english.publish()
    russian.archive()
    assert ["English", "English", "English"] == await lead_to(world, texts)
    russian.restore()
    russian.publish()
    assert ["English", "Русская", None] == await lead_to(world, texts)
    russian.rename("y")
    assert ["English", "Русская", None] == await lead_to(world, texts)
    russian.release("x")
    assert ["English", "English", "English"] == await lead_to(world, texts)
    other = world.article("x", "ru", title="Другая")
    assert ["English", "English", "English"] == await lead_to(world, texts)
    other.publish()
    assert ["English", "Другая", None] == await lead_to(world, texts)


@pytest.mark.parametrize("target", ["/articles/ru:x", "/museums/x", "/bureaus/x"])
async def test_a_kept_page_is_dropped_whatever_happens_to_what_it_leads_to(world: World, target: str) -> None:
    texts = await linking(world, target)
    kind = target.split("/")[1]
    first: dict[str, Callable[[], Entry]] = {
        "articles": lambda: world.article("x", "ru"),
        "museums": lambda: world.museum("x"),
        "bureaus": lambda: world.bureau("x"),
    }
    assert [None] * 3 == await lead_to(world, texts)
    one = first[kind]()
    assert [None] * 3 == await lead_to(world, texts)
    for step, title in (
        (one.publish, "X"), (lambda: one.publish(title="New"), "New"), (lambda: one.rename("y"), "New"),
        (one.unpublish, None), (one.publish, "New"), (one.archive, None), (one.restore, None),
        (one.publish, "New"), (lambda: one.release("x"), None),
    ):  # fmt: skip
        step()
        await world.shown()
        assert [None] * 3 == [world.here.kept(text.path) for text in texts]
        assert [title] * 3 == await lead_to(world, texts)
    first[kind]().publish()
    assert ["X"] * 3 == await lead_to(world, texts)


async def test_a_link_by_id_is_followed_from_before_the_entry_exists(world: World) -> None:
    subject = world.article("first", "en").state.subject
    later = Entry(type(world.log)(), world.entries[0].kind, "x", locale="ru", subject=subject)
    texts = await linking(world, f"/articles/{later.id}")
    assert [None] * 3 == await lead_to(world, texts)
    one = world.article("x", "ru", subject=subject, title="Here").publish()
    assert later.id == one.id
    assert ["Here"] * 3 == await lead_to(world, texts)
