"""What a client may not send is thrown away, however much of it comes at once."""

import pytest
from websockets.protocol import State
from websockets.server import ServerProtocol

from kit.http.edge.websockets.hearing import MAX_FRAMES, Hearing
from tests.kit.http.edge.client import framed

PING, TEXT = framed(0x89, b""), framed(0x81, b"")


@pytest.mark.parametrize("frame", [PING, TEXT])
async def test_of_many_frames_at_once_few_are_made_and_none_after_the_last_that_may_come(
    frame: bytes,
) -> None:
    frames = ServerProtocol(state=State.OPEN)
    heard = Hearing(frames)
    heard.hear(frame * 40_000)
    assert (MAX_FRAMES if frame == TEXT else 0) == len(heard.messages)
    answered = frames.data_to_send()
    assert len(answered) < 2 * MAX_FRAMES, "pongs, and that it was too much"
    assert (State.CLOSING, 1008) == (frames.state, frames.close_sent and frames.close_sent.code)


async def test_after_what_is_no_text_nothing_is_heard() -> None:
    frames = ServerProtocol(state=State.OPEN)
    heard = Hearing(frames)
    heard.hear(framed(0x81, b"first") + framed(0x81, b"\xff") + framed(0x81, b"later"))
    assert [{"type": "websocket.receive", "text": "first"}] == heard.messages
    assert (State.CLOSING, 1007) == (frames.state, frames.close_sent and frames.close_sent.code)
