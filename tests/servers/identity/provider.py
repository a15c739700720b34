"""A provider of identities on a port of its own: strict, and bad in whatever way a test wants."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

CLIENT, SECRET = "our-client", "our-secret"


class Person:
    """Somebody with an account there."""

    def __init__(self, subject: str = "1001", name: str = "Anna Petrova", **claims: Any) -> None:
        self.subject, self.name, self.claims = subject, name, claims


class Asked(Exception):  # noqa: N818 - an answer
    """What was asked is not as the protocol says."""


class Provider:
    """What is common to them: codes that work once, proofs of who began, and the ways to misbehave."""

    SECRET: ClassVar[str] = SECRET
    SCOPE: ClassVar[str] = ""

    def __init__(self) -> None:
        self.person = Person()
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        self.asked: list[str] = []
        self.delay = 0.0
        """Seconds before each answer but that of a person's browser."""
        self.padding = 0
        """Bytes that each JSON answer has too many."""
        self.status = 0
        """Of each answer instead of the right one."""
        self.back: dict[str, str] = {}
        """What the browser brings back otherwise than it should."""
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, query: dict[str, str], headers: Any) -> Any:
        if path == "/authorize":
            return self._consent(query)
        raise Asked(f"no such page: {path} {query} {headers}")

    def post(self, path: str, form: dict[str, str], headers: Any) -> Any:
        raise Asked(f"no such page: {path} {form} {headers}")

    def _consent(self, query: dict[str, str]) -> str:
        """Return where the browser of somebody who agrees goes next."""
        right = {"response_type": "code", "client_id": CLIENT, "code_challenge_method": "S256"}
        if right != {name: query.get(name) for name in right} or query.get("scope", "") != self.SCOPE:
            raise Asked(f"wrong question {query}")
        if len(query["code_challenge"]) != 43 or len(query["state"]) < 32:
            raise Asked("weak question")
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        said = {"code": code, "state": query["state"], **self._with_code()} | self.back
        return f"{query['redirect_uri']}?{urlencode(said)}"

    def _with_code(self) -> dict[str, str]:
        return {}

    def _exchange(self, form: dict[str, str], headers: Any) -> dict[str, str]:
        """Return the question that a code was given for; both halves have to fit."""
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("grant_type") != "authorization_code":
            raise Asked("invalid_grant")
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() != asked["code_challenge"]:
            raise Asked("invalid_grant")
        if form.get("redirect_uri") != asked["redirect_uri"]:
            raise Asked("invalid_grant")
        basic = base64.b64encode(f"{CLIENT}:{self.SECRET}".encode()).decode()
        known = headers.get("Authorization") == f"Basic {basic}"
        if self.SECRET and not known and form.get("client_secret") != self.SECRET:
            raise Asked("invalid_client")
        return asked

    def _new_token(self) -> str:
        token = secrets.token_urlsafe(16)
        self.tokens.add(token)
        return token

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Answer requests on a free port of this machine."""
        handler = type("Handler", (_Handler,), {"provider": self})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._answer(lambda: self.provider.get(parts.path, dict(parse_qsl(parts.query)), self.headers))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.headers.get_content_type() != "application/x-www-form-urlencoded":
            self.send_error(415)
            return
        form = {
            name: values[0]
            for name, values in parse_qs(body, strict_parsing=True).items()
            if len(values) == 1
        }
        self._answer(lambda: self.provider.post(self.path, form, self.headers))

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""

    def _answer(self, found: Any) -> None:
        self.provider.asked.append(f"{self.command} {urlsplit(self.path).path}")
        try:
            status, said = 200, found()
        except Asked as wrong:
            status, said = 400, {"error": str(wrong)}
        if isinstance(said, str):
            self.send_response(302)
            self.send_header("Location", said)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        time.sleep(self.provider.delay)
        body = json.dumps(said).encode() + b" " * self.provider.padding
        self.send_response(self.provider.status or status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
