"""`frankenjet bot`: prints what happens, in words, as RabbitMQ delivers it; an example to start from.

`following` finds copies and holes and takes the stream up where it was left; `kept` remembers where that is;
`teller` is what this bot does with an event. Yours does something else there.
"""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from kit.errors import Refused
from scripts.bot.following import StreamFollower
from scripts.bot.kept import KeptPosition, kept
from scripts.bot.names import Names
from scripts.bot.position import StreamPosition
from scripts.bot.teller import OutputGoneError, Teller
from scripts.bot.words import printable, sentence

__all__ = ["bot", "sentence"]

type PrintLine = Callable[[str], None]


async def bot(
    *,
    url: str,
    queue: str | None = None,
    after: int | None = None,
    state: Path | None = None,
    names_from: str | None = None,
    token: str | None = None,
    json_output: bool = False,
    show: PrintLine | None = None,
    tell: PrintLine | None = None,
) -> None:
    """Print each event once and in order, until cancelled; a broker that is away is waited for.

    Without a queue it follows the stream, from now on or from a position, and takes it up again where it was:
    nothing is missed while it runs, and nothing has to be declared. With a file or a queue, nothing is missed
    while it is away either, from the first start on: with a file, for as long as the stream keeps it.

    Args:
        url: amqp:// or amqps:// address.
        queue: name of a durable queue of its own.
        after: show everything after this position first; not together with a queue.
        state: file that keeps how far it is; the next one with it goes on there, whatever `after` says.
        names_from: base URL of the API that tells names of accounts, and titles that no event has told yet.
        token: bearer token for it.
        json_output: print the CloudEvents, one a line, instead of sentences.
        show: prints a line; default: standard output.
        tell: says something about the bot itself; default: standard error.

    Raises:
        Refused: there is no URL, the options contradict each other, or the broker does not let us in.
    """
    if not url:
        raise Refused(["RABBITMQ_URL: it is not set, and --url is not given: the bot needs a broker"])
    if queue is not None and after is not None:
        raise Refused(["--after replays the stream, and --queue has a place of its own: give one of them"])
    if queue is not None and state is not None:
        raise Refused(
            ["--keep is a place in the stream, and --queue has a place of its own: give one of them"]
        )
    names = Names(names_from, token or "") if names_from else None
    teller = Teller(names, show or _out, json_output=json_output)
    with ExitStack() as stack:
        place = StreamPosition(after)
        if state is not None:
            place = KeptPosition(stack.enter_context(kept(state)), after)
        try:
            follower = StreamFollower(url, place, teller.show, tell or _err, queue, teller.late)
            await follower.follow()
        except OutputGoneError:
            return


def _out(line: str) -> None:
    print(line, flush=True)


def _err(line: str) -> None:
    print(printable(line), file=sys.stderr, flush=True)
