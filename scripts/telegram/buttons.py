"""What comes back when a button is pressed: what it does and to which message it belongs, signed by us."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Literal, NamedTuple, get_args

type ActName = Literal["publish", "return", "sign-out", "disable"]

ACTS = frozenset(get_args(ActName.__value__))


MOST_DIGITS = 18
"""Of the number of a message, as our file takes it."""


class Pressed(NamedTuple):
    """A button that was pressed."""

    act: str
    number: int
    """Of the message in our file."""


def data_of(secret: bytes, act: ActName, number: int, chat: int | str) -> str:
    """Return what a button of a message sends back: less than 64 bytes, as Telegram demands."""
    return f"{act}.{number}.{_signature(secret, act, number, chat)}"


def number_in(data: str) -> int | None:
    """Return the message that a button claims to be of."""
    parts = data.split(".")
    good = len(parts) == len(Pressed._fields) + 1 and parts[1].isascii() and parts[1].isdecimal()
    return int(parts[1]) if good and len(parts[1]) <= MOST_DIGITS else None


def pressed(secret: bytes, data: str, chat: int | str) -> Pressed | None:
    """Return what a button of a message of this chat says; None: it is none of ours."""
    act, _, rest = data.partition(".")
    number = number_in(data)
    if act not in ACTS or number is None:
        return None
    sent = rest.partition(".")[2].encode(errors="replace")
    expected = _signature(secret, act, number, chat).encode()
    return Pressed(act, number) if hmac.compare_digest(sent, expected) else None


def _signature(secret: bytes, act: str, number: int, chat: int | str) -> str:
    made = hmac.digest(secret, f"{act}.{number}.{chat}".encode(), hashlib.sha256)
    return urlsafe_b64encode(made[:16]).rstrip(b"=").decode()
