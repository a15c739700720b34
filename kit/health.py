"""The routes that machines ask about a process: alive, ready, and its figures."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from kit.http.metrics import CONTENT_TYPE, exposition

type Ready = Callable[[], tuple[bool, dict[str, Any]]]
"""Says whether the process can do its work now, and why or why not."""


type Figures = Callable[[], Awaitable[Collector]]
"""Finds out what is so now."""


def health_routes(ready: Ready, registry: CollectorRegistry, outside: Figures | None = None) -> APIRouter:
    """Return /livez, /readyz and /metrics.

    Args:
        ready: asked on each call of /readyz; costs no round trip.
        registry: the metrics of this process.
        outside: figures that are not of this process, found out at each call of /metrics.
    """
    routes = APIRouter(tags=["health"])

    @routes.get("/livez", summary="Is the process alive?")
    async def livez() -> Response:
        return Response(b'{"alive":true}', media_type="application/json")

    @routes.get("/readyz", summary="Are the read models within 1 s of the log?")
    async def readyz() -> Response:
        good, facts = ready()
        body = orjson.dumps({"ready": good} | facts)
        return Response(body, 200 if good else 503, media_type="application/json")

    @routes.get("/metrics", summary="Figures in the format of Prometheus")
    async def metrics() -> Response:
        found = b"" if outside is None else exposition(await outside())
        return Response(exposition(registry) + found, media_type=CONTENT_TYPE)

    return routes
