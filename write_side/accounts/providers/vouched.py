"""What a provider is asked, what a browser brings from it, and what it says of somebody."""

from typing import ClassVar, NamedTuple, Protocol

from write_side.accounts.providers.attempts import Begun
from write_side.accounts.providers.settings import ProviderName


class Vouched(NamedTuple):
    """Whom a provider says that somebody is."""

    subject: str
    """The same for good; names and addresses are not."""
    name: str
    """As he calls himself there; may be empty."""
    email: str = ""
    """Only one that the provider itself hosts: any other may be anybody's."""


class CameBack(NamedTuple):
    """What the browser brought from the provider."""

    code: str
    state: str
    issuer: str
    """Who sent it back, as it says (RFC 9207); may be empty."""
    device: str
    """Of VK."""


class Provider(Protocol):
    """A provider that is offered."""

    NAME: ClassVar[ProviderName]

    async def address_of(self, begun: Begun) -> str:
        """Return the address that somebody is sent to; raises Problem, 503, when the provider is away."""

    async def vouched(self, came: CameBack, verifier: str, nonce: str) -> Vouched:
        """Ask the provider who came back.

        Raises:
            Problem: 403, it does not say, or is not to be believed; 503, it is away.
        """
