"""The routes that machines ask about a process: alive, ready, and its figures."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import orjson
from fastapi import Response
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector
from pydantic import ConfigDict

from kit.http.deferred import DeferredRoute
from kit.http.described import Described, example
from kit.http.edge.metrics import CONTENT_TYPE, exposition

type Ready = Callable[[], Awaitable[tuple[bool, dict[str, Any]]]]
"""Says whether the process can do its work now, and why or why not."""


class Alive(Described):
    """A process that answers at all."""

    model_config = example({"alive": True})

    alive: bool


class ModelProgress(Described):
    """How far one read model is; null where it is not built."""

    position: int | None
    """Every event of the log up to it is in the rows."""
    lag_events: int | None
    """Events of the log that are not yet there."""
    parked: int | None
    """Events that were put aside."""


class Readiness(Described):
    """Whether the process can do its work now, and how far each read model is, by its name."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"ready": True, "model": {"position": 172, "lag_events": 0, "parked": 0}}]
        },
    )
    __pydantic_extra__: dict[str, ModelProgress]

    ready: bool


type Figures = Callable[[], Awaitable[Collector]]
"""Finds out what is so now."""


def health_routes(
    ready: Ready, registry: CollectorRegistry, outside: Figures | None = None
) -> tuple[DeferredRoute, ...]:
    """Return /livez, /readyz and /metrics.

    Args:
        ready: asked on each call of /readyz.
        registry: the metrics of this process.
        outside: figures that are not of this process, found out at each call of /metrics.
    """

    async def livez() -> Response:
        return Response(b'{"alive":true}', media_type="application/json")

    async def readyz() -> Response:
        good, facts = await ready()
        body = orjson.dumps({"ready": good} | facts)
        return Response(body, 200 if good else 503, media_type="application/json")

    async def metrics() -> Response:
        found = b"" if outside is None else exposition(await outside())
        return Response(exposition(registry) + found, media_type=CONTENT_TYPE)

    def route(
        endpoint: Callable[[], Awaitable[Response]], operation: str, summary: str, **told: Any
    ) -> DeferredRoute:
        rest = partial(
            APIRoute, endpoint=endpoint, tags=["health"], operation_id=operation, summary=summary, **told
        )
        return DeferredRoute("GET", f"/{operation}", lambda: rest)

    not_ready = {503: {"model": Readiness, "description": "They are not, or it is not known."}}
    return (
        route(livez, "livez", "Is the process alive?", response_model=Alive),
        route(
            readyz, "readyz", "Are the read models within 1 s of the log?",
            response_model=Readiness, responses=not_ready,
        ),
        route(
            metrics, "metrics", "Figures in the format of Prometheus", response_class=PlainTextResponse
        ),
    )  # fmt: skip
