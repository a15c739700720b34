"""What `serve` is told of accounts and of the way of their mail."""

from kit.limits.limits import Limits
from kit.limits.shared import SharedCounts
from kit.mail.sending import Send, into_folder, into_log, through_smtp
from kit.settings import Settings
from scripts.keys import signing_key
from write_side.accounts.work import AccountSettings


def account_settings(settings: Settings) -> AccountSettings:
    """Return what commands of accounts are decided by.

    Raises:
        Refused: the signing key cannot be used.
    """
    return AccountSettings(
        key=signing_key(settings),
        send=way_out(settings),
        sender=settings.mail_from,
        site=settings.site_url,
        registration="off" if settings.registration == "off" else "open",
    )


def limits_of(settings: Settings) -> Limits:
    """Return what counts how often anything is done; processes with the same key count together.

    Raises:
        Refused: the signing key cannot be used.
    """
    secret = signing_key(settings).private.private_bytes_raw()
    shared = SharedCounts(settings.redis_url, settings.redis_prefix, secret)
    return Limits(shared, scale=settings.limits)


def way_out(settings: Settings) -> Send:
    """Return how mail leaves: by the server that is named, into the state folder, or into the log."""
    if settings.smtp_url:
        return through_smtp(settings.smtp_url)
    if settings.state.is_dir():
        return into_folder(settings.state / "mail")
    return into_log()
