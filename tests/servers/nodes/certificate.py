"""A certificate that a test signs itself."""

import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def certificate_of_this_machine(folder: Path, *known_as: str) -> Path:
    """Write a certificate for 127.0.0.1 and for names, with its key, signed by itself, good for an hour."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a server under test")])
    start = datetime.fromtimestamp(time.time() - 60, UTC)
    names = x509.SubjectAlternativeName(
        [x509.IPAddress(ip_address("127.0.0.1")), *map(x509.DNSName, known_as)]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(hours=1))
        .add_extension(names, critical=False)
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / "broker.pem"
    path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    return path
