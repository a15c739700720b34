"""The routes of every command."""

from itertools import chain

from starlette.routing import BaseRoute

from write_side.accounts.api.admin import ADMIN_ROUTES
from write_side.accounts.api.browser import BROWSER_ROUTES
from write_side.accounts.api.email import EMAIL_ROUTES
from write_side.accounts.api.erasure import ERASURE_ROUTES
from write_side.accounts.api.export import EXPORT_ROUTES
from write_side.accounts.api.factors import FACTOR_ROUTES
from write_side.accounts.api.own import OWN_ROUTES
from write_side.accounts.api.passkey_sign_in import PASSKEY_SIGN_IN_ROUTES
from write_side.accounts.api.passkeys import PASSKEY_ROUTES
from write_side.accounts.api.providers import PROVIDER_ROUTES
from write_side.accounts.api.registration import REGISTRATION_ROUTES
from write_side.accounts.api.sessions import SESSION_ROUTES
from write_side.accounts.api.tokens import TOKEN_ROUTES
from write_side.accounts.avatars.routes import AVATAR_ROUTES
from write_side.accounts.inviting import INVITATION_ROUTES
from write_side.accounts.socket.api import SOCKET_ROUTES
from write_side.accounts.telegram.api import TELEGRAM_ROUTES
from write_side.bulk.routes import bulk_routes
from write_side.entry.kinds import AGGREGATES, GROUPS
from write_side.entry.routes import entry_routes
from write_side.importing.api import IMPORT_ROUTE
from write_side.media.routes import MEDIA_ROUTES
from write_side.webhooks.api import WEBHOOK_ROUTES

ROUTES: tuple[BaseRoute, ...] = (
    *chain.from_iterable(map(entry_routes, (*AGGREGATES.values(), *GROUPS))),
    *bulk_routes(AGGREGATES),
    IMPORT_ROUTE,
    *MEDIA_ROUTES,
    *REGISTRATION_ROUTES,
    *SESSION_ROUTES,
    *BROWSER_ROUTES,
    *SOCKET_ROUTES,
    *PROVIDER_ROUTES,
    *OWN_ROUTES,
    *AVATAR_ROUTES,
    *FACTOR_ROUTES,
    *PASSKEY_ROUTES,
    *PASSKEY_SIGN_IN_ROUTES,
    *ADMIN_ROUTES,
    *EMAIL_ROUTES,
    *ERASURE_ROUTES,
    *EXPORT_ROUTES,
    *INVITATION_ROUTES,
    *TOKEN_ROUTES,
    *TELEGRAM_ROUTES,
    *WEBHOOK_ROUTES,
)
