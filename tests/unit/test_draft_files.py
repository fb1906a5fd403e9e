"""Files with drafts: ours are complete and fit, and what is wrong with another one is named."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.views.draft_files import (
    MAX_DRAFT_BYTES,
    PLACEHOLDERS,
    DraftName,
    fill_in,
    parse_draft,
    parse_draft_name,
    read_our_drafts,
)
from lead_core.views.languages import Language

FOLDER = Path(__file__).parents[2] / "lead_core/views/draft_texts"
FILES = sorted(FOLDER.glob("*/*"))
NAMES = {
    "PLT-1", "StartTestDrive-1", "Create-1", "INS-1",
    "any-1", "any-2", "any-3", "any-last", "any-again", "any-follow-up",
}  # fmt: skip
GOOD = "Subject: About {offer}\n\nHello[ {first_name}],\n\nHow can I help?\n"


def draft(text: str = GOOD) -> bytes:
    return text.encode()


@pytest.mark.parametrize("language", Language)
def test_every_language_has_every_draft_of_ours(language: Language) -> None:
    assert {file.name for file in FOLDER.joinpath(language).iterdir()} == {f"{name}.txt" for name in NAMES}
    assert len(read_our_drafts(language)) == len(NAMES)


def test_there_is_no_other_language() -> None:
    assert {folder.name for folder in FOLDER.iterdir()} == set(Language)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_draft_of_ours_is_written_with_care(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert parse_draft_name(file.parent.name, file.stem) in read_our_drafts(Language(file.parent.name))
    assert text == text.strip() + "\n"
    assert not re.search(r"[ \t]\n|\n{3}|\r|  |\{offer\}.*\{offer\}|!!", text)
    assert text.endswith("\n{sender}\n")
    # A link ends its line, so that no full stop becomes a part of it.
    assert all(line.endswith("{booking_link}]") for line in text.split("\n") if "{booking_link}" in line)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", sorted(NAMES))
def test_drafts_say_the_same_in_every_language(language: Language, name: str) -> None:
    def list_placeholders(language: Language) -> set[str]:
        text = read_our_drafts(language)[parse_draft_name(language, name)].body
        return set(re.findall(r"\{(\w+)\}", text)) - {"first_name", "last_name"}

    assert list_placeholders(language) == list_placeholders(Language.ENGLISH)


@pytest.mark.parametrize(
    ("folder", "stem", "name"),
    [
        ("de", "PLT-1", DraftName(Language.GERMAN, "PLT", "1")),
        ("DE", "starttestdrive-2", DraftName(Language.GERMAN, "StartTestDrive", "2")),
        ("zh", "Any-Last", DraftName(Language.CHINESE, "any", "last")),
        ("en", "any-follow-up", DraftName(Language.ENGLISH, "any", "follow-up")),
    ],
)
def test_the_name_of_a_file_says_what_it_is_for(folder: str, stem: str, name: DraftName) -> None:
    assert parse_draft_name(folder, stem) == name


@pytest.mark.parametrize(
    ("folder", "stem", "advice"),
    [
        ("it", "PLT-1", "put it into a folder with the name of its language: en, de, fr, es, pt, ja, zh"),
        ("de", "PTL-1", "begin its name with one of PLT, StartTestDrive, Create, INS, any, such as PLT-1.txt"),
        ("de", "DNC-1", "begin its name with one of PLT, StartTestDrive, Create, INS, any, such as PLT-1.txt"),
        ("de", "PLT", "end its name with 1 to 8, last, again or follow-up, such as PLT-1.txt"),
        ("de", "any-9", "end its name with 1 to 8, last, again or follow-up, such as any-1.txt"),
    ],
)
def test_a_name_that_says_nothing_is_answered_with_what_to_write(folder: str, stem: str, advice: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(advice)}$"):
        parse_draft_name(folder, stem)


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (draft(GOOD + "{frist_name}"), "instead of {frist_name}, write {first_name}"),
        (draft(GOOD + "{Offer}"), "instead of {Offer}, write {offer}"),
        (draft(GOOD + "{zzz}"), "instead of {zzz}, write {first_name} or {last_name} or"),
        (draft(GOOD + "{{offer}}"), "instead of a brace, write"),
        (draft(GOOD + "{offer"), "instead of a brace, write"),
        (draft(GOOD + "[ {sender}"), "close each ["),
        (draft(GOOD + "[a [{sender}] b]"), "close each ["),
        (draft("Hello\n\nHow can I help?"), "begin its first line with Subject:"),
        (draft("Subject: \n\nHow can I help?"), "begin its first line with Subject:"),
        (draft("Subject: Hello\nHow can I help?"), "write a blank line after the subject"),
        (draft("Subject: Hello\n\n \n"), "write a blank line after the subject"),
        (draft("Subject: For {first_name}\n\nHello"), "its subject needs words beside {offer}"),
        (draft("Subject: [{first_name}]\n\nHello"), "its subject needs words beside {offer}"),
        (draft("Subject: About[ {wrote}]\n\nHello"), "its subject needs words beside {offer}"),
        (draft(GOOD + "é" * 300), "shorten it by "),
        (draft(GOOD + "e" * MAX_DRAFT_BYTES), "make it shorter"),
        (GOOD.encode("utf-16"), "save it as UTF-8"),
        ("Subject: Grüße\n\nGuten Tag".encode("cp1252"), "save it as UTF-8"),
        (b"", "begin its first line with Subject:"),
    ],
)
def test_a_mistake_in_a_file_is_answered_with_what_to_write(content: bytes, advice: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(advice)}"):
        parse_draft(content)


def test_a_file_of_windows_reads_like_any_other() -> None:
    assert parse_draft(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()) == parse_draft(draft())


@given(st.binary() | st.text(alphabet="Subject: {}[]offerx_\n").map(str.encode))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    try:
        read = parse_draft(content)
    except ValueError as error:
        assert str(error)
    else:
        assert fill_in(read.subject, {"offer": "x"})


VALUES = {"first_name": "Ana", "offer": "Contoso CRM", "sender": "", "booking_link": "", "wrote": ""}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hello[ {first_name}],", "Hello Ana,"),
        ("Yours[ {sender}],", "Yours,"),
        ("One\n\nBook: {booking_link}\n\nTwo", "One\n\nTwo"),
        ("One\n\n[They wrote:\n{wrote}]\n\nTwo", "One\n\nTwo"),
        ("[{offer} for {first_name}][ by {sender}]", "Contoso CRM for Ana"),
        ("Yours\n{sender}", "Yours"),
        ("At [your place]", "At [your place]"),
    ],
)
def test_what_is_not_known_is_left_out_with_what_goes_with_it(text: str, filled: str) -> None:
    assert fill_in(text, VALUES) == filled


@given(st.lists(st.text(alphabet="{}[]offer \n"), min_size=len(PLACEHOLDERS), max_size=len(PLACEHOLDERS)))
def test_what_is_filled_in_is_never_read_as_a_placeholder(texts: list[str]) -> None:
    text = "|".join(f"[{{{name}}}]" for name in PLACEHOLDERS)
    assert fill_in(text, dict(zip(PLACEHOLDERS, texts, strict=True))) == "|".join(texts)
