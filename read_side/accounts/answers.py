"""What answers about accounts have in common: nobody keeps them, and long ones come in pages."""

from typing import Annotated, Literal

from fastapi import Response
from pydantic import Field

from kit.http.described import Described
from read_side.answers.paging import MAX_CURSOR

Cursor = Annotated[str, Field(max_length=MAX_CURSOR, description="`next` of the page before.")]


Locale = Literal["ru", "en"]

OF_ERASED = "The language of what stands in place of a name that was erased."


def private(body: Described) -> Response:
    """Return an answer that nobody keeps."""
    return Response(
        body.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"}
    )
