"""Every question about accounts that has a route."""

from kit.http.deferred import DeferredRoute
from read_side.accounts.api import account_queries
from read_side.accounts.audit import audit_queries
from read_side.accounts.avatars import AVATAR_QUERIES
from read_side.accounts.invitations import invitation_queries
from read_side.accounts.own import OWN_QUERIES
from read_side.sources import Sources


def people_queries(sources: Sources) -> tuple[DeferredRoute, ...]:
    """Return the routes that tell who there is, what was done to whom, and what one may know of oneself."""
    return (
        *account_queries(sources),
        *audit_queries(sources),
        *invitation_queries(sources),
        *OWN_QUERIES,
        *AVATAR_QUERIES,
    )
