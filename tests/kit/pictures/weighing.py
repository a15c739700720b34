"""Runs the reader of pictures by hand, to see what memory it takes."""

import json
import subprocess
import sys
import tempfile
from typing import Any

import pytest

from kit.checkout import ROOT

_PROGRAM = """
import json, os, sys
from PIL import Image
from kit.pictures import reading
Image.preinit()
apart = reading.mapped_alone()
if reader := os.fork():
    _, status, used = os.wait4(reader, 0)
    sys.stderr.write(f"\\n{used.ru_maxrss * 1024}\\n")
else:
    try:
        reading.bound(apart)
        said = reading.judged(sys.stdin.buffer, sys.stdout.buffer)
        sys.stderr.write("\\n" + json.dumps(said))
    finally:
        os._exit(0)
"""


def weighed(file: bytes) -> tuple[dict[str, Any], int, bytes]:
    """Return what the reader says of a file, the most bytes of memory that it took, and what it wrote.

    It is forked, as readers are, from a process that has imported what it needs.
    """
    if not sys.platform.startswith("linux"):
        pytest.skip("memory is bounded on Linux alone")
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
        source.write(file)
        source.seek(0)
        ran = subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            stdin=source, stdout=target, stderr=subprocess.PIPE, cwd=ROOT, check=True,
        )  # fmt: skip
        target.seek(0)
        *_, said, most = ran.stderr.splitlines()
        return json.loads(said), int(most), target.read()
