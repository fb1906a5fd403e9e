"""``MAIL_URL``: read once, for the check and for the mailer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.settings import MailServer, parse_mail_url

HOST = "mail.contoso.com"

CLIENT_ID = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1:1025", MailServer("smtp", "127.0.0.1", 1025)),
        ("SMTPS://Mail.Contoso.com/", MailServer("smtps", "mail.contoso.com", 465)),
        ("smtp://[::1]:25", MailServer("smtp", "::1", 25)),
        ("smtp://me@contoso.com:p%40%25@mail.contoso.com", MailServer("smtp", HOST, 587, "me@contoso.com", "p@%")),
        ("smtp://me:a@b:c/d?e#f@mail.contoso.com", MailServer("smtp", HOST, 587, "me", "a@b:c/d?e#f")),
        ("acs://mail.contoso.com", MailServer("acs", HOST, 443)),
        ("acs://accesskey:a/b+cw==@mail.contoso.com", MailServer("acs", HOST, 443, "accesskey", "a/b+cw==")),
        ("acs://:a%2Fb%2Bcw%3D%3D@mail.contoso.com/", MailServer("acs", HOST, 443, "", "a/b+cw==")),
        (f"acs://{CLIENT_ID}@mail.contoso.com", MailServer("acs", HOST, 443, CLIENT_ID)),
    ],
)
def test_the_mail_url_is_read_with_every_key(url: str, server: MailServer) -> None:
    assert parse_mail_url(url) == server


def test_a_mail_server_does_not_show_its_login() -> None:
    assert "s3cret" not in repr(parse_mail_url("smtp://s3cret:s3cret@mail.contoso.com"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.contoso.com",
        "http://contoso.com",
        "smtp://",
        "smtp://host:99999",
        "smtp://host:0",
        "smtp://host:x",
        "smtp://u:s3cret@",
        "acs://accesskey:s3cret!@contoso.communication.azure.com",
        "acs://:a/b+c==@contoso.communication.azure.com",
    ],
)
def test_a_wrong_mail_url_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp://|acs://accesskey:") as error:
        parse_mail_url(url)
    assert "s3cret" not in str(error.value)


@given(st.text(), st.text())
def test_any_text_is_a_mail_url_or_refused(text: str, more: str) -> None:
    for url in (text, f"smtp://{text}:{more}@mail.contoso.com", f"acs://{text}", f"acs://:{text}@contoso.com:{more}"):
        try:
            assert parse_mail_url(url).port > 0
        except ValueError as error:
            assert "acs://" in str(error)
