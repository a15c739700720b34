"""The methods of the Bot API that a bot of ours calls, as Telegram documents them."""

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.telegram.markup import Refused, bad, keyboard, read

BOT = {"id": 4_200, "is_bot": True, "first_name": "FrankenJet", "username": "frankenjet_bot"}

CALLBACK_SECONDS = 15.0

type Given = Mapping[str, Any]


@dataclass
class Post:
    """A message in a chat."""

    id: int
    text: str
    """Without its markup."""
    raw: str
    photo: bytes | None
    markup: Any
    edits: int = 0
    deleted: bool = False
    own: bool = True


class Chats:
    """Chats, what stands in them, and what people do there.

    Args:
        chats: id → type: private, group, supergroup or channel.
        names: @name → id.
    """

    def __init__(self, chats: Mapping[int, str], names: Mapping[str, int]) -> None:
        self.lock = threading.Condition()
        self.types = dict(chats)
        self.names = dict(names)
        self.posts: dict[int, list[Post]] = {chat: [] for chat in chats}
        self.moved: dict[int, int] = {}
        self.blocked: set[int] = set()
        self.old: set[int] = set()
        """Ids of messages that are too old to be deleted."""
        self.edits_others: set[int] = set()
        """Channels whose administrator lets the bot edit the messages of others."""
        self.takes_pictures = True
        self.answers: list[tuple[str, str]] = []
        """What presses were answered with: id and text."""
        self.updates: list[dict[str, Any]] = []
        self.again = False
        """Whether updates that were confirmed are delivered once more."""
        self._numbers = itertools.count(900_001)
        self._messages = itertools.count(11)
        self._presses: dict[str, float] = {}
        self._polling = 0
        self.methods: Mapping[str, tuple[set[str], Callable[[Given], Any]]] = {
            "sendMessage": (_SEND | {"text", "reply_parameters"}, self._send_message),
            "sendPhoto": (_SEND | {"photo", "caption"}, self._send_photo),
            "editMessageText": (_EDIT | {"text"}, lambda given: self._edit(given, "text")),
            "editMessageCaption": (_EDIT | {"caption"}, lambda given: self._edit(given, "caption")),
            "getChatMember": ({"chat_id", "user_id"}, self._member),
            "deleteMessage": ({"chat_id", "message_id"}, self._delete),
            "answerCallbackQuery": ({"callback_query_id", "text", "show_alert"}, self._answer),
        }

    def in_chat(self, chat: int) -> list[Post]:
        """Return the messages that stand in a chat."""
        return [one for one in self.posts[chat] if not one.deleted]

    def add(self, chat: int, text: str) -> Post:
        """Let somebody else's message stand in a chat, which the bot does not hear of."""
        with self.lock:
            post = Post(next(self._messages), text, text, None, None, own=False)
            self.posts[chat].append(post)
            return post

    def upgrade(self, chat: int, after: int, *, hear: bool) -> None:
        """Make a group a supergroup, which has another number and none of its messages."""
        with self.lock:
            if hear:
                said = {"message_id": next(self._messages), "date": 1, "chat": self._chat(chat)}
                self._happened(message=said | {"from": _person(1), "migrate_to_chat_id": after})
            self.moved[chat] = after
            self.types[after] = "supergroup"
            self.posts[after] = []

    def press(self, chat: int, post: Post, label: str, user: int) -> str:
        """Let somebody press a button, and return the id of that."""
        with self.lock:
            (button,) = [one for row in post.markup["inline_keyboard"] for one in row if one["text"] == label]
            return self.send_data(chat, post, button["callback_data"], user)

    def send_data(self, chat: int, post: Post, data: str, user: int) -> str:
        """Let somebody send back what a button would, with a client of his own; return the id of that."""
        with self.lock:
            id_ = str(next(self._numbers) * 1_000_003)
            self._presses[id_] = time.monotonic()
            said = {"id": id_, "from": _person(user), "data": data, "chat_instance": "1"}
            self._happened(callback_query=said | {"message": self._shown(chat, post)})
            return id_

    def write(self, chat: int, user: int, text: str, reply_to: Post | None = None) -> None:
        """Let somebody write something."""
        with self.lock:
            said = {"message_id": next(self._messages), "date": 1, "chat": self._chat(chat), "text": text}
            if reply_to is not None:
                said["reply_to_message"] = self._shown(chat, reply_to)
            self._happened(message=said | {"from": _person(user)})

    def poll(self, given: Given) -> list[dict[str, Any]]:
        """Return updates from an offset on, and wait for some."""
        end = time.monotonic() + float(given.get("timeout", 0))
        with self.lock:
            self._polling += 1
            mine = self._polling
            self.lock.notify_all()
            if (offset := given.get("offset")) is not None and not self.again:
                self.updates = [one for one in self.updates if one["update_id"] >= int(offset)]
            self.again = False
            while not self.updates and time.monotonic() < end:
                self.lock.wait(0.1)
                if self._polling != mine:
                    raise Refused(409, "Conflict: terminated by other getUpdates request")
            return list(self.updates[:100])

    def _send_message(self, given: Given) -> Any:
        text = read(_text(given, "text"), 4_096, "message is too long")
        if not text:
            raise bad("message text is empty")
        return self._sent(given, text, given["text"], None)

    def _send_photo(self, given: Given) -> Any:
        photo = given.get("photo")
        if not isinstance(photo, bytes) or not photo:
            raise bad("there is no photo in the request")
        if not self.takes_pictures:
            raise bad("PHOTO_INVALID_DIMENSIONS")
        caption = read(_text(given, "caption"), 1_024, "message caption is too long")
        return self._sent(given, caption, given.get("caption", ""), photo)

    def _sent(self, given: Given, text: str, raw: str, photo: bytes | None) -> Any:
        chat = self._of(given)
        answered = given.get("reply_parameters")
        if answered and not any(one.id == answered["message_id"] for one in self.in_chat(chat)):
            raise bad("message to be replied not found")
        post = Post(next(self._messages), text, raw, photo, keyboard(given.get("reply_markup")))
        self.posts[chat].append(post)
        return self._shown(chat, post)

    def _edit(self, given: Given, what: str) -> Any:
        chat, post = self._post(given, "message to edit not found")
        if not post.own and chat not in self.edits_others:
            raise bad("message can't be edited")
        if (post.photo is None) != (what == "text"):
            raise bad(f"there is no {what} in the message to edit")
        most, long = (
            (4_096, "message is too long") if what == "text" else (1_024, "message caption is too long")
        )
        text, markup = read(_text(given, what), most, long), keyboard(given.get("reply_markup"))
        if what == "text" and not text:
            raise bad("message text is empty")
        if (given.get(what, ""), markup) == (post.raw, post.markup):
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the"
                " same as a current content and reply markup of the message"
            )
        post.text, post.raw, post.markup, post.edits = text, given.get(what, ""), markup, post.edits + 1
        return self._shown(chat, post)

    def _member(self, given: Given) -> Any:
        chat = self._of(given)
        if given.get("user_id") != BOT["id"]:
            raise bad("user not found")
        if self.types[chat] != "channel":
            return {"status": "member", "user": BOT}
        return {"status": "administrator", "user": BOT, "can_edit_messages": chat in self.edits_others}

    def _delete(self, given: Given) -> bool:
        _, post = self._post(given, "message to delete not found")
        if post.id in self.old:
            raise bad("message can't be deleted for everyone")
        post.deleted = True
        return True

    def _answer(self, given: Given) -> bool:
        id_, text = str(given.get("callback_query_id")), str(given.get("text", ""))
        if time.monotonic() - self._presses.pop(id_, -1e9) > CALLBACK_SECONDS:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        if len(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self.answers.append((id_, text))
        return True

    def _of(self, given: Given) -> int:
        chat = given.get("chat_id")
        found = self.names.get(chat) if isinstance(chat, str) and chat.startswith("@") else chat
        if isinstance(found, str) and found.lstrip("-").isdigit():
            found = int(found)
        if not isinstance(found, int) or found not in self.types:
            raise bad("chat not found")
        if found in self.moved:
            upgraded = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refused(400, upgraded, migrate_to_chat_id=self.moved[found])
        if found in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return found

    def _post(self, given: Given, missing: str) -> tuple[int, Post]:
        chat = self._of(given)
        found = next((one for one in self.in_chat(chat) if one.id == given.get("message_id")), None)
        if found is None:
            raise bad(missing)
        return chat, found

    def _chat(self, chat: int) -> dict[str, Any]:
        name = next((name[1:] for name, id_ in self.names.items() if id_ == chat), None)
        return {"id": chat, "type": self.types[chat]} | ({"username": name} if name else {})

    def _shown(self, chat: int, post: Post) -> dict[str, Any]:
        said = {"message_id": post.id, "date": 1, "chat": self._chat(chat), "from": BOT}
        return said | ({"text": post.text} if post.photo is None else {"caption": post.text})

    def _happened(self, **what: Any) -> None:
        self.updates.append({"update_id": next(self._numbers)} | what)
        self.lock.notify_all()


_SEND = {"chat_id", "parse_mode", "reply_markup", "disable_notification"}
_EDIT = {"chat_id", "message_id", "parse_mode", "reply_markup"}


def _person(user: int) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": f"<{user}> & Co"}


def _text(given: Given, name: str) -> str:
    if given.get("parse_mode", "HTML") != "HTML":
        raise bad("unsupported parse_mode")
    text = given.get(name, "")
    if not isinstance(text, str):
        raise bad(f"{name} must be a string")
    return text
