"""Editors who publish and readers who read, all the while; whatever a reader should never see is noted."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from tests.servers.beside import beside
from tests.servers.running import Editor, Site


class Article:
    """One article whose every field carries the number of its revision."""

    def __init__(self, id_: str, version: int) -> None:
        self.id = id_
        self.version = version
        self.revision = 1
        self.position = 0
        """Of the event by which readers came to see the present revision."""
        self.lowest = 1
        """Revision that each reader sees by now, or a later one."""
        self.seen = 0
        """Position at which it was published."""


def content(number: int) -> dict[str, Any]:
    return {"title": f"T {number}", "summary": f"S {number}", "body": f"B {number}"}


class Traffic:
    """What goes on at a site, and what was wrong with it.

    Args:
        site: where commands are sent to.
        clients: where is read, each by a reader of its own; None: at the site.
        pause: seconds that everybody waits after each thing that he does.
    """

    def __init__(
        self, site: Site, clients: Sequence[httpx2.AsyncClient] | None = None, *, pause: float = 0.02
    ) -> None:
        self._site = site
        self._clients = clients or [site.client]
        self._pause = pause
        self._one_process = len({id(client) for client in self._clients}) == 1
        self.articles: list[Article] = []
        self.wrong: list[str] = []
        self.reads = 0
        self.publications = 0
        self.slowest = 0.0
        """Seconds of the slowest read."""

    async def prepare(self, articles: int) -> None:
        """Publish the first revision of some articles."""
        for number in range(len(self.articles), articles):
            fields = content(1) | {"locale": "en", "slug": f"article-{number}", "sources": [{"title": "t"}]}
            made = await self._site.editor.done("POST", "/articles", fields)
            article = Article(made["id"], made["version"])
            self.articles.append(article)
            await self._publish(article)
        await self._site.client.get(f"/v1/articles/{self.articles[-1].id}?after={self.articles[-1].position}")

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Let everybody do his work until the block ends; then fail if anything was wrong.

        The block begins when something has been published, and something more is published before it ends.
        """
        async with beside(*(self._write(article) for article in self.articles)), self.reading():
            await self._published()
            yield
            await self._published()

    async def _published(self) -> None:
        """Wait until somebody has published once more."""
        before = self.publications
        async with asyncio.timeout(60):
            while self.publications == before:  # noqa: ASYNC110 - others publish
                await asyncio.sleep(0.005)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Let readers read until the block ends; then fail if anything was wrong."""
        async with beside(*(self._read(client) for client in self._clients)):
            yield
        assert [] == self.wrong[:10], self.wrong[:10]
        assert self.reads

    async def _write(self, article: Article) -> None:
        while True:
            await self._done("PATCH", article, "", content(article.revision + 1))
            article.revision += 1
            await self._publish(article)
            self.publications += 1
            answer = await self._get(self._clients[0], article, article.revision, after=article.position)
            if answer.status_code == 200:
                article.lowest, article.seen = article.revision, article.position
            await asyncio.sleep(self._pause)

    async def _publish(self, article: Article) -> None:
        await self._done("PUT", article, "/submission")
        receipt = await self._done(
            "PUT", article, "/publication", {"revision": article.revision}, by=self._site.moderator
        )
        article.position = receipt["position"]

    async def _done(
        self, method: str, article: Article, place: str, body: Any = None, by: Editor | None = None
    ) -> dict[str, Any]:
        receipt = await (by or self._site.editor).done(
            method, f"/articles/{article.id}{place}", body, version=article.version
        )
        article.version = receipt["version"]
        return receipt

    async def _read(self, client: httpx2.AsyncClient) -> None:
        """Read as browsers do, and past the answers that the process keeps."""
        while True:
            for article in self.articles:
                await self._get(client, article, article.lowest)
                await self._get(client, article, article.lowest, after=article.seen)
                await asyncio.sleep(self._pause)

    async def _get(
        self, client: httpx2.AsyncClient, article: Article, lowest: int, *, after: int | None = None
    ) -> httpx2.Response:
        began = time.monotonic()
        answer = await client.get(
            f"/v1/articles/{article.id}", params=None if after is None else {"after": after}
        )
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.reads += 1
        if answer.status_code != 200:
            self.wrong.append(f"{answer.status_code}: {answer.text}")
            return answer
        document = answer.json()
        shown = document["revision"]
        if content(shown) != {name: document[name] for name in ("title", "summary", "body")}:
            self.wrong.append(f"a mix: {document}")
        if shown < lowest and (self._one_process or after is not None):
            self.wrong.append(f"revision {shown} of {article.id} after {lowest} had been seen")
        return answer
