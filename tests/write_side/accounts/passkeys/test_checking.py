"""What an authenticator, or the browser before it, cannot have said to us is not believed."""

import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import cbor2
import pytest

from kit.errors import Problem
from kit.ids import new_id
from tests.servers.identity.authenticator import (
    EDDSA,
    ES256,
    ES384,
    RS256,
    Authenticator,
    base64url,
    private_key,
    unbase64url,
)
from write_side.accounts.passkeys.checking import NewPasskey, UsedPasskey, challenge_of, made, used
from write_side.accounts.passkeys.options import KnownPasskey, creation_options, request_options
from write_side.accounts.passkeys.site import PasskeySite
from write_side.accounts.problem_types import PASSKEY_NOT_TAKEN, PASSKEY_REFUSED

SITE = PasskeySite("encyclopedia.example", "https://encyclopedia.example")

Change = Callable[[Authenticator], Any]
Altered = Callable[[dict[str, Any]], Any]
"""Changes what the browser answered."""


def its(**fields: Any) -> Change:
    """Return what sets fields of an authenticator."""

    def change(one: Authenticator) -> None:
        for name, value in fields.items():
            setattr(one, name, value)

    return change


def an_authenticator(**fields: Any) -> Authenticator:
    return Authenticator(SITE.origin, **fields)


def creation(challenge: bytes) -> dict[str, Any]:
    return creation_options(SITE, new_id(), "Anna", challenge, [])


def added(
    one: Authenticator, answer: Mapping[str, Any] | None = None, challenge: bytes = b"c" * 32
) -> NewPasskey:
    said = one.make(creation(challenge)) if answer is None else answer
    assert challenge == challenge_of(said, PASSKEY_NOT_TAKEN)
    return made(SITE, said, challenge)


def signs_in(
    one: Authenticator, new: NewPasskey, challenge: bytes = b"d" * 32, alter: Altered | None = None
) -> UsedPasskey:
    said = one.use(request_options(SITE, challenge))
    if alter is not None:
        alter(said["response"])
    return used(SITE, said, challenge, public_key=new.public_key, can_be_copied=new.can_be_copied)


@pytest.mark.parametrize("algorithm", [EDDSA, ES256, RS256])
def test_a_passkey_of_each_algorithm_that_is_asked_for_signs_in(algorithm: int) -> None:
    one = an_authenticator(algorithm=algorithm)
    new = added(one)
    assert (0, False, False, ["hybrid", "internal"]) == (
        new.sign_count, new.can_be_copied, new.copied, new.transports,
    )  # fmt: skip
    assert [UsedPasskey(1, copied=False), UsedPasskey(2, copied=False)] == [signs_in(one, new) for _ in "12"]


def test_what_is_asked_for_leaves_no_choice() -> None:
    account, challenge = new_id(), secrets.token_bytes(32)
    asked = creation_options(SITE, account, "Anna", challenge, [KnownPasskey(b"known", ["usb"])])
    assert ("encyclopedia.example", account.bytes) == (asked["rp"]["id"], unbase64url(asked["user"]["id"]))
    assert [EDDSA, ES256, RS256] == [one["alg"] for one in asked["pubKeyCredParams"]]
    chosen = asked["authenticatorSelection"]
    assert ("required", True, "required") == (
        chosen["residentKey"], chosen["requireResidentKey"], chosen["userVerification"],
    )  # fmt: skip
    assert ("none", 300_000) == (asked["attestation"], asked["timeout"])
    assert [base64url(b"known")] == [one["id"] for one in asked["excludeCredentials"]]
    wanted = request_options(SITE, challenge)
    assert ("required", [], challenge) == (
        wanted["userVerification"], wanted["allowCredentials"], unbase64url(wanted["challenge"]),
    )  # fmt: skip


def test_a_new_key_may_vouch_for_itself_and_a_passkey_be_copied() -> None:
    one = an_authenticator(signs_itself=True, can_be_copied=True, copied=True, counts=False)
    new = added(one)
    assert (True, True) == (new.can_be_copied, new.copied)
    assert UsedPasskey(0, copied=True) == signs_in(one, new)
    one.copied = False
    assert UsedPasskey(0, copied=False) == signs_in(one, new)


ANY: dict[str, Change] = {
    "another site's page": its(origin="https://encyclopedia.example.evil.example"),
    "a page below ours": its(origin="https://evil.encyclopedia.example"),
    "a page without TLS": its(origin="http://encyclopedia.example"),
    "another port": its(origin="https://encyclopedia.example:8443"),
    "an app": its(origin="android:apk-key-hash:aGVsbG8"),
    "a page in a frame": its(in_frame=True),
    "made for another site": its(site="evil.example"),
    "nobody recognised": its(verified=False),
    "nobody there": its(present=False),
    "another challenge": its(challenge=base64url(b"e" * 32)),
    "no challenge": its(challenge=""),
    "a challenge that is none": its(challenge="%%%"),
    "a copy of what cannot be copied": its(copied=True, can_be_copied=False),
    "more than was signed": its(after=b"\0"),
}

MADE: dict[str, Change] = ANY | {
    "asked to sign": its(kind="webauthn.get"),
    "an algorithm that nobody asked for": its(algorithm=ES384),
    "one curve, another algorithm": its(cose={1: 2, 3: ES256, -1: 2, -2: b"x" * 48, -3: b"y" * 48}),
    "one family, another algorithm": lambda one: setattr(
        one, "cose", {1: 1, 3: ES256, -1: 6, -2: private_key(EDDSA).public_key().public_bytes_raw()}
    ),
    "a point that is on no curve": its(cose={1: 2, 3: ES256, -1: 1, -2: b"x" * 32, -3: b"y" * 32}),
    "no key": its(cose={}),
    "a key that is a number": its(cose=4),
    "a weak key": lambda one: setattr(one, "cose", of_rsa(2**1_023 + 1, 65_537)),
    "a key that takes long": lambda one: setattr(one, "cose", of_rsa(2**8_191 + 1, 65_537)),
    "an exponent that takes long": lambda one: setattr(one, "cose", of_rsa(2**2_047 + 1, 2**2_000 + 1)),
    "a word about who made it": its(attestation=("fido-u2f", {"sig": b"s", "x5c": [b"c"]})),
    "a good word by its maker": its(by_maker=True),
    "a word of the machine": its(attestation=("tpm", {"ver": "2.0", "alg": -257, "sig": b"s"})),
    "a word of Android": its(attestation=("android-safetynet", {"ver": "1", "response": b"e30.e30.x"})),
    "a word of Apple": its(attestation=("apple", {"x5c": [b"c"]})),
    "a word that nobody knows": its(attestation=("own", {})),
    "no word, and yet one": its(attestation=("none", {"sig": b"s"})),
    "vouching for itself wrongly": its(attestation=("packed", {"alg": -7, "sig": b"s"})),
    "a name without end": its(id=b"i" * 2_000),
}

USED: dict[str, Change] = ANY | {
    "asked to make": its(kind="webauthn.create"),
    "another's key": lambda one: setattr(one.keys[-1], "private", private_key(ES256)),
    "become one that can be copied": its(can_be_copied=True),
}


def of_rsa(modulus: int, exponent: int) -> dict[int, Any]:
    return {1: 3, 3: RS256, -1: modulus.to_bytes(1_024), -2: exponent.to_bytes(256)}


@pytest.mark.parametrize("lie", MADE)
def test_a_passkey_that_is_not_as_it_was_asked_for_is_not_taken(lie: str) -> None:
    one = an_authenticator()
    MADE[lie](one)
    said = one.make(creation(b"c" * 32))
    with pytest.raises(Problem) as refused:
        made(SITE, said, b"c" * 32)
    assert PASSKEY_NOT_TAKEN.name == refused.value.type


@pytest.mark.parametrize("lie", USED)
def test_a_passkey_that_signs_something_else_is_refused(lie: str) -> None:
    one = an_authenticator()
    new = added(one)
    USED[lie](one)
    with pytest.raises(Problem) as refused:
        signs_in(one, new)
    assert PASSKEY_REFUSED.name == refused.value.type


BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "no CBOR": b"\xff\xff",
    "a number": cbor2.dumps(7),
    "a list": cbor2.dumps([1, 2]),
    "a text": cbor2.dumps("none"),
    "nothing in it": cbor2.dumps({}),
    "too little of it": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": b"a" * 36}),
    "an endless name": cbor2.dumps(
        {"fmt": "none", "attStmt": {}, "authData": b"a" * 32 + b"\x45" + b"\0" * 20 + b"\xff\xff"}
    ),
    "the same member twice": b"\xa3cfmtdnonecfmtdnonegattStmt\xa0",
    "lists in lists": b"\xa1cfmt" + b"\x81" * 5_000 + b"\x01",
    "a promise of 2^63 bytes": b"\x5b" + b"\x7f" + b"\xff" * 7,
    "tags in tags": b"\xd8\x1c" * 3_000 + b"\x01",
    "a list that holds itself": b"\xd8\x1c\x81\xd8\x1d\x00",
}


@pytest.mark.parametrize("broken", BROKEN)
def test_what_cannot_be_read_is_refused_and_breaks_nothing(broken: str) -> None:
    one = an_authenticator()
    said = one.make(creation(b"c" * 32))
    said["response"]["attestationObject"] = base64url(BROKEN[broken])
    with pytest.raises(Problem) as refused:
        made(SITE, said, b"c" * 32)
    assert PASSKEY_NOT_TAKEN.name == refused.value.type
    new = added(an_authenticator())
    for name in ("authenticatorData", "signature", "clientDataJSON"):
        wrong = {name: base64url(BROKEN[broken])}
        with pytest.raises(Problem) as refused:
            signs_in(one, new, alter=partial(dict.update, **wrong))
        assert PASSKEY_REFUSED.name == refused.value.type


@pytest.mark.parametrize(
    "text", ["A", "AAAAA", "a b", "QUJD=", "QUJD%", "é", "[]", "bnVsbA", "e30", "eyJ0eXBlIjogMX0"]
)
def test_client_data_that_is_none_has_no_challenge(text: str) -> None:
    with pytest.raises(Problem) as refused:
        challenge_of({"response": {"clientDataJSON": text}}, PASSKEY_REFUSED)
    assert PASSKEY_REFUSED.name == refused.value.type


def test_each_bit_of_what_was_signed_counts() -> None:
    one = an_authenticator()
    new = added(one)
    for name in ("authenticatorData", "clientDataJSON", "signature"):
        for at in (0, 33, -1):

            def flipped(response: dict[str, Any], name: str = name, at: int = at) -> None:
                raw = bytearray(unbase64url(response[name]))
                raw[at] ^= 1
                response[name] = base64url(bytes(raw))

            with pytest.raises(Problem):
                signs_in(one, new, alter=flipped)
    assert signs_in(one, new)


def test_a_key_that_was_kept_wrongly_is_refused_and_breaks_nothing() -> None:
    one = an_authenticator()
    new = added(one)
    for key in (b"", b"\x04", b"\xff", cbor2.dumps({1: 2}), cbor2.dumps([])):
        with pytest.raises(Problem):
            signs_in(one, new._replace(public_key=key))
