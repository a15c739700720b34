"""Everything that the environment decides, and its defaults; each is read by the reader of its form."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from kit.checkout import ROOT
from kit.forms import addresses, lists, plain


def _unless[T](unset: T, read: Any) -> BeforeValidator:
    """Read what somebody wrote; spaces alone count as not set, and what is no text is taken as it is."""

    def reader(given: Any) -> Any:
        if not isinstance(given, str):
            return given
        return read(given) if given.strip() else unset

    return BeforeValidator(reader)


def _named(name: str) -> AliasChoices:
    """Return the variable of a setting that has a name of its own everywhere."""
    return AliasChoices(name, name.lower())


class Settings(BaseSettings):
    """Read once, by a `main` module or a verb, and handed on as plain values."""

    model_config = SettingsConfigDict(
        env_prefix="FRANKENJET_",
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    database_url: Annotated[str, _unless("", addresses.postgres)] = Field(
        "", validation_alias=_named("DATABASE_URL")
    )
    """PostgreSQL of the processes; empty: the embedded one of the state folder."""

    read_url: Annotated[str, _unless("", addresses.postgres)] = ""
    """PostgreSQL of the read side of `serve`, where it has a login of its own; empty: DATABASE_URL."""

    owner_url: Annotated[str, _unless("", addresses.postgres)] = ""
    """PostgreSQL as the owner of the schemas, for migrations; empty: DATABASE_URL."""

    redis_url: Annotated[str, _unless("", addresses.redis)] = Field("", validation_alias=_named("REDIS_URL"))
    """Redis or Valkey; empty: the embedded one."""

    rabbitmq_url: Annotated[str, _unless("", addresses.amqp)] = Field(
        "", validation_alias=_named("RABBITMQ_URL")
    )
    """RabbitMQ; empty: the forwarder waits."""

    port: Annotated[int | None, _unless(None, plain.port)] = Field(None, validation_alias=_named("PORT"))
    """Port of the API; unset: 8000 or the next free one. A given port that is taken is an error."""

    log_level: Annotated[str, _unless("info", plain.level)] = Field(
        "info", validation_alias=_named("LOG_LEVEL")
    )
    """debug, info, warning or error."""

    host: Annotated[str, _unless("127.0.0.1", plain.host)] = "127.0.0.1"
    """Address that the API listens on, and the projector where it has a port."""

    internal_port: Annotated[int | None, _unless(None, plain.port)] = None
    """Port of /metrics, /readyz, /docs and /openapi.json, which then answer only there; unset: the API's."""

    connections: Annotated[int, _unless(2048, plain.number(16, 60_000))] = 2048
    """Connections that `serve` holds at the same time; the machine's limit of open files may lower it."""

    connections_per_address: Annotated[int, _unless(256, plain.number(4, 60_000))] = 256
    """Of them, from one address, beyond which those are cut where nothing moves; a proxy needs more."""

    projector_port: Annotated[int | None, _unless(None, plain.port)] = None
    """Port where the projector answers /livez, /readyz and /metrics; unset: none. A taken one is an error."""

    sample: Annotated[bool | None, _unless(None, plain.switch)] = Field(
        None, validation_alias=_named("SAMPLE")
    )
    """Whether `up` loads the sample encyclopedia; unset: into its own PostgreSQL only."""

    state: Annotated[Path, _unless(ROOT / ".state", lists.path)] = ROOT / ".state"
    """Folder of the embedded parts: their data, sockets, the signing key, the lock."""

    signing_key_file: Annotated[Path | None, _unless(None, lists.path)] = None
    """Ed25519 private key in PEM that signs tokens; made in the state folder in embedded use only."""

    verify_key_files: Annotated[tuple[Path, ...], NoDecode, _unless((), lists.paths)] = ()
    """Further Ed25519 public keys in PEM that are still accepted, separated by commas."""

    redis_prefix: Annotated[str, _unless("frankenjet", plain.prefix)] = "frankenjet"
    """First part of every key in Redis."""

    cors_origins: Annotated[tuple[str, ...], NoDecode, _unless((), lists.origins)] = ()
    """Exact origins that browsers may call from, separated by commas."""

    hosts: Annotated[tuple[str, ...], NoDecode, _unless((), lists.hosts)] = ()
    """Names that the Host of a request may carry at the API's port, separated by commas; empty: any."""

    shared_max_age: Annotated[int, _unless(0, plain.number(0, 86400, "a number of seconds"))] = 0
    """Seconds that a shared cache may keep a public answer; leave 0 where no purge is configured."""
