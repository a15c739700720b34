"""What a front end has to know of this installation before it shows anything."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from events.content.localized import LANGUAGES
from kit.http.deferred import DeferredRoute, Rest
from kit.http.requests.body import StrictRoute
from read_side.answers.answer import Answer, entity_tag
from read_side.answers.respond import respond
from read_side.entry.answers import answers
from read_side.entry.history import as_json
from read_side.pages.described import SettingsPage


def settings_query(
    control: bytes, *, sign_in: Sequence[str], media: str, features: Mapping[str, bool]
) -> DeferredRoute:
    """Return the route of what a process is set to.

    Args:
        control: Cache-Control of public answers.
        sign_in: ways to sign in that are on.
        media: where pictures are served; empty: nowhere.
        features: name → whether it is on.
    """
    shown: dict[str, Any] = {"locales": LANGUAGES, "sign_in": sign_in, "media": media, "features": features}
    body = as_json(shown)
    answer = Answer(body, entity_tag(body), ())

    async def settings(request: Request) -> Response:
        """Read which languages, ways to sign in and features there are."""
        return respond(request, answer, control=control)

    def rest() -> Rest:
        return partial(
            StrictRoute,
            endpoint=settings,
            tags=["pages"],
            summary="Read what this installation is set to",
            operation_id="read_settings",
            name="read_settings",
            responses=answers(SettingsPage, of_entry=False),
        )

    return DeferredRoute("GET", "/v1/settings", rest)
