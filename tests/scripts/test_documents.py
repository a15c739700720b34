"""What is sent to others is shown at /docs/stream, without a script and without a network."""

import json
import re

from fastapi import FastAPI

from scripts.dev.asyncapi import document, text
from scripts.documents import DOCS, documents
from tests.kit.http.asking import ask

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
app.router.routes.extend(documents(app))


async def test_the_page_of_the_stream_names_every_channel_and_loads_nothing() -> None:
    answer = await ask(app, "GET", "/docs/stream")
    page = answer.body.decode()
    for channel in document()["channels"].values():
        assert f"<h2>{channel['title']}</h2>" in page
    assert "frankenjet.public" in page
    assert "Place among the events that anybody may know" in page
    assert "<script" not in page
    assert {"/asyncapi.json"} == set(re.findall(r"""(?:src|href|url)[=:] ?["']([^"']+)""", page))


async def test_programs_are_told_the_committed_document() -> None:
    assert json.loads(text()) == (await ask(app, "GET", "/asyncapi.json")).json


def test_what_hides_the_documents_knows_all_of_them() -> None:
    assert {route.path for route in documents(app)} == DOCS
