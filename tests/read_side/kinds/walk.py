"""A random walk over commands on three kinds; after each step every address is read in every way."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from kit.errors import Problem
from tests.given.entries import Entry
from tests.read_side.kinds.world import World, told
from tests.read_side.site import EDITORS

SLUGS = ("a", "b", "c")
"""Few, so that entries meet on them."""

MOST = 14
"""Entries of a walk."""


class Walk:
    """Does what chance says, and compares.

    Args:
        world: three kinds, empty.
        seed: the same one gives the same walk.
    """

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.seed = seed
        self.chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.done: list[str] = []
        self.kept = 0
        """Answers that were there from before the last step, and compared."""

    async def step(self) -> None:
        """Do a command or two, then compare every address."""
        for _ in range(self.chance.randint(1, 2) if self.world.entries else MOST):
            self.command()
        await self.world.shown()
        for path in self._paths():
            await self._compared(path)

    def command(self) -> None:
        """Do one command, or none where it is refused."""
        world, chance = self.world, self.chance
        if len(world.entries) < MOST and (not world.entries or chance.random() < 0.25):
            self._create()
            return
        one = chance.choice(world.entries)
        if one.state.publication == "pinned":
            name = chance.choice(
                ("revise", "publish", "publish", "unpublish", "rename", "release", "archive")
            )
        else:
            name = chance.choice(("revise", "publish", "publish", "publish", "restore", "rename", "release"))
        steps: dict[str, Callable[[], Any]] = {
            "revise": lambda: one.revise(**self._content(one)),
            "publish": lambda: one.publish(**(self._content(one) if chance.random() < 0.6 else {})),
            "unpublish": one.unpublish,
            "rename": lambda: self._rename(one),
            "release": lambda: self._release(one),
            "archive": one.archive,
            "restore": one.restore,
        }
        self.done.append(f"{name} {one.path}")
        try:
            steps[name]()
        except Problem:
            self.done.pop()

    def _create(self) -> None:
        kind = self.chance.choice(("article", "article", "museum", "bureau"))
        locale: Any = self.chance.choice(("en", "ru")) if kind == "article" else None
        slug = self.chance.choice(SLUGS)
        if self._owner(kind, locale, slug) is not None:
            return
        world = self.world
        if kind == "museum":
            one = world.museum(slug)
        elif kind == "bureau":
            one = world.bureau(slug)
        else:
            others = [one for one in world.entries if one.kind.name == kind and one.locale != locale]
            subjects = {one.state.subject for one in others} - {
                one.state.subject for one in world.entries if one.locale == locale
            }
            subject = self.chance.choice([None, *sorted(subjects, key=str)])
            one = world.article(slug, locale, subject=subject)
        self.done.append(f"create {one.path}")

    def _rename(self, one: Entry) -> None:
        slug = self.chance.choice(SLUGS)
        if self._owner(one.kind.name, one.locale, slug) in {None, one}:
            one.rename(slug)

    def _release(self, one: Entry) -> None:
        former = sorted(one.slugs - {one.slug})
        if former:
            one.release(self.chance.choice(former))

    def _owner(self, kind: str, locale: str | None, slug: str) -> Entry | None:
        owners = (one for one in self.world.entries if (one.kind.name, one.locale) == (kind, locale))
        return next((one for one in owners if slug in one.slugs), None)

    def _content(self, one: Entry) -> dict[str, Any]:
        chance, entries = self.chance, self.world.entries
        content: dict[str, Any] = {"title": f"T{chance.randrange(5)}"}
        links = [f"[x]({target})" for target in chance.sample(list(self._targets()), 3)]
        if chance.random() < 0.6:
            content["body"] = " ".join(["text", *links])
        some = chance.sample(entries, min(len(entries), 3))
        ids = [str(other.id) for other in some]
        if one.kind.name == "museum":
            content["branch_of"] = chance.choice([*ids, "none"])
            content["partners"] = [{"entry": id_, "role": "partner"} for id_ in ids[: chance.randrange(3)]]
        elif one.kind.name == "bureau":
            content["museum"] = chance.choice([*ids, None])
            place = chance.choice([*ids, "unknown"])
            content["founders"] = [
                {"entry": id_, "role": "founder", "place": place} for id_ in ids[: chance.randrange(4)]
            ]
        return content

    def _targets(self) -> Iterator[str]:
        for slug in SLUGS:
            yield from (f"/articles/{slug}", f"/articles/en:{slug}", f"/articles/ru:{slug}")
            yield from (f"/museums/{slug}", f"/bureaus/{slug}")
        yield from (f"/{one.kind.path}/{one.id}" for one in self.world.entries)

    def _paths(self) -> Iterator[str]:
        yield from (f"/v1{target}" for target in self._targets())

    async def _compared(self, path: str) -> None:
        """Compare what is told under an address: from memory, by Redis or the rows, with the rows."""
        world = self.world
        rows = await world.from_rows(path)
        kept = world.here.kept(path)
        if kept is not None:
            self.kept += 1
            places = [value.decode() for name, value in kept.headers if name == b"location"]
            body = places[0] if places else kept.rest["body"]
            assert rows == (kept.status, body), self._said("kept", path)
        assert rows == told(await world.get(path)), self._said("anonymous", path)
        assert rows == told(await world.here.get(path, EDITORS)), self._said("known", path)

    def _said(self, way: str, path: str) -> str:
        return f"seed {self.seed}: {way} {path} after: {'; '.join(self.done)}"
