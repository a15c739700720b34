"""A picture is served in each width and format, by address; what is not made yet is stood in for."""

from pathlib import Path
from typing import Any

import httpx2

from kit.storage.files import FileStorage
from tests.given.media.pictures import drawn, written
from tests.given.media.sending import registered
from tests.servers.running import Site, in_process
from tests.write_side.media.variants.following import caught_up

WIDE = written("JPEG", drawn(size=(700, 400)))
IMMUTABLE = "public, max-age=31536000, immutable"


async def shown(site: Site, receipt: dict[str, Any]) -> dict[str, Any]:
    found = await site.client.get(f"/v1/media/{receipt['id']}", params={"after": receipt["position"]})
    document: dict[str, Any] = found.json()
    return document


def told(answer: httpx2.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["content-type"], answer.headers["cache-control"]


async def test_each_form_of_a_picture_is_there_under_its_address(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        document = await shown(site, await registered(site.editor, WIDE, "image/jpeg"))
        assert [("image/avif", 320, 183), ("image/avif", 640, 366), ("image/avif", 700, 400)] == [
            (one["type"], one["width"], one["height"]) for one in document["srcset"][:3]
        ]
        assert [("image/avif", 320), ("image/webp", 320), ("image/jpeg", 320)] == [
            (one["type"], one["height"]) for one in document["square"]
        ]
        await caught_up(database, FileStorage(tmp_path / "media"))
        for one in (*document["srcset"], *document["square"]):
            answer = await site.client.get(one["url"])
            assert (200, one["type"], IMMUTABLE) == told(answer)
            again = await site.client.get(one["url"], headers={"If-None-Match": answer.headers["etag"]})
            assert 304 == again.status_code
            part = await site.client.get(one["url"], headers={"Range": "bytes=2-5"})
            assert (206, answer.content[2:6]) == (part.status_code, part.content)
            assert f"bytes 2-5/{len(answer.content)}" == part.headers["content-range"]
            behind = await site.client.get(one["url"], headers={"Range": "bytes=9999999-"})
            assert 416 == behind.status_code


async def test_what_is_not_made_yet_is_stood_in_for_and_not_kept_long(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        document = await shown(site, await registered(site.editor, WIDE, "image/jpeg"))
        small, middle, _ = (one["url"] for one in document["srcset"][:3])
        assert (200, "image/jpeg", "public, max-age=5") == told(await site.client.get(small))
        await caught_up(database, FileStorage(tmp_path / "media"))
        for path in (tmp_path / "media" / "objects").rglob("*-w320.avif"):
            path.unlink()
        stood_in, there = await site.client.get(small), await site.client.get(middle)
        assert ("public, max-age=5", there.content) == (stood_in.headers["cache-control"], stood_in.content)
        point = {"focal_point": {"x": 0, "y": 1000}}
        moved = await site.editor.done("PATCH", f"/media/{document['id']}", point, version=1)
        former, now = document["square"][0]["url"], (await shown(site, moved))["square"][0]["url"]
        assert former != now
        assert 200 == (await site.client.get(now)).status_code
        await caught_up(database, FileStorage(tmp_path / "media"))
        assert IMMUTABLE == (made := await site.client.get(now)).headers["cache-control"]
        stale = await site.client.get(former)
        assert ("public, max-age=5", made.content) == (stale.headers["cache-control"], stale.content)


async def test_there_is_nothing_under_other_names_or_of_a_suppressed_picture(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        document = await shown(site, await registered(site.editor, WIDE, "image/jpeg"))
        await caught_up(database, FileStorage(tmp_path / "media"))
        url = document["srcset"][0]["url"]
        for name in ("w1280.avif", "w321.avif", "x1001y0.avif", "x00y0.avif", "w320.gif", "w320.png", "w"):
            other = url.replace("w320.avif", name)
            assert 404 == (await site.client.get(other)).status_code, name
        reason = {"reason": "Stolen"}
        gone = await site.moderator.done("PUT", f"/media/{document['id']}/suppression", reason, version=1)
        await site.client.get("/v1/media", params={"after": gone["position"]})
        for one in (*document["srcset"], *document["square"], document):
            assert 404 == (await site.client.get(one["url"])).status_code
        await caught_up(database, FileStorage(tmp_path / "media"))
        assert [] == [*(tmp_path / "media" / "objects" / "variants").rglob("*.*")]


async def test_a_file_that_has_become_shorter_has_no_such_part(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        document = await shown(site, await registered(site.editor, WIDE, "image/jpeg"))
        (path,) = (tmp_path / "media" / "objects" / "pictures").rglob("*.jpg")
        path.write_bytes(path.read_bytes()[:10])
        answer = await site.client.get(document["url"], headers={"Range": "bytes=20-30"})
        assert 416 == answer.status_code


async def test_an_entry_is_shown_with_its_pictures_and_hears_when_they_change(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        one = await registered(site.editor, WIDE, "image/jpeg")
        said = {"alt": {"ru": "Биплан", "en": "A biplane"}, "licence": "CC0", "author": "Anna"}
        await site.editor.done("PATCH", f"/media/{one['id']}", said, version=1)
        caption = {"ru": "В музее", "en": "In a museum"}
        fact = {
            "title": {"ru": "Он летает", "en": "It flies"}, "text": {"ru": "Да.", "en": "Yes."},
            "pictures": [{"media": one["id"], "caption": caption}],
        }  # fmt: skip
        made = await site.editor.done("POST", "/facts", fact)
        place = f"/facts/{made['id']}"
        receipt = await site.moderator.done(
            "PUT", f"{place}/publication", {"revision": 1, "force": True, "reason": "At once"}, version=1
        )
        read = await site.client.get(f"/v1{place}", params={"after": receipt["position"], "locale": "ru"})
        (picture,) = read.json()["media"]
        document = await shown(site, one)
        assert ("Биплан", "CC0", "Anna", 700, 400) == tuple(
            picture[name] for name in ("alt", "licence", "author", "width", "height")
        )
        for name in ("srcset", "square", "colour", "url"):
            assert document[name] == picture[name]
        page = await site.client.get(f"/v1/pages/facts/{made['id']}")
        assert document["srcset"] == page.json()["entry"]["media"][0]["srcset"]
        same = await registered(site.editor, WIDE[:-2] + b"\xff\xff\xd9", "image/jpeg")
        assert document["url"] == (await shown(site, same))["url"], "the same bytes are kept"
        hidden = await site.moderator.done(
            "PUT", f"/media/{same['id']}/suppression", {"reason": "Stolen"}, version=1
        )
        twice = {"after": hidden["position"]}
        assert [] == (await site.client.get(f"/v1{place}", params=twice)).json()["media"]
        assert [] == (await site.client.get(f"/v1{place}")).json()["media"]
        back = await site.moderator.done("DELETE", f"/media/{same['id']}/suppression", version=2)
        await site.client.get(f"/v1{place}", params={"after": back["position"]})
        assert 1 == len((await site.client.get(f"/v1{place}")).json()["media"])
        gone = await site.moderator.done(
            "PUT", f"/media/{one['id']}/suppression", {"reason": "Stolen"}, version=2
        )
        after = await site.client.get(f"/v1{place}", params={"after": gone["position"]})
        assert [] == after.json()["media"]
        for _ in range(2):  # the second one may come from a copy
            assert [] == (await site.client.get(f"/v1{place}")).json()["media"]


async def test_files_are_read_elsewhere_where_an_address_for_that_is_named(
    database: str, tmp_path: Path
) -> None:
    cdn = "https://cdn.example.org/files"
    async with in_process(database, tmp_path, media_url=cdn) as site:
        document = await shown(site, await registered(site.editor, WIDE, "image/jpeg"))
        whole, small = document["url"], document["srcset"][0]["url"]

        async def led(url: str) -> tuple[int, str, str]:
            answer = await site.client.get(url)
            return answer.status_code, answer.headers["cache-control"], answer.headers["location"]

        status, kept, place = await led(whole)
        assert (307, "public, max-age=1") == (status, kept)
        assert (tmp_path / "media" / "objects" / place.removeprefix(f"{cdn}/")).is_file()
        assert (status, kept, place) == await led(small), "until the variant is made"
        await caught_up(database, FileStorage(tmp_path / "media"))
        _, _, variant = await led(small)
        assert variant.endswith(small.rpartition("/")[2])
        assert (tmp_path / "media" / "objects" / variant.removeprefix(f"{cdn}/")).is_file()
        gone = await site.moderator.done(
            "PUT", f"/media/{document['id']}/suppression", {"reason": "Not ours"}, version=1
        )
        hidden = await site.client.get(f"/v1/media/{document['id']}", params={"after": gone["position"]})
        assert [404] * 3 == [
            hidden.status_code,
            *[(await site.client.get(u)).status_code for u in (whole, small)],
        ]
