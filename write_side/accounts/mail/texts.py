"""What our mails say, in the language of their reader: `texts.toml` beside this file."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from events.base import Locale

MailKind = Literal[
    "registration", "known", "password", "unknown", "password-changed", "token-used-twice",
    "email", "email-taken", "email-changed", "email-restored", "ways-changed", "token-made",
    "passkey-copied", "invitation", "telegram-changed", "webhook-stopped",
]  # fmt: skip

_LATER = {"webhook": ""}
"""What a mail that was left by an earlier build does not say."""

_FILE = Path(__file__).with_name("texts.toml")


class MailText(NamedTuple):
    """What a mail says."""

    subject: str
    text: str


def mail_text(kind: MailKind, locale: Locale, facts: Mapping[str, str]) -> MailText:
    """Return what a mail says.

    Args:
        kind: which mail.
        locale: the language of its reader.
        facts: what is filled in: `site`, and `code` or `webhook` where there is one.
    """
    said = _texts()[kind][locale]
    return MailText(said["subject"], said["text"].format_map({**_LATER, **facts}).strip())


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(_FILE.read_text("utf-8"))
