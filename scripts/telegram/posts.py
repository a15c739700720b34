"""From an event to the messages that there should be because of it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from events.kinds.catalog import KINDS
from scripts.bot.words import entry_of, spoken
from scripts.telegram import rendering
from scripts.telegram.our_api import PATHS, OurApi
from scripts.telegram.settings import Chat, TelegramSettings
from scripts.telegram.state import KeptMessage, TelegramState
from scripts.telegram.texts import TelegramMessage, post, said, written

type Facts = dict[str, Any]

GONE = ""
"""What should be there of a message that should not."""

_NAMES = frozenset(kind.name for kind in KINDS)


class Posts:
    """Decides which messages there should be.

    Args:
        state: keeps them.
        settings: which chats there are, and what is told.
        ours: tells names and pictures.
    """

    def __init__(self, state: TelegramState, settings: TelegramSettings, ours: OurApi) -> None:
        self._state = state
        self._told = settings
        self._ours = ours
        self._steps: Mapping[str, Callable[[Mapping[str, Any], Facts], Awaitable[None]]] = {
            "submitted": self._submitted,
            "published": self._published,
            "renamed": self._renamed,
            "withdrawn": self._closed,
            "returned": self._closed,
            "archived": self._archived,
            "unpublished": self._unpublished,
        }

    async def handle(self, event: dict[str, Any], _body: bytes) -> None:
        """Note what there should be after an event; to take its place commits that."""
        kind, _, step = str(event["type"]).partition(".")
        if kind in _NAMES and step in self._steps:
            await self._steps[step](event, dict(event["data"]))
        elif kind == "account":
            await self._account(event, step)

    async def late(self, event: dict[str, Any], body: bytes) -> None:
        """Take what is not told any more of an event that comes after later ones: an account that was erased.

        A post is about an entry as it is now, and that is what the later events were about.
        """
        if event["type"] == "account.erased":
            await self.handle(event, body)

    async def _submitted(self, event: Mapping[str, Any], data: Facts) -> None:
        chat = self._told.moderators
        if chat is None:
            return
        who = await self._ours.name(str(event["actor"]))
        kind, entry = entry_of(event)
        facts = _headline(data) | rendering.named(who, str(event["actor"])) | {
            "said": "submitted", "on": entry, "kind": kind, "version": event["streamversion"],
            "revision": data["revision"],
        }  # fmt: skip
        self._put(f"review/{entry}/{event['id']}", chat, facts)

    async def _published(self, event: Mapping[str, Any], data: Facts) -> None:
        kind, entry = entry_of(event)
        chat = self._told.channel
        tells = chat is not None and kind in self._told.kinds
        picture = await self._ours.picture(kind, entry, event["position"]) if tells else ""
        await self._closed(event, data)
        if chat is None or not tells:
            return
        key = f"channel/{kind}/{entry}"
        there = self._state.of(key)
        if there is not None and there.wanted == GONE and there.message is None and not there.sending:
            self._state.drop(key)  # the next one is a new message, at the end of the channel
            there = None
        if there is not None and there.message is not None:
            picture = picture if there.photo else ""  # a text does not become a picture, nor the reverse
        facts = _headline(data) | {"kind": kind, "on": entry, "slug": data["slug"], "picture": picture}
        facts["locale"] = data.get("locale") or self._told.locale
        self._state.put(key, chat, facts, self._post(facts))

    async def _renamed(self, event: Mapping[str, Any], data: Facts) -> None:
        kind, entry = entry_of(event)
        there = self._state.of(f"channel/{kind}/{entry}")
        if there is not None and there.wanted != GONE:
            facts = there.facts | {"slug": data["after"]}
            self._state.put(there.key, there.chat, facts, self._post(facts))

    async def _unpublished(self, event: Mapping[str, Any], _data: Facts) -> None:
        kind, entry = entry_of(event)
        there = self._state.of(f"channel/{kind}/{entry}")
        if there is not None:
            self._state.put(there.key, there.chat, there.facts, GONE)

    async def _archived(self, event: Mapping[str, Any], data: Facts) -> None:
        await self._closed(event, data)
        await self._unpublished(event, data)

    async def _closed(self, event: Mapping[str, Any], data: Facts) -> None:
        """Say below the submissions of an entry what became of them, and take their buttons away."""
        open_ = self._open(f"review/{entry_of(event)[1]}/")
        if open_:
            comment = str(data.get("comment", ""))
            await self._close(open_, event, str(event["type"]).partition(".")[2], comment)

    async def _account(self, event: Mapping[str, Any], step: str) -> None:
        account, chat = entry_of(event)[1], self._told.alerts
        if step == "signed_in" and chat is not None:
            facts = rendering.named(await self._ours.name(account), account)
            facts |= {"said": "signed-in", "on": account, "session": str(event["data"]["session"])}
            self._put(f"alert/{account}/{event['id']}", chat, facts)
        elif step in {"disabled", "sessions_ended"}:
            await self._close(self._open(f"alert/{account}/"), event, step.replace("_", "-"))
        elif step == "erased":
            for one in self._state.beginning(f"alert/{account}/"):
                bare = TelegramMessage(said(self._told.locale, "erased"))
                self._state.put(one.key, one.chat, {"on": account}, written(bare))
            rendering.without(self._state, self._told.locale, account)

    def _put(self, key: str, chat: Chat, facts: Facts) -> None:
        rendering.put(self._state, self._told.locale, key, self._state.now(chat), facts)

    def _open(self, prefix: str) -> list[KeptMessage]:
        """Return the messages whose keys begin so and of which nothing has become yet."""
        there = self._state.beginning(prefix)
        return [one for one in there if "said" in one.facts and "ending" not in one.facts]

    async def _close(
        self, open_: list[KeptMessage], event: Mapping[str, Any], what: str, comment: str = ""
    ) -> None:
        """Say below messages what became of it, and take their buttons away."""
        actor = str(event["actor"])
        ending = rendering.named(await self._ours.name(actor), actor) | {"said": what, "comment": comment}
        for one in open_:
            self._put(one.key, one.chat, one.facts | {"ending": ending})

    def _post(self, facts: Facts) -> str:
        address = self._told.link.format(
            path=PATHS[facts["kind"]], slug=facts["slug"], locale=facts["locale"], id=facts["on"]
        )
        return written(post(facts["title"], facts["summary"], address, picture=facts["picture"]))


def _headline(data: Facts) -> Facts:
    """Return title and summary as lines, of those in several languages one."""
    return {name: spoken(data.get(name)) or "" for name in ("title", "summary")}
