"""Two addresses are one when they differ in case, and never when somebody else may own the other domain."""

import pytest

from write_side.accounts.addresses import mail_address


@pytest.mark.parametrize(
    ("one", "other"),
    [("anna@straße.de", "anna@strasse.de"), ("anna@βόλος.com", "anna@βόλοσ.com")],
)
def test_domains_that_are_not_the_same_are_two_addresses(one: str, other: str) -> None:
    assert mail_address(one).key != mail_address(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna@Example.ORG", "anna@example.org"),
        ("anna@STRAßE.de", "anna@xn--strae-oqa.de"),
        ("anna@Почта.рф", "ANNA@почта.рф"),
    ],
)
def test_spellings_of_one_address_are_one(one: str, other: str) -> None:
    assert mail_address(one).key == mail_address(other).key
