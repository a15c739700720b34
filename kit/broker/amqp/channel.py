"""One connection to a broker with one channel in confirm mode: handshake, heartbeats, and how it ends."""

import asyncio
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Self, cast

from pamqp import commands, frame
from pamqp.header import ContentHeader, ProtocolHeader
from pamqp.heartbeat import Heartbeat

from kit.broker.amqp.address import Address
from kit.broker.amqp.wire import CHANNEL, HEARTBEAT, Frame, IncomingFrames

if TYPE_CHECKING:
    from pamqp.common import FieldTable

FRAME_MAX = 131_072
CLOSING_SECONDS = 1.0
"""How long a polite goodbye may take: a broker that blocks publishers does not read it at all."""

_IN_USE = "in exclusive use"
"""How the broker says, under the code of a missing right, that another channel has a queue for itself."""


class Rejected(ConnectionError):  # noqa: N818 - an answer of the broker, not a fault of ours
    """The broker answered and said no: credentials, virtual host, permissions, protocol.

    Args:
        text: what it said.
        code: its reply code, such as 403 (login, or a right), 404 (a queue), 530 (virtual host); 0: none.
    """

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


class InUse(Rejected):
    """Another channel has the queue that this one wanted for itself: the broker has not seen it end."""


class Channel(asyncio.Protocol):
    """A channel that is open, or lost for good with a reason.

    Args:
        address: where the broker is and who we are.
        name: shown in the broker's list of connections.
        receive: called with each frame of the channel once it is open.
        on_lost: called once, with the reason, when an open channel is gone.
    """

    def __init__(
        self, address: Address, name: str, receive: Callable[[Frame], None], on_lost: Callable[[str], None]
    ) -> None:
        self.frame_max = FRAME_MAX
        self.blocked = ""
        """Why the broker takes no messages at present; empty: it takes them."""
        self._delivered = False
        """What comes next belongs to a message that somebody left in the queue that we keep to ourselves."""
        self.lost = ""
        self._code = 0
        self._address = address
        self._name = name
        self._receive = receive
        self._on_lost = on_lost
        self._open = False
        self._incoming = IncomingFrames()
        self._answers: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._gone = self._loop.create_future()
        self._heard_at = self._loop.time()
        self._heart: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport

    @classmethod
    async def connect(
        cls,
        address: Address,
        name: str,
        receive: Callable[[Frame], None],
        on_lost: Callable[[str], None],
        *,
        tls: ssl.SSLContext | None = None,
        expects: str = "",
        fence: str = "",
    ) -> Self:
        """Connect, sign in and open the channel in confirm mode.

        Args:
            address: where the broker is and who we are.
            name: shown in the broker's list of connections.
            receive: called with each frame of the channel once it is open.
            on_lost: called once, with the reason, when an open channel is gone.
            tls: context for amqps; None: the system's certificates.
            expects: a queue without which the channel is of no use; empty: none.
            fence: a queue that no other channel may have as long as this one lives; empty: none.

        Raises:
            InUse: when another channel has the fence.
            Rejected: when the broker says no, or does not have a queue.
            OSError: when there is no broker, or it hangs up.
        """
        context = (tls or ssl.create_default_context()) if address.tls else None
        _, channel = await asyncio.get_running_loop().create_connection(
            lambda: cls(address, name, receive, on_lost), address.host, address.port, ssl=context
        )
        try:
            await channel.sign_in(expects, fence)
        except BaseException:
            channel.abort("the connection was given up before it was open")
            raise
        return channel

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    async def close(self) -> None:
        """Say goodbye, for at most a second, and let go. Confirms that are on their way are lost."""
        self._open = False
        if not self.lost:
            self._send(commands.Connection.Close(200, "bye", class_id=0, method_id=0), channel=0)
            try:
                async with asyncio.timeout(CLOSING_SECONDS):
                    while not isinstance(await self._answers.get(), commands.Connection.CloseOk | None):
                        pass
            except TimeoutError:
                pass
            self.abort("closed")
        await asyncio.wait([self._gone], timeout=CLOSING_SECONDS)

    def abort(self, reason: str) -> None:
        """Drop the connection at once; what was written may or may not have arrived."""
        if self.lost:
            return
        self.lost = reason
        if self._heart is not None:
            self._heart.cancel()
        self._transport.abort()
        self._answers.put_nowait(None)
        if self._open:
            self._on_lost(reason)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.abort(f"the connection broke: {exc}" if exc else "the broker closed the connection")
        if not self._gone.done():
            self._gone.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        try:
            for value in self._incoming.feed(data):
                self._dispatch(value)
                if self.lost:
                    return
        except ValueError as error:
            self.abort(str(error))

    def _dispatch(self, value: Frame) -> None:
        delivered, self._delivered = self._delivered, isinstance(value, commands.Basic.Deliver)
        match value:
            case commands.Basic.Cancel():
                self.abort("the broker has nobody any more who keeps others from sending: the queue is gone")
            case commands.Basic.Deliver():
                pass
            case ContentHeader() if delivered:
                pass
            case commands.Connection.Close():
                self._code = value.reply_code or 0
                self._send(commands.Connection.CloseOk(), channel=0)
                self.abort(f"the broker closed the connection: {value.reply_code} {value.reply_text}")
            case commands.Channel.Close():
                self._code = value.reply_code or 0
                self._send(commands.Channel.CloseOk(), channel=CHANNEL)
                self.abort(f"the broker closed the channel: {value.reply_code} {value.reply_text}")
            case commands.Connection.Blocked():
                self.blocked = value.reason or "no reason given"
            case commands.Connection.Unblocked():
                self.blocked = ""
            case Heartbeat():
                pass
            case _ if self._open:
                self._receive(value)
            case _:
                self._answers.put_nowait(value)

    async def sign_in(self, expects: str, fence: str = "") -> None:
        """Go through the protocol's opening: start, tune, open, channel, confirm mode, a look at queues."""
        self._transport.write(ProtocolHeader().marshal())
        await self._expect(commands.Connection.Start)
        secret = f"\0{self._address.user}\0{self._address.password}"
        abilities: FieldTable = {
            "publisher_confirms": True,
            "basic.nack": True,
            "connection.blocked": True,
            "consumer_cancel_notify": True,
            "authentication_failure_close": True,
        }
        about: FieldTable = {
            "product": "frankenjet",
            "connection_name": self._name,
            "capabilities": abilities,
        }
        self._send(commands.Connection.StartOk(client_properties=about, response=secret), channel=0)
        tune = await self._expect(commands.Connection.Tune)
        self.frame_max = min(tune.frame_max or FRAME_MAX, FRAME_MAX)
        beat = min(tune.heartbeat or self._address.heartbeat, self._address.heartbeat)
        self._send(commands.Connection.TuneOk(tune.channel_max, self.frame_max, beat), channel=0)
        self._send(commands.Connection.Open(virtual_host=self._address.vhost), channel=0)
        await self._expect(commands.Connection.OpenOk)
        asked: list[tuple[frame.FrameTypes, type[object]]] = [
            (commands.Channel.Open(), commands.Channel.OpenOk),
            (commands.Confirm.Select(), commands.Confirm.SelectOk),
        ]
        if expects:
            asked.append((commands.Queue.Declare(queue=expects, passive=True), commands.Queue.DeclareOk))
        if fence:
            consume = commands.Basic.Consume(queue=fence, exclusive=True, no_ack=True)
            asked.append((consume, commands.Basic.ConsumeOk))
        for method, _ in asked:  # at once: on a long way each question of its own would take its time
            self._send(method, channel=CHANNEL)
        for _, answer in asked:
            await self._expect(answer)
        self._open = True
        if beat:
            self._beat(beat)

    async def _expect[F](self, kind: type[F]) -> F:
        while not isinstance(answer := await self._answers.get(), kind):
            if answer is None:
                refused = InUse if _IN_USE in self.lost else Rejected
                raise refused(f"{self._address}: {self.lost}", self._code)
        return answer

    def _beat(self, seconds: int) -> None:
        """Show that we live twice an interval; give up after two intervals without a sign of the other."""
        if self._loop.time() - self._heard_at > 2 * seconds:
            self.abort(f"no sign of life from the broker for {2 * seconds} seconds")
            return
        self._transport.write(HEARTBEAT)
        self._heart = self._loop.call_later(seconds / 2, self._beat, seconds)

    def _send(self, method: frame.FrameTypes, *, channel: int) -> None:
        self._transport.write(frame.marshal(method, channel))
