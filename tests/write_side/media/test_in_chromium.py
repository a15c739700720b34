"""A page sends pictures from a real browser: asks, sends a form or parts to where it says, confirms."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aioboto3
import httpx2
import pytest

from kit.checkout import ROOT
from kit.storage.place import S3Place
from tests.servers.nodes.s3_server import fresh_bucket, running_s3
from tests.servers.pages.chromium import Page, chromium
from tests.servers.processes import processes
from tests.servers.running import settings_for, tokens_for

SENDS = """
(async () => {
  const canvas = new OffscreenCanvas(64, 48), pen = canvas.getContext("2d");
  pen.fillStyle = "red"; pen.fillRect(0, 0, 64, 24);
  const file = await canvas.convertToBlob({type: "image/png"});
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  const sha256 = [...new Uint8Array(hash)].map(one => one.toString(16).padStart(2, "0")).join("");
  const headers = {"Content-Type": "application/json", "Authorization": "Bearer TOKEN"};
  const send = (path, body) => fetch("API" + path, {method: "POST", headers, body: JSON.stringify(body)});
  const begun = await (await send("/v1/media/uploads", {type: file.type, size: file.size, sha256})).json();
  const form = new FormData();
  for (const [name, value] of Object.entries(begun.fields)) form.append(name, value);
  form.append("file", file);
  const sent = await fetch(new URL(begun.url, "API"), {method: "POST", body: form});
  const made = await send("/v1/media", {upload: begun.id, sha256});
  const noise = new Uint8Array(18_000_000 - file.size);
  for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536));
  const large = new Blob([file, noise], {type: file.type});
  const sum = await crypto.subtle.digest("SHA-256", await large.arrayBuffer());
  const wish = {sha256: [...new Uint8Array(sum)].map(one => one.toString(16).padStart(2, "0")).join("")};
  let left = await (await send("/v1/media/uploads", {type: file.type, size: large.size, ...wish})).json();
  const put = part => fetch(new URL(part.url, "API"),
    {method: "PUT", body: large.slice(part.first, part.first + part.size)});
  await put(left.parts[2]);  // and then its connection breaks
  left = await (await fetch("API/v1/media/uploads/" + left.id, {headers})).json();
  const parts = [left.arrived, (await Promise.all(left.parts.map(put))).map(one => one.ok)];
  const second = await send("/v1/media", {upload: left.id, ...wish});
  return [sent.status, made.status, await made.json(), second.status, ...parts];
})().catch(error => [0, 0, String(error)])"""
"""What a page does; API and TOKEN are put in."""


@asynccontextmanager
async def page_of_ours() -> AsyncIterator[str]:
    """Serve an empty page, and yield its origin."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n")
        writer.write(b"Connection: close\r\n\r\n<!doctype html>")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def sent_by(page: Page, origin: str, api: str, token: str) -> list[Any]:
    await page.go(f"{origin}/")
    found: list[Any] = await page.run(SENDS.replace("API", api).replace("TOKEN", token))
    return found


async def documented_rules(place: S3Place, origin: str) -> None:
    """Make a bucket and give it the rules of docs/operations.md, for our origin."""
    found = re.search(r'\{"CORSRules".*\}', (ROOT / "docs" / "operations.md").read_text())
    assert found
    rules = json.loads(found[0].replace("https://example.org", origin))
    keys = {"aws_access_key_id": place.access_key, "aws_secret_access_key": place.secret_key}
    async with aioboto3.Session(**keys, region_name="us-east-1").client(
        "s3", endpoint_url=place.endpoint
    ) as s3:
        await s3.create_bucket(Bucket=place.bucket)
        await s3.put_bucket_cors(Bucket=place.bucket, CORSConfiguration=rules)


@pytest.mark.parametrize("where", ["files", "s3"])
async def test_a_page_sends_a_picture_from_a_browser(database: str, tmp_path: Path, where: str) -> None:
    """Moto lets every page read its answers: that the rules are enough for an S3 that asks is AWS's word."""
    settings = settings_for(database, tmp_path)
    tokens = await tokens_for(settings, database)
    async with page_of_ours() as origin, page_of_ours() as foreign, chromium(tmp_path / "browser") as page:
        given: dict[str, Any] = {"FRANKENJET_CORS_ORIGINS": origin}
        with running_s3() as url:
            if where == "s3":
                place = fresh_bucket(url)
                await documented_rules(place, origin)
                given |= {
                    "FRANKENJET_S3_BUCKET": place.bucket, "S3_ENDPOINT_URL": place.endpoint,
                    "AWS_ACCESS_KEY_ID": place.access_key, "AWS_SECRET_ACCESS_KEY": place.secret_key,
                }  # fmt: skip
            with processes(settings, tmp_path, **given) as running:
                running.start("project")
                running.start("serve")
                await running.ready()
                sent, made, receipt, *large = await sent_by(page, origin, running.url, tokens["editor"])
                assert (204, 201, "image/png", 64) == (sent, made, receipt["type"], receipt["width"]), receipt
                assert [201, [3], [True, True]] == large
                assert [0, 0] == (await sent_by(page, foreign, running.url, tokens["editor"]))[:2]
                async with httpx2.AsyncClient(base_url=running.url) as client:
                    shown = await client.get("/v1/media", params={"after": receipt["position"]})
                    assert receipt["id"] in {one["id"] for one in shown.json()["items"]}
