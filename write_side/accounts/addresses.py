"""E-mail addresses: what is one, and the form in which two are compared."""

from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from kit.errors import Problem
from write_side.accounts.problem_types import INVALID_ADDRESS


class MailAddress(NamedTuple):
    """An address."""

    written: str
    """As it is used: its owner's spelling, the domain in small letters."""
    key: str
    """As it is compared: two that differ in case only are one, and no two domains are."""


def mail_address(text: str) -> MailAddress:
    """Return an address; whether anybody reads what is sent there, only a mail can tell.

    Raises:
        Problem: 422.
    """
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        raise Problem(
            INVALID_ADDRESS,
            errors=[{"pointer": "/email", "detail": "must be an address such as anna@example.org"}],
        ) from None
    return MailAddress(found, found.lower())  # casefold makes one of straße.de and strasse.de
