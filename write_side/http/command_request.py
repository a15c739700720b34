"""From an HTTP request to a call on the bus, and from its receipt to an answer."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from fastapi import Depends, Request, Response

from kit.auth.identity import Identity, Proof, Role, require_fresh, requires
from kit.auth.roles import Scope
from kit.errors import Problem
from kit.http.requests.conditions import IDEMPOTENCY_KEY, Edited, if_match_header
from kit.ids import parse_id
from kit.problem_types import NOT_FOUND
from write_side.aggregate import Aggregate
from write_side.bus import Bus
from write_side.call import Call, digest
from write_side.command import Command
from write_side.http.answers import REPLAYED
from write_side.receipt import MADE
from write_side.work import CommandHandler

IF_MATCH = if_match_header(
    Edited("draft", "Read the draft"), 'The ETag of the draft that the command is based on, such as "v7".'
)


class CommandRequest:
    """A request on its way to the bus."""

    def __init__(self, request: Request, identity: Identity, expected: int | None, key: str | None) -> None:
        self._request = request
        self._identity = identity
        self._expected = expected
        self._key = key

    @property
    def moderates(self) -> bool:
        """Whether a moderator sends it, himself or by a token that may moderate."""
        return self.may(Role.MODERATOR, Scope.MODERATE)

    def may(self, role: Role, *scopes: Scope) -> bool:
        """Tell whether who sends it has a role, and his token, if a program has it, these scopes."""
        return self._identity.may(role, *scopes)

    async def proven(self) -> None:
        """Refuse, 403, anyone who has not shown within the last minutes who he is."""
        await require_fresh(self._request, self._identity)

    @property
    def bus(self) -> Bus:
        """What runs commands in this process."""
        bus: Bus = self._request.app.state.bus
        return bus

    @property
    def state(self) -> Any:
        """What the application of this process shares."""
        return self._request.app.state

    async def run[A: Aggregate[Any], B: Command](
        self, handler: CommandHandler[A, Any, B], aggregate: A, body: B, part: str = ""
    ) -> Response:
        """Run the command once and answer with its receipt.

        Args:
            handler: what the command does.
            aggregate: what it is on.
            body: what it says.
            part: name of the parameter of the path that names a part of it, if any.
        """
        receipt = await self.bus.run(handler, aggregate, await self.call(aggregate, body, part), body)
        headers = {"ETag": f'"v{receipt.version}"', "Cache-Control": "no-store"}
        if receipt.replayed:
            headers[REPLAYED] = "true"
        if receipt.status == MADE:
            headers["Location"] = receipt.address
        return Response(receipt.body, receipt.status, headers=headers, media_type="application/json")

    async def call(self, aggregate: Aggregate[Any], body: Command, part: str = "") -> Call:
        """Return the circumstances of the command; the arguments are those of `run`."""
        places = self._request.scope["path_params"]
        call = Call(
            actor=self._identity.account,
            client=self._identity.client,
            moderates=self.moderates,
            stream=_id(places["id"], aggregate) if "id" in places else None,
            part=places[part] if part else "",
            expected=self._expected,
            reason=body.reason,
        )
        return call if self._key is None else msgspec.structs.replace(call, **await self._hashes(self._key))

    async def _hashes(self, key: str) -> dict[str, Any]:
        """Return the key in its scope (actor, method, route); what is asked for (path, If-Match, body)."""
        scope = self._request.scope
        route = f"{scope['method']} {scope['route'].path}"
        based_on = b"" if self._expected is None else b"%d" % self._expected
        return {
            "key": digest(self._identity.account.bytes, route.encode(), key.encode()),
            "request": digest(scope["path"].encode(), based_on, await self._request.body()),
        }


def _id(written: str, aggregate: Aggregate[Any]) -> UUID:
    """Read the id in a path; anything that is not one leads nowhere: 404."""
    parsed = parse_id(written)
    if parsed is None:
        raise Problem(NOT_FOUND, f"There is no such {aggregate.noun}.")
    return parsed


class _OnNew(requires):
    """Dependency of a command that makes something: who sends it, and under which key."""

    def __init__(
        self, role: Role, scope: Scope | None, proof: Proof | None, parameters: Sequence[dict[str, Any]]
    ) -> None:
        super().__init__(role, scope, proof)
        self.openapi_parameters = (*parameters, *IDEMPOTENCY_KEY.openapi_parameters)

    async def __call__(self, request: Request) -> CommandRequest:  # type: ignore[override]  # it knows who, and more
        identity = await super().__call__(request)
        return CommandRequest(request, identity, None, IDEMPOTENCY_KEY.of(request.scope["headers"]))


class _OnExisting(requires):
    """Dependency of a command on what exists: also the version that it is based on."""

    def __init__(
        self, role: Role, scope: Scope | None, proof: Proof | None, parameters: Sequence[dict[str, Any]]
    ) -> None:
        super().__init__(role, scope, proof)
        headers = IF_MATCH.openapi_parameters + IDEMPOTENCY_KEY.openapi_parameters
        self.openapi_parameters = (*parameters, _ID, *headers)

    async def __call__(self, request: Request) -> CommandRequest:  # type: ignore[override]  # it knows who, and more
        identity = await super().__call__(request)
        headers = request.scope["headers"]
        return CommandRequest(request, identity, IF_MATCH.of(headers), IDEMPOTENCY_KEY.of(headers))


_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid", "title": "Id"},
}


def command(
    role: Role,
    scope: Scope | None,
    *,
    proof: Proof | None = None,
    existing: bool = True,
    parameters: Sequence[dict[str, Any]] = (),
) -> Any:
    """Return the dependency of a command's route: one for all that it needs, since each costs time.

    Args:
        role: who may.
        scope: what the token of a program needs as well; None: it is for people alone.
        proof: whether who it is has to be shown: "forced" where the endpoint asks for it in the cases that
            force something.
        existing: whether it is on something that exists already, so that the path has its id, and If-Match
            is required.
        parameters: further parameters of the path, as OpenAPI describes them.
    """
    return Depends((_OnExisting if existing else _OnNew)(role, scope, proof, parameters))
