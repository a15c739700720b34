"""A real browser without a window, told what to do over its own protocol for developers."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.servers.pages.sockets import Socket, connected


class Page:
    """One tab."""

    def __init__(self, socket: Socket, session: str) -> None:
        self._socket = socket
        self._session = session
        self._number = 0

    async def ask(self, method: str, **given: Any) -> Any:
        """Send a command of the protocol, and return what it answers."""
        self._number += 1
        await self._socket.say(
            {"id": self._number, "method": method, "params": given}
            | ({"sessionId": self._session} if self._session else {})
        )
        async with asyncio.timeout(30):
            while True:
                said = await self._socket.hear()
                if isinstance(said, dict) and said.get("id") == self._number:
                    assert "result" in said, said
                    return said["result"]

    async def go(self, address: str) -> None:
        """Open an address, and return when its page is there."""
        await self.ask("Page.navigate", url=address)
        async with asyncio.timeout(30):
            while not await self.run(  # noqa: ASYNC110 - it tells nobody
                f"location.href === {json.dumps(address)} && document.readyState === 'complete'"
            ):
                await asyncio.sleep(0.05)

    async def run(self, script: str) -> Any:
        """Run a script in the page, and return what it comes to."""
        done = await self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Page]:
    """Yield a tab of a browser that knows nobody; without one the test is skipped, or fails under CI=true."""
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("CI") == "true":  # noqa: TID251 - of the test run
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed")
    process = await asyncio.create_subprocess_exec(
        program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        port_file = folder / "DevToolsActivePort"
        async with asyncio.timeout(30):
            while not port_file.exists() or len(port_file.read_text().splitlines()) != 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        port, path = port_file.read_text().splitlines()
        socket = await connected(int(port), path)
        whole = Page(socket, "")
        target = (await whole.ask("Target.createTarget", url="about:blank"))["targetId"]
        session = await whole.ask("Target.attachToTarget", targetId=target, flatten=True)
        page = Page(socket, session["sessionId"])
        yield page
        await socket.close()
    finally:
        process.terminate()
        await process.wait()
