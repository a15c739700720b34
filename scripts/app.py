"""The application of a serving process: both sides, the edge around them, and what a build is made of."""

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from events.codec import CODEC, Codec
from kit.accounts_api import router as account_routes
from kit.auth.identity import Identities
from kit.auth.standing import Standings
from kit.collector import collect_seldom
from kit.db import READER, pooled
from kit.health import health_routes
from kit.http.access import AccessLog
from kit.http.docs import docs_routes
from kit.http.edge import Edge
from kit.http.metrics import Metrics
from kit.http.problems import install
from kit.logging import configure
from kit.settings import Settings
from projections.catalog import PROJECTIONS
from projections.figures import Figures
from projections.fingerprint import fingerprint
from projections.lookout import Lookout
from projections.projection import Projection
from read_side.catalog import ROUTERS
from read_side.main import ReadSide
from read_side.sources import Sources
from scripts.keys import verifier
from write_side.catalog import ROUTES
from write_side.log.gate import check
from write_side.main import buses


class Build(NamedTuple):
    """What one build can store, project and serve: the catalogues of all sides."""

    codec: Codec = CODEC
    projections: Sequence[Projection] = PROJECTIONS
    commands: Sequence[APIRouter] = ROUTES
    queries: Sequence[Callable[[Sources], APIRouter]] = ROUTERS


def create(settings: Settings | None = None, build: Build = Build()) -> ASGIApp:  # noqa: B008 - immutable
    """Return the application that the server runs; what it needs is opened when it starts."""
    settings = settings or Settings()
    configure(settings.log_level, "json")
    dsn = settings.database_url
    fingerprints = {one.name: fingerprint(one) for one in build.projections}
    lookout = Lookout(dsn, fingerprints)
    read_side = ReadSide(
        dsn,
        fingerprints,
        routers=build.queries,
        redis_url=settings.redis_url,
        redis_prefix=settings.redis_prefix,
        shared_max_age=settings.shared_max_age,
    )
    tokens = verifier(settings)

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        collect_seldom()
        await check(dsn, build.codec)
        async with (
            pooled(dsn, "frankenjet identity", READER, size=2) as identities,
            read_side,
            buses(dsn, build.codec, lambda one: setattr(app.state, "bus", one)),
        ):
            app.state.identities = Identities(tokens, Standings(identities))
            yield

    async def readers() -> Figures:
        return Figures(await lookout.look(), lookout.age)

    async def ready() -> tuple[bool, dict[str, Any]]:
        await read_side.awake()
        return read_side.ready()

    metrics = Metrics()
    registry = CollectorRegistry()
    registry.register(metrics)
    app = FastAPI(
        title="FrankenJet",
        version="1",
        description="An encyclopedia of aviation history with its whole revision history.",
        lifespan=running,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    install(app)
    health = health_routes(ready, registry, readers)
    own = (account_routes, health, docs_routes(app.title))
    for routes in (*build.commands, *read_side.routers, *own):
        app.router.routes.extend(routes.routes)  # flat: a nested router would match each path twice
    log = AccessLog(sys.stdout.buffer, level=settings.log_level)
    return Edge(read_side.wrap(app), metrics=metrics, log=log, origins=settings.cors_origins)
