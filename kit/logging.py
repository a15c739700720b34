"""How a process writes its log: JSON lines for machines, plain words for a person at a terminal."""

import logging
import sys
from contextlib import suppress
from typing import Any, Literal, TextIO, cast

import structlog

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

MAX_TEXT = 16_000
"""Characters of any text of a line; of a longer one, the beginning and the end are kept."""

TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)
"""Without the values of variables: some are secrets."""

Form = Literal["json", "words"]


class Forgiving:
    """A text stream that leaves out what cannot be written: a full disk must not end what it tells of.

    Args:
        stream: where the text goes.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return f"{value[: MAX_TEXT // 2]} … {value[-MAX_TEXT // 2 :]}"
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    return [_shortened(inner) for inner in value[:MAX_TEXT]] if isinstance(value, list) else value


def bounded(_logger: Any, _method: str, event: Any) -> Any:
    """Bound every text of a line: what a client sent, or a library says of it, may be as long as it likes."""
    return {key: _shortened(value) for key, value in event.items()}


def unfiltered() -> Any:
    """Return a logger whose lines are written whatever the level: what has to leave the machine."""
    return structlog.wrap_logger(None, wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET))


class OfLibraries(logging.Handler):
    """Takes what libraries log through Python's own logging, so that it has the form of all other lines."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, "library", logger=record.name, text=record.getMessage(), exc_info=record.exc_info
        )


def adopt_libraries() -> None:
    """Give what libraries log, and warnings, the form of our own lines, for the rest of this process."""
    logging.basicConfig(handlers=[OfLibraries()], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)


def configure(level: str, form: Form) -> None:
    """Set the form and the level of the log for this process.

    JSON lines go to standard output, as what supervises a process expects; words go to standard error,
    so that they never mix with what a verb prints.

    Args:
        level: debug, info, warning or error.
        form: "json" or "words".
    """
    out = Forgiving(sys.stdout if form == "json" else sys.stderr)
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if form == "words":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso"),
            TRACEBACKS if form == "json" else structlog.processors.format_exc_info,
            bounded,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", out)),
        cache_logger_on_first_use=False,
    )
