"""Takes upload forms for the file system, as S3 takes its own: the same fields, the same refusals."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Literal

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from kit import clock
from kit.storage.files import FileStorage
from kit.storage.objects import StoredObject
from kit.storage.tickets import PartTicket, UploadTicket, read

MOST_FIELDS = 16
MAX_FIELD = 4096
"""Bytes of a field, and of the headers of one, that are not the file."""


class FormRefused(Exception):  # noqa: N818 - a verdict
    """A form or a part is not taken; nothing of it is kept.

    Attributes:
        status: 403: this may not be sent; 400: it is no such form, or its file is not as long as was said.
    """

    def __init__(self, status: Literal[400, 403], why: str) -> None:
        super().__init__(why)
        self.status: Literal[400, 403] = status


async def receive(
    storage: FileStorage,
    content_type: str,
    pieces: AsyncIterable[bytes],
    *,
    known: Callable[[], None] = lambda: None,
) -> StoredObject:
    """Take a form and keep its file.

    Args:
        storage: has signed the ticket in it.
        content_type: of the request.
        pieces: its body.
        known: called once the ticket was found good, before the file is read: a stranger gets no further.

    Raises:
        FormRefused: it is not taken.
        StorageAway: it cannot be kept now.
    """
    form = _IncomingForm(content_type, pieces)
    fields = await form.fields()
    ticket = _ticket(storage, fields)
    known()
    pieces = _whole(form.file(), ticket.size)
    # Who sends it still has it: what a power cut takes is sent again, and the disk is left to others.
    return await storage.keep_for_now(ticket.key, pieces, ticket.type)


async def receive_part(
    storage: FileStorage,
    number: int,
    ticket: tuple[str, str],
    pieces: AsyncIterable[bytes],
    *,
    known: Callable[[], None] = lambda: None,
) -> None:
    """Keep a part of a file that is sent to an address of ours.

    Args:
        storage: has signed the ticket.
        number: of the part, as the address says it.
        ticket: of the address: policy and signature.
        pieces: of the part.
        known: called once the ticket was found good, before the part is read.

    Raises:
        FormRefused: it is not taken.
        ObjectMissing: there is no such upload any more.
        StorageAway: it cannot be kept now.
    """
    allowed = _good(read(*ticket, storage.secret, PartTicket))
    if number != allowed.number:
        raise FormRefused(403, "The ticket is for another part.")
    known()
    await storage.parts.take(allowed, _whole(aiter(pieces), allowed.size))


def _ticket(storage: FileStorage, fields: dict[str, str]) -> UploadTicket:
    said = read(fields.get("policy", ""), fields.get("signature", ""), storage.secret, UploadTicket)
    ticket = _good(said)
    if (fields.get("key"), fields.get("Content-Type")) != (ticket.key, ticket.type):
        raise FormRefused(403, "The ticket is for another key or another type.")
    return ticket


def _good[T: (UploadTicket, PartTicket)](ticket: T | None) -> T:
    if ticket is None:
        raise FormRefused(403, "The ticket was not made here, or was changed.")
    if clock.now().timestamp() >= ticket.expires:
        raise FormRefused(403, "The ticket is no longer good: ask for another.")
    return ticket


async def _whole(file: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    come = 0
    async for piece in file:
        come += len(piece)
        if come > size:
            raise FormRefused(400, "The file is longer than was said.")
        yield piece
    if come < size:
        raise FormRefused(400, "The file is shorter than was said.")


class _IncomingForm:
    """Reads a form as it comes: first its fields, then the file, of which no more than a piece is held."""

    def __init__(self, content_type: str, pieces: AsyncIterable[bytes]) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not 0 < len(boundary := options.get(b"boundary", b"")) <= 70:  # noqa: PLR2004 - RFC 2046
            raise FormRefused(400, "A file is sent as multipart/form-data, with a boundary.")
        self._pieces = aiter(pieces)
        self._fields: dict[str, str] = {}
        self._header, self._value = (bytearray(), bytearray()), bytearray()
        self._disposition = b""
        self._name = ""
        self._held: list[bytes] | None = None
        """Pieces of the file that have come; None: it has not begun."""
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begins,
                "on_header_field": lambda data, start, end: self._heard(0, data[start:end]),
                "on_header_value": lambda data, start, end: self._heard(1, data[start:end]),
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": lambda data, start, end: self._comes(data[start:end]),
                "on_part_end": self._part_ends,
            },
        )

    async def fields(self) -> dict[str, str]:
        """Return the fields before the file."""
        while self._held is None:
            await self._more()
        return self._fields

    async def file(self) -> AsyncIterator[bytes]:
        """Give out the pieces of the file."""
        while True:
            for piece in self._held or ():
                yield piece
            if self._ended:
                return
            self._held = []
            await self._more()

    async def _more(self) -> None:
        try:
            piece = await anext(self._pieces)
            self._parser.write(piece)
        except StopAsyncIteration:
            raise FormRefused(400, "The form ended too early, or has no file.") from None
        except FormParserError:
            raise FormRefused(400, "The form could not be read.") from None

    # What the parser calls

    def _begins(self) -> None:
        self._disposition, self._name = b"", ""
        self._value.clear()

    def _heard(self, which: int, data: bytes) -> None:
        self._header[which].extend(data)
        if len(self._header[which]) > MAX_FIELD:
            raise FormRefused(400, "The form could not be read.")

    def _header_ends(self) -> None:
        if bytes(self._header[0]).lower() == b"content-disposition":
            self._disposition = bytes(self._header[1])
        for one in self._header:
            one.clear()

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("ascii", "replace")
        if self._name == "file" and self._held is None:
            self._held = []
        elif self._name in self._fields or len(self._fields) >= MOST_FIELDS:
            raise FormRefused(400, "A field of the form is there twice, or there are too many.")

    def _comes(self, data: bytes) -> None:
        if self._held is None:
            self._value.extend(data)
            if len(self._value) > MAX_FIELD:
                raise FormRefused(400, "A field of the form is too long.")
        elif not self._ended:
            self._held.append(data)

    def _part_ends(self) -> None:
        if self._held is None:
            self._fields[self._name] = self._value.decode("utf-8", "replace")
        else:
            self._ended = True  # what comes behind the file is not looked at
