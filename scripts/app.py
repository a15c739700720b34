"""The application of a serving process: both sides, the edge around them, and what a build is made of."""

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from itertools import chain
from typing import Any, NamedTuple, Self

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from events.catalog import events_of, upcasters_of
from events.codec import CODEC, Codec
from events.kind import Kind
from kit.auth.identity import Identities
from kit.auth.jwks import jwks_route
from kit.auth.passwords import OWASP, Cost
from kit.auth.standing import Standings
from kit.collector import collect_seldom
from kit.health.routes import health_routes
from kit.http.addresses import TrustedProxies
from kit.http.ahead import Ahead
from kit.http.edge.access import AccessLog
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from kit.http.edge.streams import LongAnswers
from kit.http.front import FrontLink, front_route
from kit.http.problems import install
from kit.logging import configure
from kit.postgres.connect import READER, WRITER, pooled
from kit.settings import Settings
from projections.builds.fingerprint import fingerprint
from projections.catalog import PROJECTIONS
from projections.entry.projection import entry_projection
from projections.feed.projection import feed_projection
from projections.health.metrics import ReaderMetrics
from projections.health.observer import Observer
from projections.projection import Projection
from read_side.accounts.catalog import people_queries
from read_side.answers.parameters import SHOWN
from read_side.answers.respond import PARKED
from read_side.catalog import QUERIES
from read_side.entry.api import entry_queries
from read_side.entry.kinds import ENTRIES, Entries
from read_side.feed.api import feed_queries
from read_side.imports.api import IMPORT_QUERY
from read_side.main import ReadSide
from read_side.pages.api import page_queries
from read_side.pages.settings import settings_query
from read_side.selection import naming, selection
from read_side.sources import Sources
from scripts.accounts.settings import account_settings, limits_of
from scripts.documents import DOCS, documents
from scripts.keys import verifier
from scripts.storage import storage_of
from write_side.accounts.admin.last_use import noting_use
from write_side.accounts.avatars.sweeping import keep_sweeping_avatars
from write_side.accounts.browser.sessions import renew
from write_side.accounts.socket.looking import listeners
from write_side.accounts.work import account_work
from write_side.bulk.routes import bulk_routes
from write_side.catalog import ROUTES
from write_side.entry.kind import EntryKind
from write_side.entry.routes import entry_routes
from write_side.http.answers import REPLAYED
from write_side.importing.api import MOST_BYTES
from write_side.importing.runs import import_runs
from write_side.log.gate import check
from write_side.main import buses
from write_side.media.work import media_files
from write_side.webhooks.telling import telling_owners

INTERNAL = frozenset({"/metrics", "/readyz", *DOCS})
"""What is for those who run it, and can have a port of its own."""

STREAMS_OF = 4
"""One of so many connections that an address may have may be a WebSocket or an event stream."""

ABOUT = "An encyclopedia of aviation history with its whole revision history."

PLACES = (
    FrontLink("/v1/articles", "the published articles, as JSON"),
    FrontLink("/docs", "every route, to read and to try"),
    FrontLink("/openapi.json", "the same for programs"),
    FrontLink("/livez", "is this process alive?"),
    FrontLink("/readyz", "are the read models within 1 s of the log?"),
    FrontLink("/metrics", "figures for Prometheus"),
)
"""What the page at / leads to."""


class WholeBuild(NamedTuple):
    """What one build can store, project and serve: the catalogues of all sides."""

    codec: Codec = CODEC
    projections: Sequence[Projection] = PROJECTIONS
    commands: Sequence[BaseRoute] = ROUTES
    queries: Sequence[Callable[[Sources], Sequence[BaseRoute]]] = QUERIES
    entries: Entries = ENTRIES
    hashing: Cost = OWASP

    @classmethod
    def of(cls, *kinds: Kind) -> Self:
        """Return a build with these kinds of entries and nothing else."""
        entries = Entries(kinds)
        aggregates = {kind.name: EntryKind.of(kind) for kind in kinds}
        return cls(
            Codec(events_of(kinds), upcasters_of(kinds)),
            [entry_projection(entries), feed_projection(events_of(kinds), kinds)],
            [*chain.from_iterable(map(entry_routes, aggregates.values())), *bulk_routes(aggregates)],
            [partial(one, entries) for one in (entry_queries, page_queries, feed_queries)],
            entries,
        )


class Assembled(NamedTuple):
    """The applications of a serving process, around one and the same inside."""

    streams: LongAnswers
    """WebSockets and event streams of all of them."""
    apps: Sequence[Edge]
    """The public one; behind it the internal one, where it has a port of its own."""
    running: Callable[[], AbstractAsyncContextManager[None]]
    """Opens what they need, and lets go of it."""


def create(settings: Settings | None = None, build: WholeBuild = WholeBuild()) -> ASGIApp:  # noqa: B008 - immutable
    """Return the public application; what it needs is opened by its lifespan."""
    return assemble(settings or Settings(), build).apps[0]


def assemble(settings: Settings, build: WholeBuild = WholeBuild()) -> Assembled:  # noqa: B008 - immutable
    """Return what a process serves."""
    configure(settings.log_level, "json")
    dsn = settings.database_url
    reading = settings.read_url or dsn
    fingerprints = {one.name: fingerprint(one) for one in build.projections}
    lookout = Observer(dsn, fingerprints, role=WRITER)
    read_side = ReadSide(
        reading,
        fingerprints,
        queries=build.queries,
        redis_url=settings.redis_url,
        redis_prefix=settings.redis_prefix,
        shared_max_age=settings.shared_max_age,
        event_types=build.codec.classes,
    )
    tokens, limits = verifier(settings), limits_of(settings)
    accounts, storage = account_settings(settings, build.hashing), storage_of(settings)

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        collect_seldom()
        await check(dsn, build.codec)
        async with (
            pooled(reading, "frankenjet identity", READER, size=2) as identities,
            read_side,
            buses(dsn, build.codec, lambda one: setattr(app.state, "bus", one), naming(read_side.sources)),
            import_runs() as app.state.imports,
            media_files(storage) as app.state.media,
            limits,
            account_work(dsn, accounts, limits) as app.state.accounts,
            telling_owners(app.state.accounts),
            listeners(dsn) as app.state.listeners,
        ):
            app.state.accounts.keep(keep_sweeping_avatars(app.state.accounts, storage), "sweep avatars")
            app.state.select = selection(build.entries, read_side.sources)
            standings = Standings(identities, second_factor=settings.second_factor == "publishers")
            app.state.identities = Identities(
                tokens, standings, seen=lambda session: renew(app.state.accounts, session)
            )
            async with noting_use(app.state.accounts.pool, standings.used):
                yield

    async def readers() -> ReaderMetrics:
        return ReaderMetrics(await lookout.look(), lookout.age)

    async def ready() -> tuple[bool, dict[str, Any]]:
        await read_side.awake()
        return read_side.ready()

    metrics = Metrics()
    registry = CollectorRegistry()
    app = FastAPI(
        title="FrankenJet",
        version="1",
        description=ABOUT,
        lifespan=running,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # a route of `docs_routes`
        redirect_slashes=False,
    )
    install(app)
    hidden = INTERNAL if settings.internal_port is not None else frozenset()
    health = health_routes(ready, registry, readers)
    front = front_route(app.title, ABOUT, [one for one in PLACES if one.path not in hidden])
    shown = settings_query(
        read_side.sources.control,
        sign_in=accounts.ways,
        media="",
        features={"stream": bool(settings.rabbitmq_url)},
    )
    about = (*health, *documents(app), front)
    own = (*people_queries(read_side.sources), IMPORT_QUERY, shown, jwks_route(tokens.keys), *about)
    app.router.routes.extend((*build.commands, *read_side.routes, *own))  # flat: each path is matched once
    log = AccessLog(sys.stdout.buffer, shown=SHOWN, level=settings.log_level)
    inside = read_side.wrap(Ahead(app, app.routes))
    streams = LongAnswers(max(1, settings.connections_per_address // STREAMS_OF))
    for figures in (metrics, streams, limits):
        registry.register(figures)
    public = Edge(
        inside,
        limits=limits,
        proxies=TrustedProxies(settings.trusted_proxies) if settings.trusted_proxies else None,
        streams=streams,
        at_once=inside.at_once,
        metrics=metrics,
        log=log,
        origins=settings.cors_origins,
        exposed=(PARKED, REPLAYED),
        hosts=settings.hosts,
        hidden=hidden,
        max_body=MOST_BYTES,
    )
    apps = [public]
    if settings.internal_port is not None:
        apps.append(
            Edge(
                inside, limits=limits, streams=streams, at_once=inside.at_once, metrics=metrics, log=log,
                max_body=MOST_BYTES,
            )
        )  # fmt: skip
    return Assembled(streams, tuple(apps), partial(_opened, app, log))


@asynccontextmanager
async def _opened(app: FastAPI, log: AccessLog) -> AsyncIterator[None]:
    try:
        async with app.router.lifespan_context(app):
            yield
    finally:
        log.flush()
