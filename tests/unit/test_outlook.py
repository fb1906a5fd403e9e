"""Outlook for Windows lays mail out with Word, so each mail is built of what Word knows.

https://learn.microsoft.com/previous-versions/office/developer/office-2007/aa338201(v=office.12)
"""

import re
from pathlib import Path

import pytest

from lead_core.views.rendering import MAX_HTML_BYTES
from tests.reader import Attributes, Reader

GOLDEN = Path(__file__).parent.parent / "golden"
MAILS = sorted(path.stem for path in GOLDEN.glob("*.html"))
WITH_FRAME = "full"
"""The one file that holds the frame of all mails."""
UNKNOWN_TO_WORD = re.compile(
    r"flex|grid|float|position|transform|background-image|url\(|calc\(|var\(|opacity|box-shadow|object-fit|\d(v[wh]|rem)\b"
)
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body"),
    *("table", "tr", "td", "th", "div", "h1", "h2", "h3", "p", "a", "b", "bdi", "br", "span"),
}
OF_A_SPACER = {"font-size", "line-height", "display", "max-height", "overflow", "mso-hide"}
NO_LAYOUT = {"color-scheme", "supported-color-schemes"}


def read(name: str) -> Reader:
    return Reader(read_html(name))


def read_html(name: str) -> str:
    return (GOLDEN / f"{name}.html").read_text(encoding="utf-8")


def styles(attributes: Attributes) -> dict[str, str]:
    declared = (each.partition(":") for each in (attributes.get("style") or "").split(";") if each)
    return {name.strip(): value.strip() for name, _, value in declared}


@pytest.mark.parametrize("name", MAILS)
def test_no_mail_needs_a_style_that_word_does_not_know(name: str) -> None:
    for _, attributes in read(name).elements:
        assert not UNKNOWN_TO_WORD.search(attributes.get("style") or "")


@pytest.mark.parametrize("name", MAILS)
def test_no_mail_has_an_image_or_another_element_than_text_and_tables(name: str) -> None:
    assert {tag for tag, _ in read(name).elements} <= ELEMENTS


@pytest.mark.parametrize("name", MAILS)
def test_a_div_is_only_a_space_or_the_hidden_preview(name: str) -> None:
    assert all(styles(div).keys() <= OF_A_SPACER for div in read(name).named("div"))


@pytest.mark.parametrize("name", MAILS)
def test_a_table_says_that_it_is_layout_or_has_column_heads(name: str) -> None:
    html = read_html(name)
    for table in re.findall(r"<table\b[^>]*>(?:(?!<table\b).)*?</table>|<table\b[^>]*>", html, re.DOTALL):
        head = table.partition(">")[0]
        assert 'cellpadding="0" cellspacing="0" border="0"' in head
        assert 'role="presentation"' in head or '<th class="muted" scope="col"' in table


@pytest.mark.parametrize("name", MAILS)
def test_a_width_and_a_colour_stand_in_attributes_as_well(name: str) -> None:
    for tag, attributes in read(name).elements:
        declared = styles(attributes)
        assert "width" not in declared
        assert "max-width" not in declared or "width" in attributes
        assert tag == "body" or "background" not in declared
        if "height" in declared:
            assert declared["height"] == f"{attributes['height']}px"


@pytest.mark.parametrize("name", MAILS)
def test_the_cells_of_a_row_with_widths_fill_it(name: str) -> None:
    html = read_html(name)
    for row in re.findall(r"<tr>((?:(?!<tr\b|<table\b).)*?)</tr>", html, re.DOTALL):
        widths = [int(width) for width in re.findall(r'<t[dh]\b[^>]* width="(\d+)%"', row)]
        assert sum(widths) in {0, 100}


def test_what_is_in_the_head_lays_nothing_out() -> None:
    html = re.sub(r"<!--.*?-->", "", read_html(WITH_FRAME), flags=re.DOTALL)
    (sheet,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    always = re.sub(r"@media[^{]*\{([^{}]*\{[^{}]*\})*\s*\}", "", sheet)
    declared = [each.partition(":")[0].strip() for each in re.findall(r"[\w-]+:[^;{}]*;", always)]
    assert set(declared) <= NO_LAYOUT


@pytest.mark.parametrize("name", MAILS)
def test_no_mail_is_cut_off(name: str) -> None:
    assert len(read_html(name).encode()) < MAX_HTML_BYTES
