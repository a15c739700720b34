"""Declares what the events go through: an exchange for all, and a stream that keeps them."""

from aio_pika.exceptions import ChannelPreconditionFailed

from kit.broker.connecting import ENDED, connection_to
from kit.broker.publisher import EXCHANGE, LOG

PUBLIC = "frankenjet.public"
"""Topic exchange of what readers may know."""

PUBLIC_LOG = "frankenjet.public.log"
"""Stream queue that keeps it."""

DECLARE_SECONDS = 10
"""Longest time that connecting, or one declaration, may take."""


def fence_of(exchange: str) -> str:
    """Return the name of a queue that stays empty: the one who sends to an exchange has it for himself."""
    return f"{exchange}.forwarder"


class Mismatch(Exception):  # noqa: N818 - a state of the broker that a person has to mend
    """The broker has something of this name that is not what we declare."""


async def declare_all(url: str) -> None:
    """Declare what every event goes through, and what those do that readers may know; raises as `declare`.

    What is wrong with one of them keeps nobody from the other.
    """
    wrong: list[Exception] = []
    for exchange, log in ((EXCHANGE, LOG), (PUBLIC, PUBLIC_LOG)):
        try:
            await declare(url, exchange=exchange, log=log)
        except (ConnectionError, Mismatch) as error:
            wrong.append(error)
    if wrong:
        raise wrong[0]


async def declare(url: str, *, exchange: str = EXCHANGE, log: str = LOG) -> None:
    """Declare the durable topic exchange and the stream queue that is bound to all of it; again is harmless.

    Beside them stands the queue of the one who sends (`fence_of`).
    The stream keeps everything; a broker's policy may set `max-age` or `max-length-bytes` on it.
    The caller needs the right to configure; those who publish or consume do not.

    Args:
        url: amqp:// or amqps:// address.
        exchange: name of the topic exchange.
        log: name of the stream queue.

    Raises:
        Mismatch: when one exists with another type or other arguments; nothing is changed then.
        ConnectionError: when the broker cannot be reached or says no.
    """
    fence = fence_of(exchange)
    try:
        async with await connection_to(url, DECLARE_SECONDS) as connection:
            channel = await connection.channel()
            topic = await channel.declare_exchange(exchange, "topic", durable=True, timeout=DECLARE_SECONDS)
            stream = await channel.declare_queue(
                log, durable=True, arguments={"x-queue-type": "stream"}, timeout=DECLARE_SECONDS
            )
            await stream.bind(topic, "#", timeout=DECLARE_SECONDS)
            await channel.declare_queue(
                fence, durable=True, arguments={"x-queue-type": "classic"}, timeout=DECLARE_SECONDS
            )
    except ChannelPreconditionFailed as error:
        raise Mismatch(
            f"{exchange}, {log} or {fence} exists with other arguments: {error.args[0]}"
        ) from error
    except ENDED as error:
        if isinstance(error, ConnectionError):
            raise
        raise ConnectionError(f"the broker did not declare {exchange}: {error}") from error
