"""For which site passkeys are made, and from which pages they are used: what FRANKENJET_SITE_URL says."""

import re
from functools import cache
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

_LOCALHOST = "localhost"

_ON_THIS_MACHINE = re.compile(r"http://localhost(:[0-9]{1,5})?")


class PasskeySite(NamedTuple):
    """A site that passkeys can be made for."""

    id: str
    """Its host: a passkey is of use there and nowhere else."""
    origin: str
    """Of its pages."""

    def has_page(self, origin: str) -> bool:
        """Tell whether a page of an origin may use passkeys; on the machine itself, at any of its ports.

        Browsers know a site by its host alone, and `make up` takes the next port that is free.
        """
        if self.id == _LOCALHOST:
            return _ON_THIS_MACHINE.fullmatch(origin) is not None
        return origin == self.origin


@cache
def passkey_site(address: str) -> PasskeySite | None:
    """Return the site at an address; None: no browser makes passkeys for it.

    They do so for a name, over TLS or on the machine itself; not for an address of numbers.
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").encode("idna").decode()
    if not host or _is_number(host) or (parts.scheme != "https" and host != _LOCALHOST):
        return None
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = f":{parts.port}" if parts.port not in {None, usual} else ""
    return PasskeySite(host, f"{parts.scheme}://{host}{port}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
