"""The committed OpenAPI document is that of this build, and does not depend on where it is made."""

import json
import os
import subprocess
import sys
from functools import cache

from scripts.dev import openapi
from scripts.dev.openapi import PATH

text = cache(openapi.text)
"""Of this build: it takes seconds, and looks at nothing that changes."""


def test_the_committed_document_is_that_of_this_build() -> None:
    assert PATH.read_text(encoding="utf-8") == text(), "run python -m scripts.dev.openapi"


def test_the_document_does_not_depend_on_the_run_or_the_environment() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PORT": "1234", "REDIS_URL": "redis://nowhere"}  # noqa: TID251 - handed on to the child
    command = [sys.executable, "-c", "from scripts.dev.openapi import text; print(text(), end='')"]
    run = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=240)
    assert run.stdout.decode() == text()


def test_every_operation_says_what_it_does_and_how_it_refuses() -> None:
    paths = json.loads(text())["paths"]
    assert paths
    for path, operations in paths.items():
        for method, operation in operations.items():
            assert operation.get("summary"), f"{method} {path}"
            assert {"400", "414", "431", "500", "501"} <= set(operation["responses"]), f"{method} {path}"
