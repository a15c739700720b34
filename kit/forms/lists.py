"""Reads settings that are lists, separated by commas, spaces or both: origins of browsers, files."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from kit.forms import Wrong
from kit.forms.plain import mailbox

_DEFAULT = {"http": "80", "https": "443"}
_ORIGIN = re.compile(
    r"([a-z][a-z0-9+.-]*)://(\[[0-9a-f:.]+\]|[^\s/:?#@\[\]]+)(?::([0-9]{1,5}))?/*", re.IGNORECASE
)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?")
LOOKS = "an origin is scheme, host and at most a port, such as https://example.org"


def origins(text: str) -> tuple[str, ...]:
    """Read origins as a browser sends them (RFC 6454): in lower case, no slash, no default port.

    Raises:
        Wrong: an entry would match nothing, or everything; the entry is named.
    """
    return tuple(dict.fromkeys(_origin(entry) for entry in _entries(text)))


def hosts(text: str) -> tuple[str, ...]:
    """Read names of hosts as clients send them: in lower case, without a port.

    Raises:
        Wrong: an entry is more than a name; it is named.
    """
    return tuple(dict.fromkeys(_named(entry) for entry in _entries(text)))


def _named(entry: str) -> str:
    if "@" in entry:
        raise Wrong("one of them holds a user, and a host is written without one")
    if re.search(r"[*/:@]", entry) and not re.fullmatch(r"\[[0-9A-Fa-f:.]+\]", entry):
        raise Wrong(f"«{entry}» is no name of one host: it is written without a scheme, a port and stars")
    return _browsers(entry, entry).removesuffix(".")


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Read networks such as 10.0.0.0/8, and single addresses.

    Raises:
        Wrong: an entry is none, or stands for everybody; it is named.
    """
    return tuple(dict.fromkeys(_network(entry) for entry in _entries(text)))


def _network(entry: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(entry, strict=False)
    except ValueError:
        raise Wrong(f"«{entry}» is no network: it is written like 10.0.0.0/8 or fd00::/8") from None
    if not network.prefixlen:
        raise Wrong(f"«{entry}» is everybody, and a proxy is somebody whom you know")
    return network


def mailboxes(text: str) -> tuple[str, ...]:
    """Read addresses of mail, separated by commas or spaces.

    Raises:
        Wrong: an entry is none.
    """
    return tuple(dict.fromkeys(mailbox(entry) for entry in _entries(text)))


def paths(text: str) -> tuple[Path, ...]:
    """Read paths of files, separated by commas; a path may hold spaces, and `~` is a home.

    Raises:
        Wrong: a home is not known.
    """
    return tuple(path(entry.strip()) for entry in text.split(",") if entry.strip())


def path(text: str) -> Path:
    """Read the path of a file or a folder; `~` is a home.

    Raises:
        Wrong: it has a NUL, or its home is not known.
    """
    if "\0" in text:
        raise Wrong("there is a NUL in it")
    try:
        return Path(text.strip()).expanduser()
    except RuntimeError:
        raise Wrong("the home that ~ stands for is not known: write the whole path") from None


def _entries(text: str) -> list[str]:
    return [entry for entry in re.split(r"[\s,]+", text) if entry]


def _origin(entry: str) -> str:
    if "*" in entry:
        raise Wrong(f"«{entry}» stands for many sites, and each is named by itself: {LOOKS}")
    if "@" in entry:
        raise Wrong(f"one of them holds a user, which no browser sends: {LOOKS}")
    found = _ORIGIN.fullmatch(entry)
    if found is None or found[1].lower() not in _DEFAULT:
        raise Wrong(f"«{entry}» is no origin: {LOOKS}")
    scheme, host, port = found[1].lower(), _browsers(found[2], entry), found[3]
    if port is not None and not 0 < int(port) <= 65535:  # noqa: PLR2004 - the largest port
        raise Wrong(f"«{entry}» has a port that does not exist: {LOOKS}")
    return f"{scheme}://{host}" if port in {None, _DEFAULT[scheme]} else f"{scheme}://{host}:{int(port)}"


def _browsers(host: str, entry: str) -> str:
    """Return a host as browsers send it: in lower case, and in Punycode where it is not ASCII."""
    if host.startswith("["):
        return host.lower()
    try:
        name = host.lower() if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        name = ""
    if _HOST.fullmatch(name) is None:
        raise Wrong(f"«{entry}» has a host that does not exist: {LOOKS}")
    return name
