"""Runs the reader of pictures by hand, to see what memory it takes."""

import json
import subprocess
import sys
import tempfile
from typing import Any

import pytest

from kit.checkout import ROOT

_PROGRAM = """
import json, sys
status = open("/proc/self/status")
from kit.pictures import reading
reading.bound()
said = reading.judged(sys.stdin.buffer, sys.stdout.buffer)
status.seek(0)
said["peak"] = int(next(line for line in status if "VmHWM" in line).split()[1]) * 1024
sys.stderr.write("\\n" + json.dumps(said))
"""


def weighed(file: bytes) -> tuple[dict[str, Any], int, bytes]:
    """Return what the reader says of a file, the most bytes of memory that it took, and what it wrote.

    What a process takes before it becomes this program is not counted.
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
        said = json.loads(ran.stderr.rpartition(b"\n")[2])
        return said, said.pop("peak"), target.read()
