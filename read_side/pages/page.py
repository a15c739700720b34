"""What all pages have in common: their parameters, their language, their route."""

from functools import partial
from typing import Annotated, Any

from pydantic import Field

from kit.http.deferred import Rest
from kit.http.requests.query import Query
from read_side.answers.answer import Answer, entity_tag
from read_side.answers.language import in_language
from read_side.answers.parameters import DirectRoute, Parameters
from read_side.entry.answers import answers, moved
from read_side.entry.api import address_parameter
from read_side.entry.history import as_json
from read_side.entry.kind import KindView, Locale
from read_side.entry.questions import After


class PageQuery(Query):
    """Parameters of a page about one entry."""

    locale: Annotated[
        Locale | None,
        Field(description="Texts in this language alone; null where they are not written in it."),
    ] = None
    after: After | None = None


def in_locale(locale: str | None, body: dict[str, Any]) -> dict[str, Any]:
    """Return what a page shows in the language that was asked for; None: in each."""
    return body if locale is None else {"locale": locale} | in_language(body, locale)


def page_answer(schema: str, shown: dict[str, Any], tags: tuple[str, ...]) -> Answer:
    """Return a page as JSON with its entity tag."""
    body = as_json(shown)
    return Answer(body, entity_tag(schema.encode(), body), tags)


def page(
    endpoint: Any, parameters: Parameters[Any], model: Any, summary: str, name: str,
    *refuses: Any, view: KindView | None = None,
) -> Rest:  # fmt: skip
    """Return the rest of a route; with a kind, its path has an address of an entry."""
    told = answers(model, *refuses, of_entry=view is not None)
    own = [] if view is None else [address_parameter(view)]
    return partial(
        DirectRoute,
        endpoint=endpoint,
        tags=["pages"],
        summary=summary,
        operation_id=name,
        name=name,
        responses=told if view is None else told | moved(view),
        openapi_extra={"parameters": [*own, *parameters.described()]},
    )
