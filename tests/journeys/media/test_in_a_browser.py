"""In a real browser: a page of another site shows a picture in the width and format that suit it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from PIL import Image

from tests.given.media.pictures import drawn, written
from tests.given.media.sending import registered
from tests.servers.pages.chromium import chromium
from tests.servers.running import as_processes

FILE = written("JPEG", drawn(size=(2000, 1500)))
PAGE = """<!doctype html><title>A biplane</title><picture>
<source type="image/avif" srcset="{avif}" sizes="600px">
<img src="{url}" width="{width}" height="{height}" alt="{alt}"></picture>"""
SEEN = """(async () => {
  const image = document.querySelector("img");
  await image.decode();
  return [image.currentSrc, image.complete && image.naturalWidth > 0, image.alt];
})()"""


@asynccontextmanager
async def site_with(page: str) -> AsyncIterator[str]:
    """Serve one page at every address, and yield its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n" + page.encode()
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def test_a_page_shows_a_picture_by_its_srcset_in_avif(database: str, tmp_path: Path) -> None:
    async with as_processes(database, tmp_path) as (running, site), chromium(tmp_path / "browser") as page:
        made = await registered(site.editor, FILE, "image/jpeg")
        alt = {"alt": {"en": "A biplane"}}
        said = await site.editor.done("PATCH", f"/media/{made['id']}", alt, version=1)
        answer = await site.client.get(f"/v1/media/{made['id']}", params={"after": said["position"]})
        shown = answer.json()
        avif = [one for one in shown["srcset"] if one["type"] == "image/avif"]
        async with asyncio.timeout(60):
            for one in avif:
                while (  # noqa: ASYNC110 - a server is asked
                    "immutable" not in (await site.client.get(one["url"])).headers["cache-control"]
                ):
                    await asyncio.sleep(0.2)
        ours = f"http://localhost:{running.port}"
        text = PAGE.format(
            avif=", ".join(f"{ours}{one['url']} {one['width']}w" for one in avif),
            url=ours + shown["url"], width=shown["width"], height=shown["height"], alt=shown["alt"]["en"],
        )  # fmt: skip
        async with site_with(text) as address:
            await page.go(address)
            assert [ours + avif[1]["url"], True, "A biplane"] == await page.run(SEEN)
        (tmp_path / "shown.avif").write_bytes((await site.client.get(avif[1]["url"])).content)
        with Image.open(tmp_path / "shown.avif") as image:
            assert ("AVIF", (640, 480)) == (image.format, image.size)
