"""What `serve` is told of accounts and of the way of their mail."""

from collections.abc import Mapping
from pathlib import Path

from kit.auth.passwords import OWASP, Cost
from kit.limits.limits import Limits
from kit.limits.shared import SharedCounts
from kit.mail.sending import ForgetMail, Send, from_folder, into_folder, into_log, nothing_kept, through_smtp
from kit.settings import Settings
from scripts.keys import signing_key
from write_side.accounts.providers.settings import read_providers
from write_side.accounts.work import AccountSettings, Registration

_REGISTRATION: Mapping[str, Registration] = {"open": "open", "invitation": "invitation", "off": "off"}


def account_settings(settings: Settings, hashing: Cost = OWASP) -> AccountSettings:
    """Return what commands of accounts are decided by.

    Args:
        settings: of the process.
        hashing: what each hash of a password costs.

    Raises:
        Refused: the signing key cannot be used.
    """
    return AccountSettings(
        key=signing_key(settings),
        send=way_out(settings),
        sender=settings.mail_from,
        site=settings.site_url,
        registration=_REGISTRATION[settings.registration],
        providers=read_providers(settings.providers_file),
        forget_mail=forgetting(settings),
        webhooks_loopback=settings.webhooks_loopback,
        erased_file=erased_file(settings),
        hashing=hashing,
    )


def limits_of(settings: Settings) -> Limits:
    """Return what counts how often anything is done; processes with the same key count together.

    Raises:
        Refused: the signing key cannot be used.
    """
    secret = signing_key(settings).private.private_bytes_raw()
    shared = SharedCounts(settings.redis_url, settings.redis_prefix, secret)
    return Limits(shared, scale=settings.limits)


def forgetting(settings: Settings) -> ForgetMail:
    """Return how mails that are kept in the state folder are removed; it may be named for another reason."""
    return from_folder(settings.state / "mail") if settings.state.is_dir() else nothing_kept


def erased_file(settings: Settings) -> Path | None:
    """Return where it is written down who was erased: where it is told, or in the state folder."""
    if settings.erased_file is not None:
        return settings.erased_file
    return settings.state / "erased" if settings.state.is_dir() else None


def way_out(settings: Settings) -> Send:
    """Return how mail leaves: by the server that is named, into the state folder, or into the log."""
    if settings.smtp_url:
        return through_smtp(settings.smtp_url)
    if settings.state.is_dir():
        return into_folder(settings.state / "mail")
    return into_log()
