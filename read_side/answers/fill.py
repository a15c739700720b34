"""Between a route and its client: takes the mark off an answer, has it kept, and judges conditions."""

from collections.abc import Mapping
from typing import Protocol

from starlette.types import Message, Scope, Send

from kit.auth.identity import IDENTITY
from kit.errors import Problem
from kit.http.edge.refusing import respond
from kit.http.edge.whole import Whole
from kit.log.lineage import Lineage
from read_side.answers.answer import OK
from read_side.answers.kept import Kept
from read_side.answers.respond import KEEP, Keep
from read_side.problem_types import NOT_ACCEPTABLE

CONDITION = "if_none_match"
"""Member of the state of a request: the condition, where it was taken from the headers. An answer that is
sent in pieces is judged by its route: nobody waits here for the end of it."""


class Keeper(Protocol):
    """What keeps answers."""

    @property
    def lineage(self) -> Lineage | None:
        """Of the log that is served now."""

    def store(self, answer: Kept, keep: Keep, lineage: Lineage | None) -> Kept:
        """Keep an answer, unless it is old already; return the one that counts."""

    async def encoded(self, answer: Kept, accept_encoding: bytes | None) -> Whole | None:
        """Return an answer in the coding that a client takes; None: there is none."""


class Fill:
    """A `send` for one request that goes to its route.

    The condition of an anonymous request is taken away from the application and judged here, of every answer
    with an entity tag: it may be kept whole although this client gets a 304. So is what it takes, since an
    answer is kept plain.

    Args:
        keeper: keeps answers; None: the request is of somebody known, whose answers nobody keeps.
        known: it carries a cookie of ours: what its route answers is kept unless it asked who that is.
        scope: of the request; its headers are changed.
        asked: those headers that decide, by name.
        send: the channel to the client.
    """

    __slots__ = ("_asked", "_held", "_keep", "_keeper", "_key", "_known", "_lineage", "_scope", "_send")

    def __init__(
        self,
        keeper: Keeper | None,
        scope: Scope,
        asked: Mapping[bytes, bytes],
        send: Send,
        *,
        known: bool = False,
    ) -> None:
        self._known = known
        self._keeper = keeper if scope["method"] == "GET" else None
        self._scope = scope
        self._asked = asked
        # If the lineage ends meanwhile, the rows that will be shown were another log's.
        self._lineage = None if keeper is None else keeper.lineage
        self._key = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
        self._send = send
        self._keep: Keep | None = None
        self._held: Message | None = None
        if self._keeper is not None and b"if-none-match" in asked:
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"if-none-match"]
            scope.setdefault("state", {})[CONDITION] = asked[b"if-none-match"].decode("latin-1")

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = self._unmarked(message)
            if self._keep is not None or self._has_tag(message):
                self._held = message  # it goes out with its body: both may become others
                return
        elif self._held is not None:
            begun, self._held = self._held, None
            if not message.get("more_body", False):
                await self._finish(begun, message.get("body", b""))
                return
            await self._send(begun)
        await self._send(message)

    def _unmarked(self, message: Message) -> Message:
        keep = message.pop(KEEP, None)
        if self._keeper is not None and message["status"] in {200, 300, 301}:
            self._keep = None if self._known and self._asked_who else keep
        return message

    @property
    def _asked_who(self) -> bool:
        return IDENTITY in self._scope.get("state", ())

    def _has_tag(self, message: Message) -> bool:
        """Say whether an answer that is not kept has an entity tag to judge the condition by."""
        if self._keeper is None or message["status"] != OK:
            return False
        tagged = False
        for name, _ in message["headers"]:
            if name == b"content-encoding":
                return False
            tagged = tagged or name == b"etag"
        return tagged

    async def _finish(self, begun: Message, body: bytes) -> None:
        """Keep the answer if its route says so, and send what the client takes of it."""
        assert self._keeper is not None  # noqa: S101 - else nothing is held
        keep = self._keep
        whole = Whole(begun["status"], begun["headers"], body, keep.route if keep is not None else "")
        answer = (
            Kept(whole, tags=(), key=self._key)
            if keep is None
            else Kept(whole, tags=keep.tags, key=self._key, until=keep.until, asked_who=self._asked_who)
        )
        if keep is not None:
            answer = self._keeper.store(answer, keep, self._lineage)
        condition = self._asked.get(b"if-none-match")
        sent = None if condition is None else answer.unchanged(condition)
        if sent is None:
            sent = await self._keeper.encoded(answer, self._asked.get(b"accept-encoding"))
        if sent is None:
            await refuse_codings(self._scope, self._send)
            return
        await self._send({"type": "http.response.start", "status": sent.status, "headers": sent.headers})
        await self._send(sent.rest)


async def refuse_codings(scope: Scope, send: Send) -> None:
    """Answer 406 to a client that takes an answer neither plain nor in any coding that there is."""
    problem = Problem(
        NOT_ACCEPTABLE,
        detail="There are br, zstd, gzip, and identity.",
        headers={"Vary": "accept-encoding"},
    )
    await respond(problem, scope.get("state", {}).get("request_id", ""), send)
