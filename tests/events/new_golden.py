"""Writes the golden files that are missing: `python -m tests.events.new_golden`; never changes one."""

from pathlib import Path

import msgspec

from events.codec import CODEC
from tests.events.examples import EXAMPLES

GOLDEN = Path(__file__).parent / "golden"


def write() -> list[Path]:
    """Write what is missing and return it."""
    written = []
    for event in EXAMPLES:
        stored = CODEC.encode(event)
        file = GOLDEN / f"{stored.type}.{stored.schema}.json"
        if not file.exists():
            file.write_bytes(msgspec.json.format(stored.payload, indent=2) + b"\n")
            written.append(file)
    return written


if __name__ == "__main__":
    for new in write():
        print(new)  # noqa: T201 - says what is to be committed
