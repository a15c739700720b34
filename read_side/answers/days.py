"""A partial date as a parameter of a query."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from events.content.checks import FieldError
from events.content.dates import MAX_DATE, days_of
from kit.http.requests.text import CleanLine


def _is_date(text: str) -> str:
    try:
        days_of(text)
    except FieldError as error:
        raise PydanticCustomError("our_date", "{detail}", {"detail": error.detail}) from None
    return text


PartialDay = Annotated[CleanLine, StringConstraints(max_length=MAX_DATE), AfterValidator(_is_date)]
