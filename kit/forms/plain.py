"""Reads settings that are one word or one number: a host, a port, a level, a switch, a prefix."""

import ipaddress
import re
from collections.abc import Callable
from email.utils import formataddr, parseaddr

from kit.forms import Wrong

LARGEST_PORT = 65535
LARGEST_FACTOR = 1_000_000
LEVELS = ("debug", "info", "warning", "error")
_OTHER_LEVELS = {"warn": "warning", "err": "error", "critical": "error", "fatal": "error", "trace": "debug"}
_ON, _OFF = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_MAILBOX = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_CREDENTIAL = re.compile(r"[!-~]{3,4096}")
_PREFIX = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def number(low: int, high: int, what: str = "a whole number") -> Callable[[str | int], int]:
    """Return a reader of whole numbers within bounds, which takes digits and nothing else.

    Args:
        low: the least.
        high: the greatest.
        what: what it is called in a refusal.
    """

    def read(given: str | int) -> int:
        text = str(given).strip()
        if re.fullmatch(r"-?[0-9]{1,18}", text) is None or not low <= int(text) <= high:
            raise Wrong(f"{what} from {low} to {high} is wanted here")
        return int(text)

    return read


def factor(given: str | float) -> float:
    """Read a number from 0 to a million that something is multiplied by, such as 2 or 0.5.

    Raises:
        Wrong: it is something else.
    """
    text = str(given).strip()
    if re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,6})?", text) is None or float(text) > LARGEST_FACTOR:
        raise Wrong("a number from 0 to 1,000,000 is wanted here, such as 1, 2 or 0.5")
    return float(text)


port = number(1, LARGEST_PORT, "a port")


def host(text: str) -> str:
    """Read an address to listen on: a name or a number of this machine, without a scheme or a port.

    Raises:
        Wrong: it is something else.
    """
    name = text.strip().lower().removeprefix("[").removesuffix("]")
    if name == "*":
        return "0.0.0.0"  # noqa: S104 - what was asked for
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        if _NAME.fullmatch(name) is None:
            raise Wrong(
                "a host is a name or a number such as 127.0.0.1, or 0.0.0.0 for all of this machine's;"
                " a port has a setting of its own"
            ) from None
    return name


def level(text: str) -> str:
    """Read how much is logged, in any case; `warn` is understood.

    Raises:
        Wrong: there is no such level.
    """
    name = text.strip().lower()
    name = _OTHER_LEVELS.get(name, name)
    if name not in LEVELS:
        raise Wrong(f"there are {', '.join(LEVELS)}")
    return name


def switch(given: str | bool) -> bool:  # noqa: FBT001 - it is what is read
    """Read yes or no.

    Raises:
        Wrong: it is neither.
    """
    text = str(given).strip().lower()
    if text not in _ON | _OFF:
        raise Wrong("1 or 0 is wanted here")
    return text in _ON


def prefix(text: str) -> str:
    """Read the first part of keys.

    Raises:
        Wrong: it is too long, or has signs that a key should not have.
    """
    if _PREFIX.fullmatch(text.strip()) is None:
        raise Wrong("1 to 64 letters, digits, dots, colons, dashes and underscores are wanted here")
    return text.strip()


def bucket(text: str) -> str:
    """Read the name of a bucket, or of a region, of an S3.

    Raises:
        Wrong: there is no such name.
    """
    if _BUCKET.fullmatch(text.strip()) is None:
        raise Wrong("3 to 63 small letters, digits, dots and hyphens are wanted here")
    return text.strip()


def credential(text: str) -> str:
    """Read a name or a secret of programs.

    Raises:
        Wrong: it is too short, or has signs that such a thing never has.
    """
    if _CREDENTIAL.fullmatch(text.strip()) is None:
        raise Wrong("3 or more letters, digits and signs of ASCII are wanted here, without spaces")
    return text.strip()


def one_of(*words: str) -> Callable[[str], str]:
    """Return a reader of one of some words, in any case."""

    def read(text: str) -> str:
        word = text.strip().lower()
        if word not in words:
            raise Wrong(f"there are {', '.join(words)}")
        return word

    return read


def mailbox(text: str) -> str:
    """Read from whom mail comes: an address, or a name and an address in angle brackets.

    Raises:
        Wrong: it is neither.
    """
    name, address = parseaddr(text.strip())
    if not text.isprintable() or _MAILBOX.fullmatch(address) is None:
        raise Wrong("an address is wanted here, such as FrankenJet <post@example.org>")
    return formataddr((name, address))
