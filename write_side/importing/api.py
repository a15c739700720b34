"""Imports over HTTP: an administrator sends a file, and is told where to see how far it is."""

from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Request, Response
from fastapi import Query as FromQuery
from pydantic import Field

from kit.auth.identity import Admin
from kit.errors import Problem
from kit.http.deferred import DeferredRoute, Rest
from kit.http.described import Described, example, header
from kit.http.refusals import Responses, refusals
from kit.http.requests.body import StrictRoute
from kit.http.requests.query import Query
from kit.http.requests.uploads import Incoming, Upload
from kit.limits.catalog import COMMAND
from write_side.importing.formats.catalog import WantedImport
from write_side.importing.kept_file import KeptFile
from write_side.importing.runs import ImportOrder, ImportRuns
from write_side.problem_types import IMPORT_RUNS, IMPORT_UNREADABLE, LOG_UNAVAILABLE

MOST_BYTES = 128 * 1024 * 1024
UPLOAD_SECONDS = 600.0

MEDIA_TYPES = {"application/octet-stream"}
"""A file is sent as bytes; what it is, the query says: generated clients know no other way."""

_ID = "019ac3f2-5f0e-7c3b-9a51-3f6f0d3c9b1e"


class ImportQuery(Query):
    """What is told of a file."""

    format: Annotated[
        Literal["mediawiki", "ndjson", "wikidata", "zip"], Field(description="What the file is.")
    ]
    source: Annotated[
        str,
        Field(
            min_length=1, max_length=100, pattern=r"^[a-z0-9][a-z0-9:._-]*$",
            description="A name of the source: a later file of the same name brings what is new in it.",
        ),
    ]  # fmt: skip
    locale: Annotated[Literal["ru", "en"], Field(description="The language of what names none.")] = "en"
    dry_run: Annotated[Literal["true", "false"], Field(description="Whether it is only read and judged.")] = (
        "false"
    )


class ImportBegun(Described):
    """An import has begun."""

    model_config = example({"id": _ID})

    id: UUID
    """Of the run: `GET /v1/imports/{id}` tells how far it is."""


_ANSWERS: Responses = {
    202: {
        "model": ImportBegun,
        "description": "It has begun.",
        "headers": {"Location": header("Where to see how far it is.", f"/v1/imports/{_ID}")},
    }
}


async def begin_import(
    request: Request,
    query: Annotated[ImportQuery, FromQuery()],
    who: Admin,
    file: Annotated[Incoming, Depends(Upload(MOST_BYTES, MEDIA_TYPES, seconds=UPLOAD_SECONDS))],
) -> Response:
    """Import content with its history; what the rules refuse is set aside, and nothing else is lost.

    One runs at a time in each process. When the process ends on the way, the same file goes on where it was.
    """
    runs: ImportRuns = request.app.state.imports
    if runs.busy:
        raise Problem(IMPORT_RUNS, headers={"Retry-After": "30"})
    kept = await KeptFile.of(file)
    order = ImportOrder(
        query.format,
        kept,
        WantedImport(query.source, query.locale),
        who.account,
        query.dry_run == "true",
    )
    try:
        run = await runs.begin(request.app.state.bus, order)
    except BaseException:
        kept.remove()
        raise
    headers = {"Location": f"/v1/imports/{run}", "Cache-Control": "no-store"}
    return Response(f'{{"id":"{run}"}}', 202, headers=headers, media_type="application/json")


def _rest() -> Rest:
    return partial(
        StrictRoute,
        limit=COMMAND,
        endpoint=begin_import,
        tags=["imports"],
        status_code=202,
        summary="Import a file",
        operation_id="begin_import",
        response_class=Response,
        responses=_ANSWERS | refusals((IMPORT_RUNS, IMPORT_UNREADABLE, LOG_UNAVAILABLE)),
    )


IMPORT_ROUTE = DeferredRoute("POST", "/v1/imports", _rest)
