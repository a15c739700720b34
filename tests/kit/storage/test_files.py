"""What the file system alone can do wrong: half written files, false facts, forms that say something else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit.storage.files import FileStorage
from kit.storage.objects import ObjectMissing, StorageAway, UploadForm
from kit.storage.receiving import FormRefused, receive, receive_part
from kit.storage.tickets import PartTicket, UploadTicket, signed
from kit.storage.writing import HELD, MOST_HELD
from tests.kit.storage.conftest import SECRET
from tests.kit.storage.test_contract import KEY, TEXT, pieces, read


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[FileStorage]:
    async with FileStorage(tmp_path, SECRET, "/upload") as storage:
        yield storage


def body(fields: dict[str, str], file: bytes | None, end: str = "--b--\r\n") -> bytes:
    """Return a form as a browser writes it."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    said = "".join(parts).encode()
    if file is not None:
        said += b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n'
        said += b"Content-Type: text/html\r\n\r\n" + file + b"\r\n"
    return said + end.encode()


async def sent(
    files: FileStorage, form: bytes, kind: str = "multipart/form-data; boundary=b", cut: int = 7
) -> None:
    """Send a form in small pieces."""
    await receive(files, kind, cut_up(form, cut))


def cut_up(form: bytes, cut: int = 7) -> AsyncIterator[bytes]:
    return pieces(*(form[at : at + cut] for at in range(0, len(form), cut)))


async def stopping(piece: bytes) -> AsyncIterator[bytes]:
    """Bring one piece, and then no more."""
    yield piece
    await asyncio.Event().wait()


async def fields_of(files: FileStorage) -> dict[str, str]:
    return dict((await files.form(KEY, media_type="image/png", size=len(TEXT))).fields)


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def ticket(**changed: int | str) -> dict[str, str]:
    said = {"key": KEY, "type": "image/png", "size": 10, "expires": 4_000_000_000} | changed
    policy, signature = signed(UploadTicket(**said), SECRET)  # type: ignore[arg-type]  # as the test wants it
    return {"key": KEY, "Content-Type": "image/png", "policy": policy, "signature": signature}


def part_ticket(**changed: int | str) -> dict[str, str]:
    said = {"key": KEY, "upload": "x", "number": 1, "size": 10, "expires": 4_000_000_000} | changed
    policy, signature = signed(PartTicket(**said), SECRET)  # type: ignore[arg-type]  # as the test wants it
    return {"policy": policy, "signature": signature}


NO_PART = {
    "expired": part_ticket(expires=1),
    "of another part": part_ticket(number=2),
    "of a form": {name: ticket()[name] for name in ("policy", "signature")},
    "changed": part_ticket() | {"policy": part_ticket(size=11)["policy"]},
}


@pytest.mark.parametrize("why", NO_PART)
async def test_a_ticket_of_something_else_lets_no_part_in(files: FileStorage, why: str) -> None:
    asked = list[str]()

    async def part() -> AsyncIterator[bytes]:
        asked.append("read")
        yield TEXT

    given = (NO_PART[why]["policy"], NO_PART[why]["signature"])
    with pytest.raises(FormRefused) as refused:
        await receive_part(files, 1, given, part())
    assert (403, []) == (refused.value.status, asked)
    good = part_ticket()
    with pytest.raises(ObjectMissing):  # a good one, of an upload that is no more
        await receive_part(files, 1, (good["policy"], good["signature"]), part())
    assert ["read"] == asked


@pytest.mark.parametrize("cut", [1, 2, 3, 50, 100_000])
async def test_a_form_is_read_however_it_is_cut(files: FileStorage, cut: int) -> None:
    await sent(files, body(await fields_of(files), TEXT), cut=cut)
    assert TEXT == await read(files, KEY)


REFUSED = {
    "no ticket": (403, {}, TEXT),
    "other key": (403, {**ticket(), "key": "b/c.png"}, TEXT),
    "other type": (403, {**ticket(), "Content-Type": "text/html"}, TEXT),
    "changed": (403, {**ticket(), "policy": ticket(size=11)["policy"]}, TEXT),
    "expired": (403, ticket(expires=1), TEXT),
    "longer by 1": (400, ticket(), TEXT + b"x"),
    "shorter by 1": (400, ticket(), TEXT[1:]),
    "of a part": (403, {**ticket(), **part_ticket()}, TEXT),
    "no file": (400, ticket(), None),
    "long field": (400, {**ticket(), "x": "x" * 5000}, TEXT),
    "many fields": (400, {**ticket(), **{f"x{n}": "" for n in range(20)}}, TEXT),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_form_that_says_something_else_is_refused_and_leaves_nothing(
    files: FileStorage, tmp_path: Path, why: str
) -> None:
    status, fields, file = REFUSED[why]
    known, kind = list[str](), "multipart/form-data; boundary=b"
    with pytest.raises(FormRefused) as refused:
        await receive(files, kind, cut_up(body(fields, file)), known=lambda: known.append("known"))
    assert (["known"] if "by 1" in why else []) == known
    assert status == refused.value.status
    assert [] == left(tmp_path)


@pytest.mark.parametrize("missing", [1, 4, 6, 8, 14, 30])
async def test_a_form_that_is_cut_off_leaves_nothing(
    files: FileStorage, tmp_path: Path, missing: int
) -> None:
    form = body(ticket(), TEXT).removesuffix(b"--\r\n")
    with pytest.raises(FormRefused):
        await sent(files, form[:-missing])
    assert [] == left(tmp_path)


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data", "multipart/form-data; boundary=" + "x" * 71]
)
async def test_what_is_no_such_form_is_refused(files: FileStorage, kind: str) -> None:
    with pytest.raises(FormRefused):
        await sent(files, body(ticket(), TEXT), kind)


async def test_facts_are_believed_of_the_very_file_they_were_written_for_alone(
    files: FileStorage, tmp_path: Path
) -> None:
    await files.put(KEY, pieces(TEXT), media_type="image/png")
    place = tmp_path / "objects" / KEY
    place.write_bytes(b"otherbytes")  # by another program
    known = await files.head(KEY)
    assert (10, "", None) == (known and known[1:4])


async def test_a_reader_has_either_the_former_object_or_the_new_one(files: FileStorage) -> None:
    texts = [bytes([n]) * 300_000 for n in range(20)]
    await files.put(KEY, pieces(texts[0]), media_type="image/png")

    async def write() -> None:
        for one in texts:
            await files.put(KEY, pieces(one), media_type="image/png")

    writing = asyncio.create_task(write())
    while not writing.done():
        assert await read(files, KEY) in texts
    await writing


async def test_a_folder_that_cannot_be_written_is_told_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    async with FileStorage(tmp_path / "taken") as files:
        with pytest.raises(StorageAway, match=r"^[A-Z][a-z ]+$"):
            await files.put(KEY, pieces(TEXT), media_type="image/png")


def test_a_form_is_sent_to_an_address_of_ours() -> None:
    form = asyncio.run(
        FileStorage(Path("/nowhere"), SECRET, "/upload").form(KEY, media_type="image/png", size=1)
    )
    assert isinstance(form, UploadForm)
    assert "/upload" == form.url


async def test_those_who_send_slowly_share_the_memory_for_what_waits_to_be_written(
    files: FileStorage, tmp_path: Path
) -> None:
    piece, many = bytes(HELD // 2), 2 * MOST_HELD // HELD + 16
    sending = [
        asyncio.create_task(files.keep_for_now(f"slow/{one}.bin", stopping(piece), "image/png"))
        for one in range(many)
    ]
    async with asyncio.timeout(60):
        while sum(path.stat().st_size for path in left(tmp_path)) < 16 * len(piece):  # noqa: ASYNC110 - of a disk
            await asyncio.sleep(0.02)
    for one in sending:
        one.cancel()
    assert {asyncio.CancelledError} == {
        type(one) for one in await asyncio.gather(*sending, return_exceptions=True)
    }
    await files.put(KEY, pieces(TEXT), media_type="image/png")
    assert [TEXT] == [path.read_bytes() for path in left(tmp_path / "objects")]
