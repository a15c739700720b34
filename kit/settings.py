"""Everything that the environment decides, and its defaults; each is read by the reader of its form."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

from kit.checkout import ROOT
from kit.errors import Refused
from kit.forms import Wrong, addresses, lists, plain

# ruff: noqa: RUF009 - each default is a field, which is made once

_FROM_THE_ENVIRONMENT = object()


def _setting(unset: Any, read: Callable[[str], Any], variable: str = "") -> Any:
    """Return a field of Settings.

    Args:
        unset: what it is when nobody sets it.
        read: reads what somebody wrote.
        variable: where it has a name of its own everywhere; else FRANKENJET_ and that of the field.
    """
    told = {"unset": unset, "read": read, "variable": variable}
    return field(default=_FROM_THE_ENVIRONMENT, metadata=told)


@dataclass(frozen=True, kw_only=True, repr=False)  # some hold passwords
class Settings:
    """Read once, by a `main` module or a verb, and handed on as plain values.

    What is not given is read from the environment. Texts are read by the readers of their forms, spaces alone
    count as not set, and anything else is taken as it is.

    Raises:
        Refused: some cannot be read; with a line for each, in which nothing that was written is repeated.
    """

    database_url: str = _setting("", addresses.postgres, "DATABASE_URL")
    """PostgreSQL of the processes; empty: the embedded one of the state folder."""

    read_url: str = _setting("", addresses.postgres)
    """PostgreSQL of the read side of `serve`, where it has a login of its own; empty: DATABASE_URL."""

    owner_url: str = _setting("", addresses.postgres)
    """PostgreSQL as the owner of the schemas, for migrations; empty: DATABASE_URL."""

    redis_url: str = _setting("", addresses.redis, "REDIS_URL")
    """Redis or Valkey; empty: the embedded one."""

    rabbitmq_url: str = _setting("", addresses.amqp, "RABBITMQ_URL")
    """RabbitMQ; empty: the forwarder waits."""

    port: int | None = _setting(None, plain.port, "PORT")
    """Port of the API; unset: 8000 or the next free one. A given port that is taken is an error."""

    log_level: str = _setting("info", plain.level, "LOG_LEVEL")
    """debug, info, warning or error."""

    host: str = _setting("127.0.0.1", plain.host)
    """Address that the API listens on, and the projector where it has a port."""

    internal_port: int | None = _setting(None, plain.port)
    """Port of /metrics, /readyz, /docs and /openapi.json, which then answer only there; unset: the API's."""

    connections: int = _setting(2048, plain.number(16, 60_000))
    """Connections that `serve` holds at the same time; the machine's limit of open files may lower it."""

    connections_per_address: int = _setting(256, plain.number(4, 60_000))
    """Of them, from one address, beyond which those are cut where nothing moves; a proxy needs more."""

    projector_port: int | None = _setting(None, plain.port)
    """Port where the projector answers /livez, /readyz and /metrics; unset: none. A taken one is an error."""

    alarm_port: int | None = _setting(None, plain.port)
    """Port where `alarm` answers /livez and /metrics; unset: none. A taken one is an error."""

    alarm_mail: tuple[str, ...] = _setting((), lists.mailboxes)
    """Who is told by mail of readers of the log in trouble: addresses, separated by commas; unset: nobody."""

    sample: bool | None = _setting(None, plain.switch, "SAMPLE")
    """Whether `up` loads the sample encyclopedia; unset: into its own PostgreSQL only."""

    state: Path = _setting(ROOT / ".state", lists.path)
    """Folder of the embedded parts: their data, sockets, the signing key, the lock."""

    signing_key_file: Path | None = _setting(None, lists.path)
    """Ed25519 private key in PEM that signs tokens; made in the state folder in embedded use only."""

    verify_key_files: tuple[Path, ...] = _setting((), lists.paths)
    """Further Ed25519 public keys in PEM that are still accepted, separated by commas."""

    redis_prefix: str = _setting("frankenjet", plain.prefix)
    """First part of every key in Redis."""

    cors_origins: tuple[str, ...] = _setting((), lists.origins)
    """Exact origins that browsers may call from, separated by commas."""

    smtp_url: str = _setting("", addresses.smtp, "SMTP_URL")
    """Server that mail is sent through; empty: mail is kept in the state folder, or stands in the log."""

    mail_from: str = _setting("FrankenJet <frankenjet@localhost>", plain.mailbox)
    """From whom mail comes."""

    providers_file: Path | None = _setting(None, lists.path)
    """TOML file of those with whom people may sign in: Google, Telegram, VK, Yandex; unset: none."""

    telegram_file: Path | None = _setting(None, lists.path)
    """TOML file of the Telegram bot: its tokens and its chats; unset: `telegram` does not begin."""

    site_url: str = _setting("http://localhost:8000", addresses.http)
    """Address of the pages that links in mails lead to, and that passkeys are made for."""

    registration: str = _setting("open", plain.one_of("open", "invitation", "off"))
    """Who may open an account: open (anyone who reads the mail to his address), invitation, or off."""

    erased_file: Path | None = _setting(None, lists.path)
    """List of the ids of erased accounts, kept apart from backups; unset: `erased` in the state folder."""

    webhooks_loopback: bool = _setting(False, plain.switch)  # noqa: FBT003 - unset
    """Whether webhooks may go over http and to this machine, for trying out."""

    second_factor: str = _setting("off", plain.one_of("off", "publishers"))
    """Who has to sign in with a second factor: nobody, or anyone who may publish or administrate."""

    s3_bucket: str = _setting("", plain.bucket)
    """Bucket of an S3 that keeps files; empty: they are kept in the state folder."""

    s3_endpoint_url: str = _setting("", addresses.http, "S3_ENDPOINT_URL")
    """Where the S3 is; empty: at Amazon."""

    s3_style: str = _setting("path", plain.one_of("path", "virtual"))
    """Where the bucket is named: in the path, or in the host."""

    s3_upload_url: str = _setting("", addresses.http)
    """Where browsers send files to the bucket, where that is another address than ours for it."""

    media_url: str = _setting("", addresses.http)
    """Where anybody reads the files of pictures, as at a CDN before the bucket; empty: from us."""

    aws_region: str = _setting("us-east-1", plain.bucket, "AWS_REGION")
    """Region of the S3."""

    aws_access_key_id: str = _setting("", plain.credential, "AWS_ACCESS_KEY_ID")
    """Who we are there; empty: as the machine's role says."""

    aws_secret_access_key: str = _setting("", plain.credential, "AWS_SECRET_ACCESS_KEY")
    """The secret to it."""

    aws_session_token: str = _setting("", plain.credential, "AWS_SESSION_TOKEN")
    """Where the two above are lent for some hours: what comes with them."""

    hosts: tuple[str, ...] = _setting((), lists.hosts)
    """Names that the Host of a request may carry at the API's port, separated by commas; empty: any."""

    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = _setting((), lists.networks)
    """Networks of the proxies ahead, separated by commas: what those say of who asks is believed."""

    limits: float = _setting(1.0, plain.factor)
    """How often anything may be done, as a multiple of the figures in docs/operations.md; 0: no limits."""

    shared_max_age: int = _setting(0, plain.number(0, 86400, "a number of seconds"))
    """Seconds that a shared cache may keep a public answer; leave 0 where no purge is configured."""

    def __post_init__(self) -> None:
        wrong: list[str] = []
        for one in fields(self):
            variable = _variable(one.name, one.metadata)
            given = getattr(self, one.name)
            if given is _FROM_THE_ENVIRONMENT:
                given = os.environ.get(variable, "")  # noqa: TID251 - the one place
            if isinstance(given, str):
                try:
                    given = one.metadata["read"](given) if given.strip() else one.metadata["unset"]
                except Wrong as error:
                    wrong.append(f"{variable}: {error}")
            object.__setattr__(self, one.name, given)
        if wrong:
            raise Refused(wrong)

    @classmethod
    def variables(cls) -> dict[str, str]:
        """Return the variable of each setting."""
        return {one.name: _variable(one.name, one.metadata) for one in fields(cls)}


def _variable(name: str, told: Mapping[str, Any]) -> str:
    return told["variable"] or f"FRANKENJET_{name.upper()}"
