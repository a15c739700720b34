"""Keys are changed while people work: two public ones are live, then the old one is refused."""

import base64
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kit.auth.keys import ensure_signing_key, key_id, load_signing_key
from tests.journeys.accounts.stranger import STRANGER, Stranger, refusal, stranger


def new_key(folder: Path, name: str) -> tuple[Path, Path, str]:
    """Return the files of a key and of its public half, and its id."""
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    ensure_signing_key(private)
    key = load_signing_key(private)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public.write_bytes(key.private.public_key().public_bytes(serialization.Encoding.PEM, form))
    return private, public, key.kid


async def listed(client: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/.well-known/jwks.json")
    assert (200, "public, max-age=300") == (answer.status_code, answer.headers["cache-control"])
    return {key["kid"]: key for key in answer.json()["keys"]}


async def test_keys_are_changed_without_anybody_signing_in_again(database: str, tmp_path: Path) -> None:
    old, old_public, old_id = new_key(tmp_path, "old")
    new, new_public, new_id = new_key(tmp_path, "new")

    async with AsyncExitStack() as stack:

        async def host(signs: Path, *checks: Path) -> Stranger:
            how = {"signing_key_file": signs, "verify_key_files": checks}
            return await stack.enter_async_context(stranger(database, tmp_path, **how))

        first = await host(old)
        tokens = await first.opened()
        before = tokens["access_token"]
        assert [old_id] == list(await listed(first.client))

        announced = await host(old, new_public)
        changed = await host(new, old_public)
        assert {old_id, new_id} == set(await listed(announced.client)) == set(await listed(changed.client))
        tokens = await changed.done(
            "POST", "/v1/sessions/refresh", {"refresh_token": tokens["refresh_token"]}
        )
        after = tokens["access_token"]
        assert [old_id, new_id] == [jwt.get_unverified_header(one)["kid"] for one in (before, after)]
        for one in (announced, changed):
            for token in (before, after):
                await one.done("GET", "/v1/me", token=token)

        last = await host(new)
        assert [new_id] == list(await listed(last.client))
        assert (401, "token-invalid") == refusal(await last.send("GET", "/v1/me", token=before))
        await last.done("GET", "/v1/me", token=after)
        await last.signed_in(STRANGER["email"], STRANGER["password"])


async def test_the_listed_keys_check_tokens_and_show_nothing_private(database: str, tmp_path: Path) -> None:
    async with stranger(database, tmp_path) as somebody:
        tokens = await somebody.opened()
        ((kid, key),) = (await listed(somebody.client)).items()
        assert {"kty", "crv", "alg", "use", "kid", "x"} == set(key), "no d"
        public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
        assert key_id(public) == kid
        claims = jwt.decode(
            tokens["access_token"], public, algorithms=["EdDSA"], audience="frankenjet-api",
            issuer="frankenjet",
        )  # fmt: skip
        assert claims["sub"] == tokens["account"]
