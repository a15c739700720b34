"""Keys are made once, kept private, and known by the same id everywhere."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kit.auth.keys import (
    accepted_keys,
    ensure_signing_key,
    key_id,
    load_public_keys,
    load_signing_key,
)

PEM = serialization.Encoding.PEM


def public_pem(key: Ed25519PrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def private_pem(key: Ed25519PrivateKey | rsa.RSAPrivateKey, password: bytes = b"") -> bytes:
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, locked)


def test_the_id_of_a_key_is_its_thumbprint() -> None:
    """The example of RFC 8037, appendix A.3."""
    x = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert key_id(Ed25519PublicKey.from_public_bytes(x)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_a_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "signing-key.pem"
    ensure_signing_key(path)
    first = path.read_bytes()
    ensure_signing_key(path)
    assert path.read_bytes() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["signing-key.pem"]
    with structlog.testing.capture_logs() as logged:
        assert load_signing_key(path).kid == load_signing_key(path).kid
    assert not logged


def test_many_who_make_it_at_once_get_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"

    def make(_: int) -> str:
        ensure_signing_key(path)
        return load_signing_key(path).kid

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(make, range(64)))) == 1
    assert [found.name for found in tmp_path.iterdir()] == ["key.pem"]


def test_processes_that_make_it_at_once_get_the_same_key(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    code = (
        "import sys, pathlib; from kit.auth.keys import ensure_signing_key as e, load_signing_key as l;"
        "p = pathlib.Path(sys.argv[1]); e(p); print(l(p).kid)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) for _ in range(3)
    ]
    assert len({process.communicate()[0] for process in running}) == 1
    assert [process.returncode for process in running] == [0, 0, 0]


def test_a_key_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    ensure_signing_key(path)
    path.chmod(0o644)
    with structlog.testing.capture_logs() as logged:
        load_signing_key(path)
    assert [(line["log_level"], line["remedy"]) for line in logged] == [("warning", "chmod 600")]


def test_a_key_that_anybody_may_overwrite_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    ensure_signing_key(path)
    path.chmod(0o602)
    with pytest.raises(ValueError, match="anybody may overwrite"):
        load_signing_key(path)


def test_only_a_plain_ed25519_key_signs(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    good = Ed25519PrivateKey.generate()
    for content in (b"", b"changeme", private_pem(good, b"secret"), public_pem(good)):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(ValueError, match="not an unencrypted private key"):
            load_signing_key(path)
    path.write_bytes(private_pem(rsa.generate_private_key(65537, 2048)))
    with pytest.raises(ValueError, match="not an Ed25519 key"):
        load_signing_key(path)


def test_further_public_keys_are_accepted_beside_our_own(tmp_path: Path) -> None:
    ensure_signing_key(tmp_path / "new.pem")
    old = Ed25519PrivateKey.generate()
    (tmp_path / "old.pub").write_bytes(public_pem(old))
    signing = load_signing_key(tmp_path / "new.pem")
    further = load_public_keys([tmp_path / "old.pub"])
    assert set(accepted_keys(signing, further)) == {signing.kid, key_id(old.public_key())}
    assert set(accepted_keys(signing)) == {signing.kid}


def test_a_file_that_is_no_public_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.pub"
    path.write_bytes(private_pem(Ed25519PrivateKey.generate()))
    with pytest.raises(ValueError, match="not a public key"):
        load_public_keys([path])
    path.write_bytes(public_pem(rsa.generate_private_key(65537, 2048)))
    with pytest.raises(ValueError, match="not an Ed25519 key"):
        load_public_keys([path])


def test_a_key_does_not_show_itself() -> None:
    from kit.auth.keys import SigningKey

    assert repr(SigningKey("kid", Ed25519PrivateKey.generate())) == "SigningKey(kid)"
