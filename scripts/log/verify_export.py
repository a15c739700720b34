"""Verifies an exported log offline, against seals, with nothing but the standard library of Python."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence

ABOUT = """Verify an exported log. A seal is what the log output and RabbitMQ were told while the log was
written; take it from there and not from where the export comes from. Without a seal an export can only be
found consistent with itself, as a forged one would be too. Exit code: 0 good, 1 bad, 2 not read."""

FORMAT = {"format": "frankenjet.log", "version": 1}
MOST_OF_A_LINE = 4 * 1024 * 1024  # bytes; a longer one is none of an event, and is never held whole
SUFFIX = len(',"chain":""}') + 64


class Bad(Exception):  # noqa: N818 - a verdict
    """The export is not what it claims to be."""


def parse_seal(text: str) -> tuple[int, str]:
    """Read POSITION:HASH."""
    position, _, chain = text.partition(":")
    if re.fullmatch("[1-9][0-9]*:[0-9a-f]{64}", text, re.ASCII) is None:
        raise argparse.ArgumentTypeError("a seal is POSITION:HASH, the hash in 64 hexadecimal digits")
    return int(position), chain


def check_header(line: bytes) -> int | None:
    """Refuse what is no export; return how many events it should have, where it says so."""
    try:
        header = json.loads(line)
        known = {name: header[name] for name in FORMAT}
        promised: int | None = header.get("events")
    except (ValueError, TypeError, KeyError, RecursionError):
        known = {}
    if known != FORMAT or type(promised) not in {int, type(None)} or not line.startswith(b"{"):
        raise Bad("the first line is not the header of an export that this program knows")
    return promised


def next_link(chain: bytes, position: int, line: bytes) -> bytes:
    """Check one event against the chain before it, and return the chain after it."""
    event, claimed = line[:-SUFFIX] + b"}", line[-SUFFIX:]
    if not line.startswith(b'{"position":%d,' % position):
        raise Bad(f"position {position}: this is not the event that belongs here")
    chain = hashlib.sha256(chain + event).digest()
    if claimed != b',"chain":"%b"}' % chain.hex().encode():
        raise Bad(f"position {position}: the event does not fit its chain")
    try:
        json.loads(event)
    except (ValueError, RecursionError):
        raise Bad(f"position {position}: the event is not JSON") from None
    return chain


def verify(lines: Iterable[bytes], seals: Mapping[int, str]) -> str:
    """Return what is known of a good export.

    Raises:
        Bad: naming the first bad position.
    """
    lines = iter(lines)
    promised = check_header(next(lines, b""))
    chain, position, anchored = bytes(32), 0, 0
    for line in lines:
        position += 1
        if not line.endswith(b"\n"):
            raise Bad(f"position {position}: the line is cut off, or too long")
        chain = next_link(chain, position, line[:-1])
        if position in seals:
            if seals[position] != chain.hex():
                raise Bad(
                    f"position {anchored + 1}: an event from here to {position} is not what was sealed, and"
                    " the chain was computed again to hide it"
                )
            anchored = position
    if promised not in {None, position}:
        raise Bad(f"position {position + 1}: the export broke off, it should have {promised} events")
    beyond = [sealed for sealed in sorted(seals) if sealed > position]
    if beyond:
        raise Bad(f"position {position + 1}: the log was sealed at {beyond[0]}, the export ends before that")
    if not anchored:
        return f"consistent, not anchored: {position} events, no seal to compare with"
    rest = f"; {position - anchored} later ones consistent, not anchored" if position > anchored else ""
    return f"anchored: {anchored} events are what was sealed{rest}"


def agreed(given: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Return the seals by position; two of one position that differ prove that one log is not the other."""
    seals: dict[int, str] = {}
    for position, chain in given:
        if seals.setdefault(position, chain) != chain:
            raise Bad(f"position {position}: two of the seals contradict each other")
    return seals


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify a file, or standard input."""
    parser = argparse.ArgumentParser(description=ABOUT)
    parser.add_argument("file", help="the export; - for standard input")
    parser.add_argument("--seal", type=parse_seal, action="append", default=[], metavar="POSITION:HASH")
    options = parser.parse_args(arguments)
    try:
        with sys.stdin.buffer if options.file == "-" else open(options.file, "rb") as file:  # noqa: PTH123
            print("good:", verify(iter(lambda: file.readline(MOST_OF_A_LINE), b""), agreed(options.seal)))
    except Bad as bad:
        print("bad:", bad)
        return 1
    except OSError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
