"""For which sites there are passkeys, and which pages are theirs."""

import pytest

from write_side.accounts.passkeys.site import passkey_site

SITE = ("encyclopedia.example", "https://encyclopedia.example")


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://encyclopedia.example", SITE),
        ("https://Encyclopedia.example:443/", SITE),
        ("https://example.org:8443", ("example.org", "https://example.org:8443")),
        ("https://самолёт.example", ("xn--80awcimk8h.example", "https://xn--80awcimk8h.example")),
        ("http://localhost:8000", ("localhost", "http://localhost:8000")),
        ("http://encyclopedia.example", None),
        ("https://192.0.2.1", None),
        ("https://[2001:db8::1]", None),
        ("http://127.0.0.1:8000", None),
    ],
)
def test_passkeys_are_for_a_name_over_tls_or_on_the_machine_itself(
    address: str, site: tuple[str, str] | None
) -> None:
    assert site == passkey_site(address)


def test_on_the_machine_itself_any_port_is_ours_and_nothing_else() -> None:
    site = passkey_site("http://localhost:8000")
    assert site is not None
    ours = ["http://localhost", "http://localhost:8000", "http://localhost:8001"]
    others = ["http://localhost.evil.example", "http://127.0.0.1:8000", "https://localhost:8000", "", "null"]
    assert ours == [one for one in (*ours, *others) if site.has_page(one)]
