"""The URL that leads are posted to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead_url import LeadUrl


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://leads.example/api/leads?code=abc", LeadUrl("https://leads.example", "", "abc")),
        (
            " https://leads.example/api/leads/contoso.crm/?code=a%2Fb%3D%3D ",
            LeadUrl("https://leads.example", "contoso.crm", "a/b=="),
        ),
        ("https://leads.example", LeadUrl("https://leads.example")),
        ("https://leads.example/", LeadUrl("https://leads.example")),
        ("http://127.0.0.1:7071/api/leads", LeadUrl("http://127.0.0.1:7071")),
    ],
)
def test_a_url_is_read_as_it_is_pasted(text: str, url: LeadUrl) -> None:
    assert LeadUrl.parse(text) == url


@pytest.mark.parametrize(
    "text", ["", "leads.example/api/leads", "ftp://leads.example", "https://leads.example/api/health", "https://", "x"]
)
def test_what_is_no_such_url_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="write a URL"):
        LeadUrl.parse(text)


def test_each_offer_has_a_url_with_the_same_key() -> None:
    url = LeadUrl.parse("https://leads.example/api/leads?code=a%3D%3D").for_offer("contoso.crm|x")
    assert str(url) == "https://leads.example/api/leads/contoso.crm|x?code=a%3D%3D"
    assert url.without_key == "https://leads.example/api/leads/contoso.crm|x"


def test_without_a_key_the_url_says_where_it_must_be_filled_in() -> None:
    assert str(LeadUrl("https://leads.example")) == "https://leads.example/api/leads?code=<function key>"


@given(st.from_regex(r"[a-z0-9._|-]{1,20}", fullmatch=True), st.text("aB/+=&?% ", min_size=1))
def test_what_is_written_is_read_again(offer: str, key: str) -> None:
    url = LeadUrl("https://leads.example", offer, key)
    assert LeadUrl.parse(str(url)) == url


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert LeadUrl.parse(text).base
    except ValueError:
        return
