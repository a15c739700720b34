"""A page in a browser, as far as its requests go: the cookie comes along, the page writes the token."""

from typing import Any

import httpx2

from tests.servers.running import Editor

HOST = "encyclopedia.example"


class Browser:
    """Keeps a cookie as browsers do, and says which page sends a request."""

    def __init__(self, client: httpx2.AsyncClient, host: str = HOST, scheme: str = "https") -> None:
        self._client = client
        self.host = host
        self.origin = f"{scheme}://{host}"
        self.cookie = ""
        self.csrf = ""
        self.set = ""
        """The last Set-Cookie."""

    async def send(self, method: str, path: str, body: Any = None, **headers: str | None) -> httpx2.Response:
        """Send a request as a page of the same origin does; a header that is None is not sent."""
        sent: dict[str, str | None] = {"Host": self.host, "Cookie": self.cookie or None}
        if method != "GET":
            sent |= {
                "Origin": self.origin,
                "Sec-Fetch-Site": "same-origin",
                "FrankenJet-CSRF": self.csrf or None,
            }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        known = {name: value for name, value in sent.items() if value is not None}
        answer = await self._client.request(method, path, json=body, headers=known)
        self._client.cookies.clear()
        if "set-cookie" in answer.headers:
            self.set = answer.headers["set-cookie"]
            named, _, _ = self.set.partition(";")
            self.cookie = named if "Max-Age=0" not in self.set else ""
        return answer

    async def sign_in(self, email: str, password: str, **headers: str | None) -> httpx2.Response:
        answer = await self.send(
            "POST", "/v1/browser-sessions", {"email": email, "password": password}, **headers
        )
        if answer.status_code == 201:
            self.csrf = answer.json()["csrf_token"]
        return answer


def as_editor(browser: Browser) -> dict[str, str]:
    """Return the headers of a command that a page sends."""
    return {
        "Host": browser.host,
        "Cookie": browser.cookie,
        "Origin": browser.origin,
        "FrankenJet-CSRF": browser.csrf,
    }


def with_headers(editor: Editor, headers: dict[str, str]) -> Editor:
    """Return somebody who sends the same commands with other headers."""
    made = Editor(editor.client, "")
    made.headers = headers
    return made
