"""Which providers are offered, as a file of the operator says."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from kit.errors import Refused
from kit.forms import Wrong, addresses

type ProviderName = Literal["google", "telegram", "vk", "yandex"]


class ProviderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What we are to a provider, and where it is if not at its usual address."""

    client_id: str
    client_secret: str = ""
    """Empty: it knows us by the address that we ask to come back to, and by the proof of each attempt."""
    address: str = ""
    """Of its sign-in; empty: the usual one."""
    info_address: str = ""
    """Where Yandex tells who somebody is; empty: the usual one."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    google: ProviderSettings | None = None
    telegram: ProviderSettings | None = None
    vk: ProviderSettings | None = None
    yandex: ProviderSettings | None = None


def read_providers(path: Path | None) -> Mapping[ProviderName, ProviderSettings]:
    """Return the providers that a TOML file names, each in a table of its name.

    Raises:
        Refused: the file cannot be read or says something else; nothing that stands in it is repeated.
    """
    if path is None:
        return {}
    try:
        said = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _File)
    except OSError as error:
        raise _refused(f"the file cannot be read: {error.strerror}") from None
    except (UnicodeError, tomllib.TOMLDecodeError):
        raise _refused("the file is no TOML") from None
    except msgspec.ValidationError as error:
        raise _refused(str(error)) from None
    names: tuple[ProviderName, ...] = ("google", "telegram", "vk", "yandex")
    found = {name: one for name in names if (one := getattr(said, name)) is not None}
    return {name: _checked(name, one) for name, one in found.items()}


def _checked(name: ProviderName, one: ProviderSettings) -> ProviderSettings:
    if not one.client_id.strip():
        raise _refused(f"{name} has no client_id")
    try:
        read = {
            key: addresses.http(value) for key in ("address", "info_address") if (value := getattr(one, key))
        }
    except Wrong as error:
        raise _refused(f"an address of {name}: {error}") from None
    return msgspec.structs.replace(one, **read)


def _refused(why: str) -> Refused:
    return Refused([f"FRANKENJET_PROVIDERS_FILE: {why}"])
