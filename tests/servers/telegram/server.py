"""The Bot API over HTTP: its envelope, its limits, and the ways in which a test lets it fail."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.telegram.markup import Refused
from tests.servers.telegram.methods import BOT, Chats

TOKEN = "4200:AAtests-of-frankenjet-only"  # noqa: S105 - of a server of tests

HARMLESS = (
    "not modified",
    "query is too old",
    "to edit not found",
    "to delete not found",
    "can't be edited",
    "in the message to edit",
    "PHOTO_INVALID_DIMENSIONS",
    "upgraded to a supergroup",
)
"""What is refused of one that says something again, or looks whether it did."""


class Telegram:
    """A Bot API with some chats.

    Attributes:
        chats: what is in them.
        calls: method and parameters of each call that was understood, but getUpdates.
        away: status of each answer instead of the right one, or -1: the connection is cut.
        lost: how many calls are done, and their answers lost.
        delay: seconds before each answer.
        most: calls that a chat may have in a second; more are told to wait.
        impatient: calls that came before their time.
    """

    def __init__(self, chats: Chats) -> None:
        self.chats = chats
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.wrong: list[str] = []
        self.away = 0
        self.lost = 0
        self.delay = 0.0
        self.most = 1_000
        self.retry_after = 1
        self.impatient: list[str] = []
        self.port = 0
        self._sent: dict[Any, list[float]] = {}
        self._closed_until = 0.0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, given: Mapping[str, Any]) -> Any:
        """Return the result of a call."""
        _, bot, method = path.split("/")[:3] if path.count("/") == 2 else ("", "", "")
        if bot != f"bot{TOKEN}":
            raise Refused(401, "Unauthorized")
        if method == "getMe":
            return BOT
        if method == "getUpdates":
            return self.chats.poll(given)
        if method not in self.chats.methods:
            raise Refused(404, "Not Found")
        known, do = self.chats.methods[method]
        if not set(given) <= known:
            self.wrong.append(f"{method}: {sorted(set(given) - known)}")
        with self.chats.lock:
            self._count(method, given.get("chat_id"))
            self.calls.append((method, {name: one for name, one in given.items() if name != "photo"}))
            try:
                return do(given)
            except Refused as refused:
                if refused.code == 400 and not any(one in refused.why for one in HARMLESS):
                    self.wrong.append(f"{method}: {refused.why}")
                raise

    def _count(self, method: str, chat: Any) -> None:
        now = time.monotonic()
        if chat is None:
            return
        if now < self._closed_until:
            self.impatient.append(method)
        lately = [one for one in self._sent.get(chat, []) if now - one < 1]
        if len(lately) >= self.most or now < self._closed_until:
            self._closed_until = now + self.retry_after
            raise Refused(
                429, f"Too Many Requests: retry after {self.retry_after}", retry_after=self.retry_after
            )
        self._sent[chat] = [*lately, now]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    telegram: Telegram

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        telegram = self.telegram
        time.sleep(telegram.delay)
        if telegram.away:
            self._fail(telegram.away)
            return
        try:
            result = telegram.answer(self.path, _parameters(self.headers.get("Content-Type", ""), body))
        except Refused as refused:
            said = {"ok": False, "error_code": refused.code, "description": refused.why}
            self._say(refused.code, said | ({"parameters": refused.parameters} if refused.parameters else {}))
            return
        if telegram.lost and not self.path.endswith("getUpdates"):
            telegram.lost -= 1
            self._fail(-1)
            return
        self._say(200, {"ok": True, "result": result})

    def _fail(self, status: int) -> None:
        if status < 0:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._write(status, b"<html>Bad Gateway</html>")

    def _say(self, status: int, said: Any) -> None:
        self._write(status, json.dumps(said).encode())

    def _write(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # who asked was killed
            self.close_connection = True

    def log_message(self, *_: Any) -> None: ...

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()


@contextmanager
def bot_api(chats: Chats) -> Iterator[Telegram]:
    """Yield a Bot API on a port of its own."""
    telegram = Telegram(chats)
    handler = type("Handler", (_Handler,), {"telegram": telegram})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    telegram.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield telegram
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _parameters(type_: str, body: bytes) -> dict[str, Any]:
    """Return the parameters of a call, of JSON or of a form with files."""
    if type_.startswith("application/json"):
        given = json.loads(body)
        if not isinstance(given, dict):
            raise Refused(400, "Bad Request: object expected")
        return given
    if type_.startswith("multipart/form-data"):
        whole = message_from_bytes(f"Content-Type: {type_}\r\n\r\n".encode() + body, policy=HTTP)
        found: dict[str, Any] = {}
        for part in whole.iter_parts():
            content = part.get_payload(decode=True)
            name = part.get_param("name", header="content-disposition")
            found[str(name)] = content if part.get_filename() else bytes(content or b"").decode()
        return found
    return {}
