"""Passkeys of one's own: added, named, removed."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from kit.auth.identity import Caller, ProvenCaller
from kit.http.described import Described, example
from kit.http.refusals import Responses
from kit.http.requests.body import Body
from kit.http.requests.text import Id
from kit.problem_types import NOT_FOUND, TOKEN_INVALID
from write_side.accounts.api.answers import GONE, Name, account_route, private, work_of
from write_side.accounts.api.passkey_bodies import MadePasskey
from write_side.accounts.passkeys import own
from write_side.accounts.passkeys.challenges import AskedIn, make_challenge, take_challenge
from write_side.accounts.passkeys.checking import challenge_of, made
from write_side.accounts.passkeys.options import creation_options
from write_side.accounts.problem_types import (
    ATTEMPT_UNKNOWN,
    LAST_WAY_IN,
    PASSKEY_KNOWN,
    PASSKEY_NOT_TAKEN,
    TOO_MANY_PASSKEYS,
)


class PasskeyOptions(Described):
    """What the page hands to the browser; an answer to it is taken within five minutes, once."""

    model_config = example(
        {"options": {"challenge": "8a4L…", "rpId": "example.org", "userVerification": "required"}}
    )

    options: dict[str, Any]
    """For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`."""


class PasskeyAdded(Described):
    """A passkey signs in from now on."""

    model_config = example(
        {"id": "019ac3f2-7a2c-7e4d-8b12-4f5a6b7c8d9e", "recovery_codes": ["abcd-efgh-jkmn-pqrs"]}
    )

    id: UUID
    recovery_codes: list[str]
    """For a bad day, told this once. Empty: the account had a second factor, and codes for it."""


class NewPasskeyBody(Body):
    """A passkey that the browser has made, and what its owner calls it."""

    name: Name
    passkey: MadePasskey


class PasskeyName(Body):
    """What its owner calls it."""

    name: Name


async def begin_passkey(who: ProvenCaller, request: Request) -> Response:
    """Begin with a passkey: the page hands the options to the browser, which makes one."""
    work = work_of(request)
    site = work.site_of_passkeys()
    async with work.transaction() as connection:
        name = await own.require_room(connection, who.account, who.session)
        known = await own.known_passkeys(connection, who.account)
        challenge = await make_challenge(connection, AskedIn("passkey", session=who.session))
    return private(PasskeyOptions(options=creation_options(site, who.account, name, challenge, known)))


async def add_passkey(who: ProvenCaller, request: Request, body: NewPasskeyBody) -> Response:
    """Add the passkey. From now on it signs in alone, and a password alone does not."""
    work = work_of(request)
    site, said = work.site_of_passkeys(), body.passkey.model_dump(by_alias=True)
    challenge = challenge_of(said, PASSKEY_NOT_TAKEN)
    async with work.transaction() as connection:
        await take_challenge(connection, AskedIn("passkey", session=who.session), challenge)
    new = made(site, said, challenge)
    async with work.transaction() as connection:
        added = await own.add_passkey(connection, who.account, who.session, new, body.name)
    work.post.mail_was_left()
    return private(PasskeyAdded(id=added.id, recovery_codes=added.recovery_codes), 201)


async def rename_passkey(id: Id, who: Caller, request: Request, body: PasskeyName) -> Response:  # noqa: A002 - the name in the path
    """Call a passkey otherwise."""
    async with work_of(request).transaction() as connection:
        await own.rename_passkey(connection, who.account, id, body.name)
    return private(None, 204)


async def remove_passkey(id: Id, who: ProvenCaller, request: Request) -> Response:  # noqa: A002 - the name in the path
    """Let a passkey no longer sign in. The last way to sign in is not taken away."""
    work = work_of(request)
    async with work.transaction() as connection:
        await own.remove_passkey(connection, who.account, who.session, id)
    work.post.mail_was_left()
    return private(None, 204)


OPTIONS: Responses = {200: {"model": PasskeyOptions, "description": "What the browser is handed."}}

PASSKEY_ROUTES = (
    account_route(
        "POST /v1/me/passkeys/options",
        begin_passkey,
        tag="me",
        summary="Begin with a passkey",
        name="begin_passkey",
        told=OPTIONS,
        refuses=(NOT_FOUND, TOKEN_INVALID, TOO_MANY_PASSKEYS),
        status=200,
    ),
    account_route(
        "POST /v1/me/passkeys",
        add_passkey,
        tag="me",
        summary="Add a passkey",
        name="add_passkey",
        told={201: {"model": PasskeyAdded, "description": "It signs in from now on."}},
        refuses=(
            NOT_FOUND, TOKEN_INVALID, ATTEMPT_UNKNOWN, PASSKEY_KNOWN, TOO_MANY_PASSKEYS,
            PASSKEY_NOT_TAKEN,
        ),
        status=201,
    ),
    account_route(
        "PATCH /v1/me/passkeys/{id}",
        rename_passkey,
        tag="me",
        summary="Call a passkey otherwise",
        name="rename_passkey",
        told=GONE,
        refuses=(NOT_FOUND,),
        status=204,
    ),
    account_route(
        "DELETE /v1/me/passkeys/{id}",
        remove_passkey,
        tag="me",
        summary="Remove a passkey",
        name="remove_passkey",
        told=GONE,
        refuses=(NOT_FOUND, TOKEN_INVALID, LAST_WAY_IN),
        status=204,
    ),
)  # fmt: skip
