"""However long something is, a line of the log stays one that can be read."""

import io
import json
from typing import Any

import pytest
import structlog

from kit.http.edge.access import AccessLog
from kit.http.edge.layer import Edge
from kit.http.edge.metrics import Metrics
from kit.logging import MAX_TEXT, configure
from tests.kit.http.application import make_api
from tests.kit.http.asking import ask


async def test_a_line_of_the_access_log_is_short_whatever_was_asked() -> None:
    written = io.BytesIO()
    log = AccessLog(written)
    app = Edge(make_api(), metrics=Metrics(), log=log)
    await ask(app, "A" * 400_000, "/v1/things")
    await ask(app, "GET", b"/" + b"\xff" * 400_000 + b"?" + b"q" * 400_000)
    await ask(app, "GET", "/v1/things", headers=[("x-request-id", "a" * 400_000)])
    log.flush()
    lines = written.getvalue().splitlines()
    assert 3 == len(lines)
    assert max(map(len, lines)) < 6_000
    assert "A" * 20 == json.loads(lines[0])["method"]


def test_a_line_of_the_log_is_bounded_in_every_part(capsys: pytest.CaptureFixture[str]) -> None:
    configure("info", "json")
    log = structlog.get_logger()
    secret = "a-secret-of-the-inside"  # noqa: S105 - to be looked for
    try:
        raise ValueError("x" * 400_000)  # noqa: TRY301 - as it happens
    except ValueError:
        log.exception("broken", text="y" * 400_000, inside={"deep": ["z" * 400_000]})
    (line,) = capsys.readouterr().out.splitlines()
    said: dict[str, Any] = json.loads(line)
    assert len(line) < 6 * MAX_TEXT
    assert (said["text"][0], said["text"][-1]) == ("y", "y")
    assert secret not in line
