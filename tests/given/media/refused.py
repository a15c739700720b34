"""Pictures that are sent, and whatever can be refused on their way."""

from typing import Any

from kit.ids import new_id_text
from kit.storage.parts import PART
from tests.given.media.pictures import written
from tests.given.media.sending import announced, confirm, padded, registered, send_parts, sent, submit
from tests.servers.running import Site

NO_S3: dict[str, Any] = {
    "s3_bucket": "away", "s3_endpoint_url": "http://127.0.0.1:1",
    "aws_access_key_id": "fjtest", "aws_secret_access_key": "fjtest",
}  # fmt: skip


async def pictured(site: Site) -> str:
    """Send pictures, and be refused wherever that can be; return the address of one."""
    file, editor = written("PNG"), site.editor
    one = await registered(editor, file)
    await registered(editor, file)
    begun = await editor.done("POST", "/media/uploads", announced(file))
    await submit(site.client, begun, file + b"x")
    await submit(site.client, begun, file, signature="x")
    large = padded(file, PART + 1)
    begun = await editor.done("POST", "/media/uploads", announced(large))
    await confirm(editor, begun["id"], large)
    for query in ("", "?policy=x&signature=x"):
        await site.client.put(f"/v1/media/uploads/parts/1{query}", content=b"x")
    await site.client.put(begun["parts"][0]["url"], content=b"x")
    await send_parts(site.client, begun, large)
    await editor.done("GET", f"/media/uploads/{begun['id']}")
    await confirm(editor, begun["id"], large)
    await send_parts(site.client, begun, large)
    await editor.send("GET", f"/media/uploads/{begun['id']}")
    for wrong, media_type in ((b"no picture", "image/png"), (file + b"x", "image/jpeg")):
        await confirm(editor, await sent(editor, wrong, media_type), wrong)
    await confirm(editor, new_id_text(), b"nothing")
    place = f"/media/{one['id']}"
    await editor.done("PATCH", place, {"author": "Anna"}, version=1)
    await site.moderator.done("PUT", f"{place}/suppression", {"reason": "Stolen"}, version=2)
    last = await site.moderator.done("DELETE", f"{place}/suppression", version=3)
    await site.client.get(f"/v1{place}", params={"after": last["position"]})
    restored = await site.moderator.send("GET", place)
    url = str(restored.json()["url"])
    for headers in ({}, {"Range": "bytes=0-3"}, {"Range": "bytes=999999-"}):
        found = await site.client.get(url, headers=headers)
        await site.client.get(url, headers={"If-None-Match": found.headers.get("etag", "")})
    words = {"licence": "CC0", "alt": {"en": "A biplane"}}
    await editor.done("PATCH", place, words, version=4)
    wish = {"title": {"en": "It has two wings"}, "text": {"en": "Yes."}, "pictures": [{"media": one["id"]}]}
    fact = f"/facts/{(await editor.done('POST', '/facts', wish))['id']}/publication"
    forced = {"revision": 1, "force": True, "reason": "At once"}
    await site.moderator.done("PUT", fact, forced, version=1)
    await editor.send("PATCH", place, {"licence": ""}, version=5)
    for nothing in ("media?cursor=abc", "media?limit=1", f"media/{new_id_text()}", "media/files/x"):
        await site.client.get(f"/v1/{nothing}")
    return url
