"""One mail to one reader: plain text, and the same as HTML."""

import html
import re
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import NamedTuple
from uuid import UUID

from kit import clock

_LINK = re.compile(r"https?://[^\s<>]+")


class Letter(NamedTuple):
    """What is said to whom."""

    id: UUID
    """Names it: the same id is the same mail, sent once more."""
    address: str
    locale: str
    """Its language: "ru" or "en"."""
    subject: str
    text: str
    """Paragraphs with an empty line between them."""


def composed(letter: Letter, sender: str) -> EmailMessage:
    """Return a letter as SMTP carries it.

    Args:
        letter: what is said.
        sender: such as "FrankenJet <post@example.org>".

    Raises:
        ValueError: an address or the subject cannot stand in a header.
    """
    name, address = parseaddr(sender)
    message = EmailMessage(SMTP)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = _address(letter.address)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{letter.id}@{address.rpartition('@')[2]}>"
    message["Content-Language"] = letter.locale
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text + "\n")
    message.add_alternative(_as_html(letter), subtype="html")
    return message


def _address(text: str) -> Address:
    try:
        return Address(addr_spec=text)
    except (IndexError, MessageError):
        raise ValueError("this is no address of mail") from None


def _as_html(letter: Letter) -> str:
    paragraphs = "\n".join(f"<p>{_marked(part)}</p>" for part in letter.text.split("\n\n"))
    head = f'<meta charset="utf-8"><title>{html.escape(letter.subject)}</title>'
    body = f"<head>{head}</head><body>\n{paragraphs}\n</body>"
    return f'<!doctype html><html lang="{letter.locale}">{body}</html>\n'


def _marked(paragraph: str) -> str:
    """Return a paragraph with its links to click on and its lines as they are."""
    escaped = html.escape(paragraph).replace("\n", "<br>\n")
    return _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escaped)
