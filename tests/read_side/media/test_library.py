"""Pictures are listed and read, their bytes come whole or in parts, and what is suppressed is gone."""

import hashlib
from pathlib import Path

import pytest

from kit.errors import Problem
from read_side.media.serving import ByteRange, range_of
from tests.given.media.pictures import drawn, exif, written
from tests.given.media.sending import registered
from tests.servers.running import in_process, problem

FILES = [written("PNG", drawn(size=(20 + number, 10))) for number in range(3)]


async def test_pictures_are_listed_newest_first_and_read_with_what_is_said(
    database: str, tmp_path: Path
) -> None:
    async with in_process(database, tmp_path) as site:
        made = [await registered(site.editor, file) for file in FILES]
        one = made[0]["id"]
        said = {"alt": {"en": "A biplane"}, "licence": "CC0", "focal_point": {"x": 1, "y": 2}}
        last = await site.editor.done("PATCH", f"/media/{one}", said, version=1)
        shown = (await site.client.get(f"/v1/media/{one}", params={"after": last["position"]})).json()
        assert {"ru": None, "en": "A biplane"} == shown["alt"]
        assert ("CC0", {"x": 1, "y": 2}, "", None, False, 2) == tuple(
            shown[name] for name in ("licence", "focal_point", "author", "taken", "suppressed", "version")
        )
        pages, cursor = list[list[str]](), dict[str, str]()
        while True:
            page = (await site.client.get("/v1/media", params={"limit": 2, **cursor})).json()
            pages.append([each["id"] for each in page["items"]])
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        ids = [each["id"] for each in reversed(made)]
        assert [ids[:2], ids[2:]] == pages


async def test_bytes_come_whole_or_in_part_and_may_be_kept_for_ever(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        made = await registered(site.editor, FILES[0])
        shown = await site.client.get(f"/v1/media/{made['id']}", params={"after": made["position"]})
        url = shown.json()["url"]
        whole = await site.client.get(url)
        assert (200, "image/png", made["size"]) == (
            whole.status_code, whole.headers["content-type"], len(whole.content),
        )  # fmt: skip
        name = url.rpartition("/")[2]
        assert f"{hashlib.sha256(whole.content).hexdigest()}.png" == name
        assert {
            "cache-control": "public, max-age=31536000, immutable",
            "etag": f'"{name[:64]}"',
            "accept-ranges": "bytes",
            "content-disposition": f'inline; filename="{name}"',
            "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
            "x-content-type-options": "nosniff",
        }.items() <= dict(whole.headers).items()
        tag = {"If-None-Match": whole.headers["etag"]}
        assert (304, b"") == ((kept := await site.client.get(url, headers=tag)).status_code, kept.content)
        part = await site.client.get(url, headers={"Range": "bytes=3-9"})
        assert (206, whole.content[3:10], f"bytes 3-9/{made['size']}") == (
            part.status_code, part.content, part.headers["content-range"],
        )  # fmt: skip
        other = await site.client.get(url, headers={"Range": "bytes=3-9", "If-Range": '"x"'})
        assert (200, whole.content) == (other.status_code, other.content)
        behind = await site.client.get(url, headers={"Range": "bytes=999999-"})
        assert (416, f"bytes */{made['size']}") == (behind.status_code, behind.headers["content-range"])
        for nothing in ("0" * 64 + ".png", "..%2F..%2Fsigning-key.pem", "x"):
            assert 404 == (await site.client.get(f"/v1/media/files/{nothing}")).status_code


async def test_the_library_is_searched_and_tells_who_shows_a_picture(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        ids = [(await registered(site.editor, file))["id"] for file in FILES]
        both = {"ru": "Биплан", "en": "A biplane"}
        said = {"alt": both, "licence": "CC0", "author": "Anna", "caption": {"ru": "У ангара"}}
        await site.editor.done("PATCH", f"/media/{ids[0]}", said, version=1)
        await site.editor.done("PATCH", f"/media/{ids[1]}", {"licence": "CC0", "alt": both}, version=1)
        made = {}
        for name, shown in (("it-flies", ids[:2]), ("it-is-a-draft", ids[1:])):
            pictures = [{"media": one} for one in shown]
            title = {"en": name}
            wish = {"title": title, "text": title, "slug": name, "pictures": pictures}
            made[name] = (await site.editor.done("POST", "/facts", wish))["id"]
        forced = {"revision": 1, "force": True, "reason": "At once"}
        last = await site.moderator.done("PUT", f"/facts/{made['it-flies']}/publication", forced, version=1)

        async def found(**asked: str) -> list[str]:
            answer = await site.client.get("/v1/media", params={"after": last["position"], **asked})
            return sorted(one["id"] for one in answer.json()["items"])

        for asked, expected in (
            ({"q": "АНГАР"}, ids[:1]), ({"q": "biplane"}, ids[:2]), ({"q": "100%"}, []),
            ({"q": "anna"}, ids[:1]),
            ({"licence": "CC0"}, ids[:2]), ({"author": "Anna"}, ids[:1]), ({"author": "Ann"}, []),
            ({"unused": "true"}, ids[2:]), ({"unused": "false"}, ids[:2]),
            ({"used_in": "fact"}, ids[:2]), ({"used_in": "article"}, []),
            ({"used_in": "fact", "author": "Anna"}, ids[:1]),
        ):  # fmt: skip
            assert sorted(expected) == await found(**asked), asked
        first = (await site.client.get("/v1/media", params={"licence": "CC0", "limit": 1})).json()
        other = await site.client.get("/v1/media", params={"cursor": first["next"]})
        assert 400 == other.status_code, "a cursor is of one question"
        shown_to = {}
        for who, asking in (("readers", site.client.get), ("editors", None)):
            for number, one in enumerate(ids):
                answer = (
                    await site.editor.send("GET", f"/media/{one}")
                    if asking is None
                    else await asking(f"/v1/media/{one}")
                )
                users = answer.json()["used_by"]
                shown_to[who, number] = {(user["slug"], user["state"]) for user in users}
        flies, draft = ("it-flies", "published"), ("it-is-a-draft", "draft")
        assert {
            ("readers", 0): {flies}, ("readers", 1): {flies}, ("readers", 2): set(),
            ("editors", 0): {flies}, ("editors", 1): {flies, draft}, ("editors", 2): {draft},
        } == shown_to  # fmt: skip
        gone = await site.moderator.done("DELETE", f"/facts/{made['it-flies']}/publication", version=2)
        last = gone
        assert sorted(ids) == await found(unused="true")


async def test_what_is_suppressed_is_gone_for_everybody_but_moderators(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        made = await registered(site.editor, FILES[0])
        one = f"/media/{made['id']}"
        url = (await site.client.get(f"/v1{one}", params={"after": made["position"]})).json()["url"]
        gone = await site.moderator.done("PUT", f"{one}/suppression", {"reason": "Stolen"}, version=1)
        after = {"after": gone["position"]}
        assert 404 == (await site.client.get(f"/v1{one}", params=after)).status_code
        assert 404 == (await site.editor.send("GET", one)).status_code
        assert 404 == (await site.client.get(url)).status_code
        assert [] == (await site.client.get("/v1/media")).json()["items"]
        seen = await site.moderator.send("GET", one)
        assert (True, "private, no-store") == (seen.json()["suppressed"], seen.headers["cache-control"])
        back = await site.moderator.done("DELETE", f"{one}/suppression", version=2)
        assert 200 == (await site.client.get(f"/v1{one}", params={"after": back["position"]})).status_code
        assert 200 == (await site.client.get(url)).status_code


async def test_suppression_holds_for_the_same_bytes_in_another_file(database: str, tmp_path: Path) -> None:
    """The second file says something else of the camera; what is kept of both is one and the same."""
    other = written("PNG", drawn(size=(20, 10)), exif=exif())
    async with in_process(database, tmp_path) as site:
        first = await registered(site.editor, FILES[0])
        gone = await site.moderator.done(
            "PUT", f"/media/{first['id']}/suppression", {"reason": "Stolen"}, version=1
        )
        second = await registered(site.editor, other)
        after = {"after": second["position"]}
        assert first["id"] != second["id"]
        assert 404 == (await site.client.get(f"/v1/media/{second['id']}", params=after)).status_code
        seen = (await site.moderator.send("GET", f"/media/{second['id']}")).json()
        assert seen["suppressed"]
        assert 404 == (await site.client.get(seen["url"])).status_code
        assert [] == (await site.client.get("/v1/media")).json()["items"]
        back = await site.moderator.done("DELETE", f"/media/{first['id']}/suppression", version=2)
        assert back["position"] > gone["position"]
        after = {"after": back["position"]}
        assert 200 == (await site.client.get(f"/v1/media/{second['id']}", params=after)).status_code
        assert 200 == (await site.client.get(seen["url"])).status_code


async def test_a_storage_that_lost_a_file_is_said_and_nothing_breaks(database: str, tmp_path: Path) -> None:
    async with in_process(database, tmp_path) as site:
        made = await registered(site.editor, FILES[0])
        shown = await site.client.get(f"/v1/media/{made['id']}", params={"after": made["position"]})
        for path in (tmp_path / "media" / "objects").rglob("*.png"):
            path.unlink()
        lost = problem(await site.client.get(shown.json()["url"]))
        assert (503, "/problems/files-unavailable") == (lost["status"], lost["type"])


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        (None, None),
        ("bytes=0-", ByteRange(0, 9)),
        ("bytes=2-3", ByteRange(2, 3)),
        ("bytes=2-99", ByteRange(2, 9)),
        ("bytes=-3", ByteRange(7, 9)),
        ("bytes=-99", ByteRange(0, 9)),
        ("bytes=0-0", ByteRange(0, 0)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=0-1,3-4", None),
        ("lines=1-2", None),
    ],
)
def test_a_range_is_read_as_the_standard_says(asked: str | None, part: ByteRange | None) -> None:
    assert part == range_of(asked, 10)


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(asked: str) -> None:
    with pytest.raises(Problem) as refused:
        range_of(asked, 10)
    assert 416 == refused.value.status
