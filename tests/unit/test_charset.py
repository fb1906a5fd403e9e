"""What bytes say, and that they can be written again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.tables.cells import body_from_columns, body_to_columns, charset_from_columns
from lead_core.errors import UnreadableLeadError
from lead_core.marketplace.charset import decode_text, encode_text, find_charset, parse_charset

CHARSETS = ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
DECLARED = ["windows-1252", "windows-1250", "iso8859-2", "shift_jis", "gb18030", "koi8-r", "big5", "euc_kr"]


FAMILIES = """
    big5 cp437 euc_jp gb18030 hz iso2022_jp iso8859-15 johab koi8-u kz1048 mac-roman ptcp154 shift_jis tis-620 utf-16-le
    utf-32-be
"""


@pytest.mark.parametrize("charset", FAMILIES.split())
def test_each_family_of_character_sets_may_be_declared(charset: str) -> None:
    assert parse_charset(f"application/json; charset={charset}") == charset


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ("application/json; charset=iso-8859-1", "windows-1252"),
        ('text/plain;charset="Windows-1250"; x=y', "windows-1250"),
        ("application/json; Charset = 'shift-jis'", "shift_jis"),
        ("application/json; charset=US-ASCII", "windows-1252"),
        ("application/json; charset=x-sjis", "shift_jis"),
        ("application/json; charset=X-CP1251", "windows-1251"),
        ("application/json; charset=gb2312", "gb18030"),
        ("application/json; charset=EUC-KR", "cp949"),
        ("application/json; charset=utf-8", ""),
        ("application/json; charset=klingon", ""),
        ("application/json; charset=utf-7", ""),
        ("application/json; charset=zlib", ""),
        ("application/json; charset=unicode_escape", ""),
        ("application/json; charset=" + "x" * 9_000, ""),
        ("application/json; charset=", ""),
        ("application/json", ""),
        ("", ""),
    ],
)
def test_a_declared_charset_is_known_or_ignored(content_type: str, charset: str) -> None:
    assert parse_charset(content_type) == charset


@given(st.text())
def test_any_content_type_is_read(content_type: str) -> None:
    charset = parse_charset(f"charset={content_type}")
    assert charset == find_charset(charset)


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_unicode_is_read_with_and_without_its_mark(charset: str, mark: str, name: str) -> None:
    text = f'{mark}{{"userDetails": {{"lastName": "{name}"}}}}'
    read = decode_text(text.encode(charset), "shift_jis")
    assert (read.text, read.charset, read.is_guessed) == (text, charset, False)


@pytest.mark.parametrize(
    ("body", "declared", "text", "is_guessed"),
    [
        (b"Zo\xeb", "", "Zoë", True),
        (b"Zo\xeb \x80", "windows-1252", "Zoë €", False),
        ("Zoë".encode(), "windows-1252", "Zoë", False),
        ("Łódź".encode("windows-1250"), "windows-1250", "Łódź", False),
        ("山田".encode("iso2022_jp"), "iso2022_jp", "山田", False),
        ("镕".encode("gbk"), find_charset("gb2312"), "镕", False),
        (b"\x81 Zo\xeb", "", "\x81 Zoë", True),
    ],
)
def test_other_bytes_are_read_as_declared_and_else_as_windows_writes_them(
    body: bytes, declared: str, text: str, is_guessed: bool
) -> None:
    read = decode_text(body, declared)
    assert (read.text, read.is_guessed) == (text, is_guessed)


@pytest.mark.parametrize("body", [b"\x89PNG\r\n\x1a\n\x00", b"\xff\x00\xff", b"\x1f\x8b\x08\x00\xff"])
def test_bytes_that_are_no_text_are_refused(body: bytes) -> None:
    with pytest.raises(UnreadableLeadError, match="not-utf-8"):
        decode_text(body)


BODIES = st.binary(max_size=60) | st.text(max_size=60).flatmap(
    lambda text: st.sampled_from(CHARSETS + DECLARED).map(lambda charset: text.encode(charset, "ignore"))
)


@given(BODIES, st.sampled_from(["", *map(find_charset, DECLARED)]))
def test_a_row_gives_back_the_bytes_of_its_body_and_how_to_read_them(body: bytes, declared: str) -> None:
    columns = body_to_columns(body, declared)
    assert body_from_columns(columns) == body
    if columns["BodyEncoding"] != "base64":
        assert decode_text(body, charset_from_columns(columns)) == decode_text(body, declared)


@given(
    BODIES,
    st.sampled_from(["", *map(find_charset, DECLARED)]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)
def test_a_body_that_was_edited_is_read_as_it_looks(body: bytes, declared: str, typed: str) -> None:
    columns = body_to_columns(body, declared)
    if columns["BodyEncoding"] != "base64":
        looks = columns["Body"] + typed
        edited = {**columns, "Body": looks}
        assert decode_text(body_from_columns(edited), charset_from_columns(edited)).text == looks


@given(st.text(), st.sampled_from([*CHARSETS, *DECLARED, "klingon"]))
def test_any_text_can_be_written(text: str, charset: str) -> None:
    assert (
        decode_text(encode_text(text, charset), find_charset(charset)).text == text.encode("utf-8", "replace").decode()
        or "\x00" in text
        or not text.isprintable()
    )
