"""A life of an account with everything that can be known of it, under words that nothing else holds."""

import asyncio
from typing import Any
from uuid import UUID

import httpx2

from kit import clock
from kit.auth.roles import Role
from kit.postgres.connect import Connection
from tests.given.imports import ended
from tests.given.media.pictures import drawn, written
from tests.given.media.sending import announced, submit
from tests.journeys.accounts.browser import Browser
from tests.journeys.accounts.stranger import Letterbox, Stranger
from tests.servers.running import Site
from write_side.accounts.admin.bot_tokens import USUAL, issue_bot_token
from write_side.accounts.admin.rights import grant

NAME, FORMER_NAME = "Zinaida Canaryova", "Zinaida Firstcanary"
EMAIL, WISHED = "canary.zinaida@example.net", "second.canary@example.net"
ADDRESS, AGENT = "203.0.113.77", "CanaryBrowser/9.81"
SUBJECT = "canary-subject-771"
PASSWORD = "a long way to Canaryville"  # noqa: S105 - planted

SAID = (
    "Canaryova",
    "Firstcanary",
    "canary.zinaida",
    "second.canary",
    "CanaryBrowser",
    "Canaryville",
    SUBJECT,
    ADDRESS,
    "770077110",
)
"""What is looked for, in whatever case."""

WHY = {"reason": f"{NAME} wished it so"}

ATTEMPT = """
insert into auth.attempt (state, provider, browser, verifier, nonce, account, locale, next, expires_at)
values (sha256('s'), 'google', sha256('b'), 'v', 'n', $1, 'en', $2, now() + '1 hour')"""

TELEGRAM = """
insert into auth.telegram (id, account, telegram_user, strong) values (gen_random_uuid(), $1, 770077110, true)
"""

PASSKEY = """
insert into auth.passkey
       (id, account, credential, public_key, sign_count, can_be_copied, copied, transports, name)
values (gen_random_uuid(), $1, 'canary-credential', 'k', 0, true, true, '{usb}', $2)"""

INVITED = """
insert into auth.invitation (id, sha256, email, email_key, reason, actor, expires_at, used_at, account)
select gen_random_uuid(), sha256(n::text::bytea), case when n < 3 then $2 end, case when n < 3 then $2 end,
       $3, case when n = 3 then $1 else gen_random_uuid() end, now() + '1 day',
       case when n = 1 then now() end, case when n = 1 then $1::uuid end from generate_series(1, 3) n"""
"""One that she came by, one to her address that nobody has used, and one that she has made."""

DRAFT = {"locale": "en", "title": "Comet", "summary": "s", "body": "b", "sources": [{"title": "t"}]}
NOTHING = {"kind": "article", "filter": "category=none", "change": {"set": {"category": ""}}}


class Life:
    """What she did and has.

    Args:
        site: where.
        letters: hers.
        owner: a connection that may do anything.
    """

    def __init__(self, site: Site, letters: Letterbox, owner: Connection) -> None:
        self._site = site
        self._owner = owner
        self._letters = letters
        self._client = httpx2.AsyncClient(
            transport=site.client._transport,  # noqa: SLF001 - the same application, from her address
            base_url="http://test",
            headers={"X-Forwarded-For": ADDRESS, "User-Agent": AGENT},
        )
        self._she = Stranger(self._client, letters)
        self.account = UUID(int=0)
        self.token = ""
        self.secrets: list[str] = []
        """Tokens and codes that she was given."""

    async def lived(self) -> None:
        """Do everything."""
        await self._comes_in()
        await self._is_administrated()
        await self._works()
        await self._has_more()

    async def erases_herself(self) -> int:
        """Ask for it, and return the status of the answer."""
        answer = await self._she.send("DELETE", "/v1/me", {"account": str(self.account)}, self.token)
        return answer.status_code

    async def still_asks(self) -> list[int]:
        """Use the token that worked until now, and return the statuses of the answers."""
        places = ("/v1/me", "/v1/me/export")
        return [(await self._she.send("GET", place, token=self.token)).status_code for place in places]

    async def exports(self) -> httpx2.Response:
        """Ask for all that is known of her."""
        return await self._she.send("GET", "/v1/me/export", token=self.token)

    async def _comes_in(self) -> None:
        she = self._she
        said = {"name": FORMER_NAME, "email": EMAIL, "password": PASSWORD}
        await she.done("POST", "/v1/accounts", said)
        code = await self._letters.code()
        await she.confirmed(code, PASSWORD)
        await she.send(
            "POST", "/v1/accounts", said | {"name": "Somebody else"}
        )  # a mail: there is one already
        await self._letters.next()
        await she.send("POST", "/v1/sessions", {"email": EMAIL, "password": PASSWORD + "?"})
        await she.send("POST", "/v1/sessions", {"email": f"{EMAIL} ", "password": PASSWORD, "who": NAME})
        made = await she.signed_in(EMAIL, PASSWORD)
        self.account, self.token = UUID(made["account"]), made["access_token"]
        again = await she.done("POST", "/v1/sessions/refresh", {"refresh_token": made["refresh_token"]})
        await she.done("PATCH", "/v1/me", {"name": NAME}, self.token)
        await she.send("GET", f"/v1/accounts?name={NAME}&email={EMAIL}", token=self.token)
        await she.send("GET", f"/v1/articles?{EMAIL}={NAME}")
        page = Browser(self._client)
        await page.sign_in(EMAIL, PASSWORD)
        self.secrets += [
            code,
            made["refresh_token"],
            again["refresh_token"],
            self.token,
            page.cookie.partition("=")[2],
        ]

    async def _is_administrated(self) -> None:
        chief = await self._site.moderator.send("GET", "/me")
        await grant(self._owner, UUID(chief.json()["id"]), Role.ADMIN, actor=None)
        await asyncio.sleep(1.1)
        for method, place in (
            ("PUT", "roles/editor"),
            ("PUT", "roles/moderator"),
            ("DELETE", "roles/moderator"),
            ("PUT", "disabled"),
            ("DELETE", "disabled"),
            ("PUT", "roles/admin"),
        ):
            answer = await self._site.moderator.send(method, f"/accounts/{self.account}/{place}", WHY)
            assert 204 == answer.status_code, answer.text
        self.token = (await self._she.signed_in(EMAIL, PASSWORD))["access_token"]

    async def _works(self) -> None:
        sent: dict[str, Any] = {"Authorization": f"Bearer {self.token}"}
        made = await self._client.post(
            "/v1/articles", json=DRAFT, headers=sent | {"Idempotency-Key": "canary-1"}
        )
        assert 201 == made.status_code, made.text
        await self._client.post("/v1/articles", json=DRAFT | {NAME: EMAIL}, headers=sent)
        await self._client.post("/v1/bulk", json=NOTHING, headers=sent)
        begun = await self._client.post(
            "/v1/imports?format=ndjson&source=x",
            content=b"{}\n",
            headers=sent | {"Content-Type": "application/octet-stream"},
        )
        await ended(self._site, sent, begun)

    async def _has_more(self) -> None:
        """Have what is not used up yet: codes, mails that wait, a ticket, a token of a program."""
        she, token = self._she, self.token
        await she.done("PUT", "/v1/me/email", {"email": WISHED, "password": PASSWORD}, token)
        await she.send("POST", "/v1/password-codes", {"email": EMAIL})
        await she.send("POST", "/v1/accounts", {"name": "One more", "email": EMAIL, "password": PASSWORD})
        for _ in range(3):
            await self._letters.next()
        ticket = await she.done("POST", "/v1/me/socket-tickets", token=token)
        expires = clock.now() + USUAL
        bot = await issue_bot_token(
            self._owner,
            self.account,
            expires=expires,
            actor=self.account,
            label=f"of {NAME}",
            reason=WHY["reason"],
        )
        await self._owner.execute(
            "insert into auth.mail (id, address, locale, kind, next_at) select gen_random_uuid(), address,"
            " 'en', 'known', now() + '1 day' from unnest($1::text[]) address",
            [EMAIL, WISHED.upper()],
        )
        await self._owner.execute(
            "insert into auth.identity (provider, subject, account) values ('google', $2, $1)",
            self.account,
            SUBJECT,
        )
        await self._owner.execute(TELEGRAM, self.account)
        await self._owner.execute(PASSKEY, self.account, f"Phone of {NAME}")
        await self._owner.execute(ATTEMPT, self.account, f"/{SUBJECT}")
        await self._owner.execute(INVITED, self.account, EMAIL, WHY["reason"])
        self.secrets += [ticket["ticket"], bot.token, await self._shows_herself()]

    async def _shows_herself(self) -> str:
        """Have a picture, and return the name of its file."""
        she, token, file = self._she, self.token, written("PNG", drawn(size=(60, 40)))
        said = announced(file)
        begun = await she.done("POST", "/v1/me/avatar/uploads", said, token)
        assert 204 == (await submit(self._client, begun, file)).status_code
        await she.done("PUT", "/v1/me/avatar", {"upload": begun["id"], "sha256": said["sha256"]}, token)
        key = await self._owner.fetchval("select key from auth.avatar where account = $1", self.account)
        return str(key.rpartition("/")[2])
