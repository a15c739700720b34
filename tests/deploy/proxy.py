"""nginx with the configuration that ships, before the small application, with ports and files of a test."""

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kit.checkout import ROOT
from kit.clock import now
from kit.running.processes import wait_until
from tests.kit.http.conftest import Server, free_port, served

CONFIGURATION = ROOT / "deploy" / "nginx.conf"


class Proxy(NamedTuple):
    """A running nginx and what is behind it."""

    port: int
    behind: Server

    def connect(self, source: str = "127.0.0.1", *, tls: bool = True, room: int = 0) -> socket.socket:
        """Connect from an address of this machine, with so much room for what is not read; 0: the usual."""
        plain = socket.socket()
        plain.settimeout(10)
        if room:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        plain.bind((source, 0))
        plain.connect(("127.0.0.1", self.port))
        if not tls:
            return plain
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(plain)

    def get(self, path: str, source: str = "127.0.0.1", *, client: str = "") -> bytes:
        """Return the whole answer to one GET; `client`: an address that a test lets nginx believe."""
        told = f"X-Test-Address: {client}\r\n" if client else ""
        with self.connect(source) as one:
            one.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\n{told}Connection: close\r\n\r\n".encode())
            return b"".join(iter(lambda: one.recv(65_536), b""))


def nginx() -> str:
    """Return the program; without it the test is skipped, and fails where everything has to be there."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")  # noqa: TID251 - where to look
    if found is None:
        message = "nginx is not installed (Debian package nginx-light)"
        if os.environ.get("CI") == "true":  # noqa: TID251 - whether a skip is allowed
            pytest.fail(message)
        pytest.skip(message)
    return found


def certificate(folder: Path) -> None:
    """Make a certificate for the tests, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "frankenjet.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    (folder / "frankenjet.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )


def configured(folder: Path, port: int, plain_port: int, behind: int, **changes: str) -> Path:
    """Write the configuration with this machine's ports and files; every change has to find its place."""
    text = CONFIGURATION.read_text("utf-8")
    replaced = {
        "user www-data;": "daemon off;" + (" user root;" if os.geteuid() == 0 else ""),  # our own folder
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "/var/log/nginx": str(folder),
        "/etc/ssl/certs": str(folder),
        "/etc/ssl/private": str(folder),
        "listen 80 ": f"listen 127.0.0.1:{plain_port} ",
        "        listen [::]:80 default_server;\n": "",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "        listen [::]:443 ssl http2 default_server sndbuf=128k;\n": "",
        "127.0.0.1:8000": f"127.0.0.1:{behind}",
        **changes,
    }
    for before, after in replaced.items():
        assert before in text, before
        text = text.replace(before, after)
    for kind in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
        directive = "client_body_temp_path" if kind == "body" else f"{kind}_temp_path"
        text = text.replace("http {\n", f"http {{\n    {directive} {folder}/{kind};\n", 1)
    file = folder / "nginx.conf"
    file.write_text(text, "utf-8")
    return file


@contextmanager
def proxied(folder: Path, **changes: str) -> Iterator[Proxy]:
    """Run nginx before the small application."""
    program = nginx()
    certificate(folder)
    with served(folder / "served.log") as behind:
        proxy = Proxy(free_port(), behind)
        file = configured(folder, proxy.port, free_port(), behind.port, **changes)
        with (folder / "nginx.log").open("wb") as log:
            running = subprocess.Popen(
                [program, "-p", str(folder), "-c", str(file)], stdout=log, stderr=log, start_new_session=True
            )
        try:
            assert wait_until(lambda: _listens(proxy.port), 30), (folder / "nginx.log").read_text()
            yield proxy
        finally:
            running.terminate()
            running.wait(30)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
