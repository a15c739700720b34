"""A token is believed only when it is exactly what we sign; every known way to bend one is tried."""

import base64
import hashlib
import hmac
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from kit.auth.tokens import MAX_LIFE, ORDINARY, BadToken, mint
from kit.ids import new_id
from tests.kit.auth.forging import (
    ACCOUNT,
    GOOD,
    HEADER,
    KEY,
    NOW,
    PUBLIC,
    SECONDS,
    SESSION,
    part,
    refusal,
    signed,
    signing_key,
    verifier,
)


@pytest.mark.parametrize(
    "alg", ["none", "None", "nOnE", "NONE", "", "HS256", "RS256", "ES256", "Ed25519", "eddsa"]
)
def test_another_algorithm_is_refused_with_or_without_signature(alg: str) -> None:
    text = f"{part({'alg': alg, **HEADER})}.{part(GOOD)}"
    for signature in ("", part(KEY.private.sign(text.encode())), "AA"):
        refusal(f"{text}.{signature}")


def test_the_public_key_is_no_hmac_secret() -> None:
    forms = [
        PUBLIC.public_bytes_raw(),
        PUBLIC.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        PUBLIC.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        PUBLIC.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH),
    ]
    for secret in forms:
        for alg in ("HS256", "EdDSA"):
            text = f"{part({'alg': alg, **HEADER})}.{part(GOOD)}"
            mac = hmac.new(secret, text.encode(), hashlib.sha256).digest()
            refusal(f"{text}.{part(mac)}")


def test_a_key_that_comes_with_the_token_is_not_used() -> None:
    stranger = signing_key()
    x = part(stranger.private.public_key().public_bytes_raw())
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": x}
    for extra in (
        {"jwk": jwk},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AAAA"]},
    ):
        for kid in (KEY.kid, stranger.kid):
            token = jwt.encode(GOOD, stranger.private, "EdDSA", headers={**HEADER, "kid": kid, **extra})
            refusal(token)
        refusal(signed(header={"alg": "EdDSA", **HEADER, **extra}))


@pytest.mark.parametrize("kid", ["unknown", "../../etc/passwd", "' or 1=1 --", "", None, 1, ["a"], {"a": 1}])
def test_an_unknown_key_id_is_refused(kid: Any) -> None:
    refusal(signed(header={"alg": "EdDSA", "typ": "at+jwt", "kid": kid}))


def test_a_thousand_made_up_key_ids_leave_no_trace() -> None:
    checking = verifier()
    token = mint(KEY, ACCOUNT, SESSION, ORDINARY, NOW)
    checking.verify(token, SECONDS)
    for number in range(1000):
        with pytest.raises(BadToken):
            checking.verify(signed(header={"alg": "EdDSA", "typ": "at+jwt", "kid": f"k{number}"}), SECONDS)
    assert checking.verify(token, SECONDS).account == ACCOUNT


@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": True},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"crit": []},
        {"cty": "JWT"},
        {"zip": "DEF"},
        {"enc": "A256GCM"},
        {"x": 1},
    ],
)
def test_a_header_that_we_do_not_write_is_refused(extra: dict[str, Any]) -> None:
    refusal(signed(header={"alg": "EdDSA", **HEADER, **extra}))


@pytest.mark.parametrize(
    "typ", ["JWT", "jwt", "AT+JWT", "application/at+jwt", "rt+jwt", "id+jwt", "", None, 1]
)
def test_a_token_for_another_purpose_is_refused(typ: Any) -> None:
    refusal(signed(header={"alg": "EdDSA", "typ": typ, "kid": KEY.kid}))


def test_a_header_without_type_or_key_is_refused() -> None:
    refusal(signed(header={"alg": "EdDSA", "kid": KEY.kid}))
    refusal(signed(header={"alg": "EdDSA", "typ": "at+jwt"}))
    refusal(signed(header={}))


@pytest.mark.parametrize("name", ["exp", "iat", "iss", "aud", "sub", "jti", "sid"])
def test_a_token_without_one_of_its_claims_is_refused(name: str) -> None:
    refusal(signed({key: value for key, value in GOOD.items() if key != name}))
    refusal(signed({**GOOD, name: None}))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": 10**30},
        {"exp": 10**12},
        {"exp": SECONDS + 86_401},
        {"exp": str(SECONDS + 900)},
        {"exp": SECONDS + 900.0},
        {"exp": 1e400},
        {"exp": True},
        {"exp": [SECONDS]},
        {"exp": -1},
        {"exp": SECONDS},
        {"iat": SECONDS + 60},
        {"iat": str(SECONDS)},
        {"iat": SECONDS + 0.5},
        {"iat": -(10**30)},
        {"iat": 0},
        {"nbf": SECONDS + 60},
        {"nbf": str(SECONDS)},
        {"nbf": None},
        {"aud": "frankenjet"},
        {"aud": ["frankenjet-api"]},
        {"aud": ["frankenjet-api", "other"]},
        {"aud": []},
        {"aud": {"frankenjet-api": 1}},
        {"iss": "franken"},
        {"iss": "frankenjet.evil.example"},
        {"iss": ["frankenjet"]},
        {"iss": "Frankenjet"},
        {"sub": 1},
        {"sub": "admin"},
        {"sub": ""},
        {"sub": f"{{{ACCOUNT}}}"},
        {"sid": 1},
        {"sid": "x"},
        {"jti": 1},
    ],
)
def test_a_claim_that_is_not_what_we_write_is_refused(change: dict[str, Any]) -> None:
    refusal(signed({**GOOD, **change}))


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"1", b'"a"', b"{", b"\xff", b"[" * 2000])
def test_a_payload_that_is_no_object_is_refused(payload: bytes) -> None:
    refusal(signed(payload))


def test_every_bit_of_a_token_counts() -> None:
    token = mint(KEY, ACCOUNT, SESSION, ORDINARY, NOW)
    header, payload, signature = token.split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    for index in range(len(raw)):
        flipped = bytes([*raw[:index], raw[index] ^ 1, *raw[index + 1 :]])
        refusal(f"{header}.{payload}.{part(flipped)}")
    refusal(f"{header}.{part({**GOOD, 'sub': str(new_id())})}.{signature}")
    for other in (
        f"{token}.",
        f".{token}",
        f"{header}.{payload}",
        f"{header}..{signature}",
        f"{token}.{token}",
    ):
        refusal(other)


def test_a_huge_token_is_refused_before_it_is_parsed() -> None:
    started = time.process_time()
    assert refusal("a" * 1_000_000) == "The token is too long."
    assert refusal(signed({**GOOD, "x": "a" * 4000})) == "The token is too long."
    assert time.process_time() - started < 0.05


def test_an_encrypted_token_is_refused() -> None:
    head = {"alg": "dir", "enc": "A256GCM", "zip": "DEF", "typ": "at+jwt", "kid": KEY.kid}
    refusal(f"{part(head)}..{part(b'iv')}.{part(b'text')}.{part(b'tag')}")


@given(st.text() | st.text(st.sampled_from("eyJ.-_A=")) | st.binary().map(part))
def test_whatever_is_sent_instead_of_a_token_is_refused_in_words_of_ours(token: str) -> None:
    assert refusal(token) in {"This is not a token.", "The token is not one of ours."}


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=3)
)
def test_whatever_stands_in_a_claim_is_believed_or_refused(value: Any) -> None:
    for name in GOOD:
        token = signed({**GOOD, name: value})
        try:
            claims = verifier().verify(token, SECONDS)
        except BadToken:
            continue
        assert claims.lifetime <= MAX_LIFE.total_seconds()
