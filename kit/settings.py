"""Everything that the environment decides, and its defaults."""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, by a `main` module or a verb, and handed on as plain values."""

    model_config = SettingsConfigDict(
        env_prefix="FRANKENJET_", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    database_url: str = Field("", validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    """PostgreSQL of the processes; empty: the embedded one of the state folder."""

    owner_url: str = ""
    """PostgreSQL as the owner of the schemas, for migrations; empty: DATABASE_URL."""

    redis_url: str = Field("", validation_alias=AliasChoices("REDIS_URL", "redis_url"))
    """Redis or Valkey; empty: the embedded one."""

    rabbitmq_url: str = Field("", validation_alias=AliasChoices("RABBITMQ_URL", "rabbitmq_url"))
    """RabbitMQ; empty: the forwarder waits."""

    port: int | None = Field(None, validation_alias=AliasChoices("PORT", "port"), ge=1, le=65535)
    """Port of the API; unset: 8000 or the next free one. A given port that is taken is an error."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", validation_alias=AliasChoices("LOG_LEVEL", "log_level")
    )
    """debug, info, warning or error."""

    host: str = "127.0.0.1"
    """Address that the API listens on, and the projector where it has a port."""

    projector_port: int | None = Field(None, ge=1, le=65535)
    """Port where the projector answers /livez, /readyz and /metrics; unset: none. A taken one is an error."""

    sample: bool | None = Field(None, validation_alias=AliasChoices("SAMPLE", "sample"))
    """Whether `up` loads the sample encyclopedia; unset: into its own PostgreSQL only."""

    state: Path = Path(".state")
    """Folder of the embedded parts: their data, sockets, the signing key, the lock."""

    signing_key_file: Path | None = None
    """Ed25519 private key in PEM that signs tokens; made in the state folder in embedded use only."""

    verify_key_files: str = ""
    """Further Ed25519 public keys in PEM that are still accepted, separated by commas."""

    redis_prefix: str = "frankenjet"
    """First part of every key in Redis."""

    cors_origins: str = ""
    """Exact origins that browsers may call from, separated by commas."""

    shared_max_age: int = Field(0, ge=0, le=86400)
    """Seconds that a shared cache may keep a public answer; leave 0 where no purge is configured."""
