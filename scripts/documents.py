"""The documents that a process serves of itself: its routes, and what it sends to others."""

from typing import Any

from fastapi import FastAPI

from kit.http import docs, stream_docs
from kit.http.deferred import DeferredRoute

DOCS = docs.DOCS | stream_docs.STREAM_DOCS
"""Every path of them."""


def documents(app: FastAPI) -> tuple[DeferredRoute, ...]:
    """Return the routes of the documents of an application, and of their pages."""
    return (
        *docs.docs_routes(app.title, app.openapi),
        *stream_docs.stream_docs_routes(app.title, _asyncapi),
    )


def _asyncapi() -> dict[str, Any]:
    from scripts.asyncapi import document

    return document()
