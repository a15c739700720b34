"""A page in a browser, as far as its requests go: the cookie comes along, the page writes the token."""

from typing import Any

import httpx2

from tests.servers.running import Editor

HOST = "encyclopedia.example"


class Browser:
    """Keeps cookies as browsers do, and says which page sends a request."""

    def __init__(self, client: httpx2.AsyncClient, host: str = HOST, scheme: str = "https") -> None:
        self.client = client
        self.host = host
        self.origin = f"{scheme}://{host}"
        self.cookies: dict[str, str] = {}
        self.csrf = ""
        self.set = ""
        """The last Set-Cookie."""

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    @cookie.setter
    def cookie(self, header: str) -> None:
        self.cookies = dict(one.split("=", 1) for one in header.split("; ") if one)

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
        answer = await self.client.request(method, path, json=body, headers=known)
        self.client.cookies.clear()
        if "set-cookie" in answer.headers:
            self.set = answer.headers["set-cookie"]
            name, _, value = self.set.partition(";")[0].partition("=")
            self.cookies |= {name: value}
            if "Max-Age=0" in self.set:
                del self.cookies[name]
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
