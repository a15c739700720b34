"""From an HTTP request to a call on the bus, and from its receipt to an answer."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import Depends, Request, Response

from kit.auth.identity import Identity, Role, requires
from kit.http.requests.body import StrictRoute
from kit.http.requests.conditions import IDEMPOTENCY_KEY, IF_MATCH
from write_side.answers import DONE, MADE
from write_side.bus import Bus
from write_side.call import Call, Receipt, digest


class CommandRoute(StrictRoute):
    """The route of a command: what it answers is described, for every kind of entry alike."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        answers = MADE if kwargs.get("status_code") == HTTPStatus.CREATED else DONE
        super().__init__(*args, **kwargs | {"responses": answers | (kwargs.get("responses") or {})})


class Command:
    """A request on its way to the bus."""

    def __init__(self, request: Request, identity: Identity, expected: int | None, key: str | None) -> None:
        self.bus: Bus = request.app.state.bus
        self._request = request
        self._identity = identity
        self._expected = expected
        self._key = key

    async def run(
        self, work: Callable[[Call], Awaitable[Receipt]], reason: str = "", *, created_at: str = ""
    ) -> Response:
        """Run the command once and answer with its receipt.

        Args:
            work: the handler, given the call.
            reason: the edit summary.
            created_at: path of the collection in which something new was made; then the answer is a 201.
        """
        call = Call(
            actor=self._identity.account,
            client=self._identity.client,
            moderates=Role.MODERATOR in self._identity.roles,
            expected=self._expected,
            reason=reason,
        )
        if self._key is not None:
            call = msgspec.structs.replace(call, **await self._hashes(self._key))
        receipt = await self.bus.once(call, lambda: work(call))
        facts = receipt.facts
        headers = {"ETag": f'"v{facts["version"]}"', "Cache-Control": "no-store"}
        if receipt.replayed:
            headers["Idempotency-Replayed"] = "true"
        if created_at:
            headers["Location"] = f"{created_at}/{facts['id']}"
        return Response(
            receipt.body, 201 if created_at else 200, headers=headers, media_type="application/json"
        )

    async def _hashes(self, key: str) -> dict[str, Any]:
        """Return the key in its scope (actor, method, route); what is asked for (path, If-Match, body)."""
        scope = self._request.scope
        route = f"{scope['method']} {scope['route'].path}"
        based_on = b"" if self._expected is None else b"%d" % self._expected
        return {
            "key": digest(self._identity.account.bytes, route.encode(), key.encode()),
            "request": digest(scope["path"].encode(), based_on, await self._request.body()),
        }


class _OnNew(requires):
    """Dependency of a command that makes something: who sends it, and under which key."""

    openapi_parameters = IDEMPOTENCY_KEY.openapi_parameters

    async def __call__(self, request: Request) -> Command:  # type: ignore[override]  # it knows who, and more
        identity = await super().__call__(request)
        return Command(request, identity, None, IDEMPOTENCY_KEY.of(request.scope["headers"]))


class _OnExisting(requires):
    """Dependency of a command on what exists: also the version that it is based on."""

    openapi_parameters = IF_MATCH.openapi_parameters + IDEMPOTENCY_KEY.openapi_parameters

    async def __call__(self, request: Request) -> Command:  # type: ignore[override]  # it knows who, and more
        identity = await super().__call__(request)
        headers = request.scope["headers"]
        return Command(request, identity, IF_MATCH.of(headers), IDEMPOTENCY_KEY.of(headers))


def command(role: Role, *, existing: bool = True) -> Any:
    """Return the dependency of a command's route: one for all that it needs, since each costs time.

    Args:
        role: who may.
        existing: whether the entry exists already, so that If-Match is required.
    """
    return Depends(_OnExisting(role) if existing else _OnNew(role))
