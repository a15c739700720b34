"""A letter leaves as text and HTML, through a real SMTP server or into a folder."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from uuid import UUID

import pytest

from kit.ids import new_id
from kit.mail.message import Letter, composed
from kit.mail.sending import into_folder, through_smtp
from tests.servers.mail import MailServer

SENDER = "FrankenJet <post@example.org>"
TEXT = "Здравствуйте, <Анна>!\n\nОткройте страницу:\nhttps://example.org/confirm#code=abc&x=1\n\nДо свидания."


def letter(id_: UUID, **more: str) -> Letter:
    said = {"address": "anna@example.net", "locale": "ru", "subject": "Подтвердите адрес", "text": TEXT}
    return Letter(id_, **(said | more))


def parts(message: EmailMessage) -> tuple[str, str]:
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert page is not None
    return plain.get_content().replace("\r\n", "\n").strip(), page.get_content()


async def test_a_letter_arrives_whole_through_smtp() -> None:
    server, id_ = MailServer(), new_id()
    with server.listening():
        await through_smtp(server.url)(composed(letter(id_), SENDER))
    (got,) = server.kept
    assert (got["To"], got["From"], got["Subject"]) == ("anna@example.net", SENDER, "Подтвердите адрес")
    assert got["Message-ID"] == f"<{id_}@example.org>"
    plain, page = parts(got)
    assert plain == TEXT
    assert "&lt;Анна&gt;" in page
    assert '<a href="https://example.org/confirm#code=abc&amp;x=1">' in page


async def test_a_letter_in_a_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder, id_ = tmp_path / "mail", new_id()
    await into_folder(folder)(composed(letter(id_), SENDER))
    (file,) = folder.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == (f"{id_}.eml", 0o600)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert parts(message_from_bytes(file.read_bytes(), EmailMessage, policy=default))[0] == TEXT


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "anna@example.net\r\nBcc: all@example.net"},
        {"address": "anna"},
        {"address": ""},
        {"subject": "Hello\r\nBcc: all@example.net"},
    ],
)
def test_what_would_be_another_header_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=re.compile(".")):
        composed(letter(new_id(), **wrong), SENDER)
