"""A small application whose endpoints ask for roles, and a pool that counts what it is asked."""

from typing import Any

from fastapi import APIRouter, Depends, FastAPI

from kit.auth.identity import Editor, Identities, Identity, optional_identity, requires
from kit.auth.keys import accepted_keys
from kit.auth.roles import Role, Scope
from kit.auth.standing import Standings
from kit.auth.tokens import Verifier
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from kit.http.problems import install
from kit.http.requests.body import Body, StrictRoute
from kit.postgres.connect import Pool
from tests.given.people import People
from tests.kit.http.asking import Answered, ask

router = APIRouter(prefix="/as", route_class=StrictRoute)


class Wish(Body):
    title: str


@router.get("/anybody")
async def anybody(who: Identity | None = Depends(optional_identity)) -> dict[str, Any]:  # noqa: B008, FAST002 - both forms are used
    return {"account": str(who.account) if who else None}


@router.post("/editor")
async def editing(who: Editor, wish: Wish) -> dict[str, Any]:
    return {"client": who.client, "roles": sorted(who.roles), "title": wish.title}


def _needing(role: Role) -> None:
    @router.get(f"/{role}")
    async def endpoint(who: Identity = Depends(requires(role, Scope.READ))) -> dict[str, Any]:  # noqa: B008, FAST002 - the same
        return {"account": str(who.account), "client": who.client}


for _role in Role:
    _needing(_role)


class Counting:
    """A pool that counts its queries; the queries are real."""

    def __init__(self, inner: Pool) -> None:
        self.inner = inner
        self.asked = 0

    def acquire(self, **options: Any) -> Any:
        self.asked += 1
        return self.inner.acquire(**options)


class House:
    """The application with a pool that counts."""

    def __init__(self, people: People, reading: Pool) -> None:
        self.pool = Counting(reading)
        self.now = 0.0
        api = FastAPI()
        install(api)
        api.include_router(router)
        standings = Standings(self.pool, lambda: self.now)
        api.state.identities = Identities(Verifier(accepted_keys(people.key)), standings)
        self.app = Edge(api, metrics=Metrics())

    async def get(self, place: str, *tokens: str) -> Answered:
        return await ask(
            self.app,
            "GET",
            f"/as/{place}",
            headers=[("authorization", f"Bearer {token}") for token in tokens],
        )
