"""Files of leads: what is read out of them, and which sentence says that a file can't be read."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.adapters.files.content import MAX_FILE_BYTES, read_bytes
from lead_core.adapters.files.layout import Reading
from lead_core.adapters.files.leads import read_leads
from lead_core.adapters.files.moments import DayOrder
from lead_core.adapters.tables.marketplace_leads import notification_to_row
from lead_core.errors import UnreadableFileError
from lead_core.lead.lead_file import FiledLead, LeadFile
from lead_core.lead.received import Envelope
from lead_core.lead.status_words import Word
from lead_core.marketplace.notification import read_notification
from tests.examples import NOON, body

FILES = Path(__file__).parents[1] / "files"
NOW = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)
READING = Reading(NOW)


BROKEN_ROW = (
    "It has 4 columns, and the file names 3: most likely a text in it holds the sign that divides columns, without "
    "quotation marks round it."
)


def read(text: str | bytes, reading: Reading = READING) -> LeadFile:
    return read_leads(text if isinstance(text, bytes) else text.encode(), reading)


def read_one(text: str | bytes, reading: Reading = READING) -> FiledLead:
    found = read(text, reading)
    assert not found.unread
    (lead,) = found.leads
    return lead


def shown(lead: FiledLead) -> dict[str, str]:
    return lead.notification.delivery.shown.known()


def received(lead: FiledLead) -> datetime:
    return lead.notification.delivery.received_at


def refuse(text: str | bytes, reading: Reading = READING) -> str:
    with pytest.raises(UnreadableFileError) as refused:
        read(text, reading)
    return refused.value.explanation


def test_a_table_of_microsofts_own_destination_is_read() -> None:
    found = read((FILES / "azure-table.csv").read_bytes())
    assert [shown(lead)["first_name"] for lead in found.leads] == ["Ada", "Bob"]
    lead = found.leads[0]
    assert shown(lead) | {"phone": "+16175555555"} == shown(lead)
    assert lead.notification.delivery.row == "contoso.contoso-crm"
    assert received(lead) == datetime(2026, 10, 27, 18, 30, tzinfo=UTC)
    assert lead.is_exact
    assert found.ignored == ("PartitionKey", "RowKey")
    assert found.form == "CSV with commas, utf-8"


def test_the_same_table_as_json_is_read_alike() -> None:
    lead = read_one((FILES / "azure-table.json").read_bytes())
    assert (shown(lead)["email"], lead.notification.delivery.row) == ("ada@northwind.example", "contoso.contoso-crm")
    assert lead.place == "entry 1"


def test_what_a_german_excel_saved_is_read() -> None:
    found = read((FILES / "excel-german.csv").read_bytes())
    juergen, zoe = found.leads
    assert (shown(juergen)["last_name"], shown(juergen)["country"]) == ("Groß", "DE")
    assert "phone" not in shown(juergen)  # Its last digits are lost.
    assert shown(zoe)["phone"] == "+4930901820"
    assert received(juergen) == datetime(2026, 10, 27, 18, 30, tzinfo=UTC)
    assert (juergen.said, zoe.said) == (Word.CONTACTED, Word.NEW)
    assert found.taken["E-Mail-Adresse"] == "Email"
    assert found.remarks == (
        "Its letters were guessed to be windows-1252. If names look wrong, say --charset.",
        "1 phone number was rounded by a spreadsheet (1,23E+11), and is left out.",
        "Times without a time zone, in 2 rows, are read as UTC: --time-zone says another.",
    )


def test_unicode_text_of_excel_is_read() -> None:
    lead = read_one((FILES / "excel-unicode.txt").read_bytes())
    assert (shown(lead)["first_name"], received(lead)) == ("美玲", datetime(2026, 10, 27, 18, 30, tzinfo=UTC))


def test_what_partner_center_may_export_is_read() -> None:
    found = read((FILES / "partner-center.csv").read_bytes())
    assert found.ignored == ("Lead ID",)
    assert [shown(lead)["action_code"] for lead in found.leads] == ["INS", "PLT"]
    assert shown(found.leads[1])["description"] == "Please call, mornings"


@pytest.mark.parametrize("past", [None, Word.QUALIFIED])
def test_a_row_of_the_apps_own_inbox_comes_back_as_it_was(past: Word | None) -> None:
    content = body(description='Say "hello",\n=1+1')
    envelope = Envelope("7" * 32, NOON, "contoso.contoso-crm", content, past=past)
    row = {name: str(cell) for name, cell in notification_to_row(read_notification(envelope)).items()}
    lead = read_one(json.dumps([row]))
    assert lead.arriving(as_new=True).notification.envelope == envelope


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("first name", "first_name"),
        ("FIRST_NAME", "first_name"),
        ("Prénom", "first_name"),
        ("Given Name", "first_name"),
        ("Apellidos", "last_name"),
        ("Company name", "company"),
        ("Customer Name", "company"),
        ("会社名", "company"),
        ("Job-Title", "title"),
        ("Land/Region", "country"),
        ("Téléphone", "phone"),
        ("Offer display name", "offer_title"),
        ("Nom de l'offre", "offer_title"),
        ("Product", "offer_title"),
        ("Lead Source", "source"),
        ("Customer message", "description"),
    ],
)
def test_a_column_has_many_names(name: str, field: str) -> None:
    lead = read_one(f"E-mail,Created,{name}\nada@northwind.example,2026-11-01,Word\n")
    assert shown(lead)[field] == "Word"


@pytest.mark.parametrize("name", ["UserDetails.FirstName", "Owner", "First name@type", "Amount", "Lead ID"])
def test_a_column_that_says_nothing_here_is_not_guessed(name: str) -> None:
    lead = read_one(f"E-mail,Created,{name}\nada@northwind.example,2026-11-01,Word\n")
    assert ("Word" in shown(lead).values()) is (name == "UserDetails.FirstName")


def test_an_offer_may_be_an_id_or_a_title() -> None:
    by_id, by_title = read(
        "Email,Created,Offer\na@n.example,2026-11-01,contoso.crm\na@n.example,2026-11-01,CRM\n"
    ).leads
    assert (by_id.notification.delivery.row, by_title.notification.delivery.row) == ("contoso.crm", "crm")


def test_the_first_of_two_columns_that_says_something_counts() -> None:
    lead = read_one("Email,Phone,Mobile,Created\na@n.example,,+16175555555,2026-11-01\n")
    assert shown(lead)["phone"] == "+16175555555"


@pytest.mark.parametrize("divider", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_divider_line_ending_and_unicode_is_read(divider: str, ending: str, charset: str) -> None:
    rows = [["Email", "First name", "Created"], ["ada@n.example", '"Łucja, ""the; first"""', "2026-11-01T10:00:00Z"]]
    text = ending.join(divider.join(row) for row in rows) + ending
    assert shown(read_one(text.encode(charset)))["first_name"] == 'Łucja, "the; first"'


def test_a_line_for_excel_and_lines_above_the_names_are_passed_over() -> None:
    lead = read_one("sep=;\r\nLeads of Contoso\r\n\r\nEmail;Created\r\nada@n.example;2026-11-01\r\n")
    assert lead.place == "line 5"


def test_a_row_says_in_which_line_it_begins() -> None:
    found = read('Email,Notes,Created\na@n.example,"one\ntwo\n",2026-11-01\n\nb@n.example,,2026-11-01\n')
    assert [lead.place for lead in found.leads] == ["line 2", "line 6"]


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ('"=""+16175555555"""', "+16175555555"),
        ("'+16175555555", "+16175555555"),
        ("16175555555.0", "+16175555555"),
        ("1.61756E+10", None),
        ("1,61756E+10", None),
    ],
)
def test_what_a_spreadsheet_made_of_a_phone_number_is_undone(cell: str, phone: str | None) -> None:
    lead = read_one(f"Email;Phone;Created\na@n.example;{cell};2026-11-01\n")
    assert shown(lead).get("phone") == phone


def test_an_apostrophe_of_a_name_stays() -> None:
    assert shown(read_one("Email,Last name,Created\na@n.example,'t Hooft,2026-11-01\n"))["last_name"] == "'t Hooft"


def test_a_formula_is_a_text() -> None:
    lead = read_one("Email,Company,Created\na@n.example,'=1+1,2026-11-01\n")
    assert shown(lead)["company"] == "=1+1"


@pytest.mark.parametrize(
    ("cell", "at", "is_exact"),
    [
        ("2026-11-01T10:00:00Z", "2026-11-01 10:00:00", True),
        ("2026-11-01T10:00:00.1234567Z", "2026-11-01 10:00:00.123456", True),
        ("2026-11-01 10:00 +02:00", "2026-11-01 08:00:00", True),
        ("11/21/2026 6:30 PM UTC", "2026-11-21 18:30:00", True),
        ("2026-11-01 10:00:00", "2026-11-01 10:00:00", False),
        ("01.11.2026 10:00", "2026-11-01 10:00:00", False),
        ("2026-11-01", "2026-11-01 00:00:00", False),
        ("46327.5", "2026-11-01 12:00:00", False),
        ("Nov 1, 2026 6:30 PM", "2026-11-01 18:30:00", False),
    ],
)
def test_a_time_is_read_with_what_it_leaves_unsaid(cell: str, at: str, is_exact: bool) -> None:
    lead = read_one(f'Email,Created\na@n.example,"{cell}"\n')
    assert received(lead) == datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert lead.is_exact is is_exact
    assert lead.earliest <= received(lead) <= lead.latest


def test_the_person_may_say_the_time_zone() -> None:
    lead = read_one("Email,Created\na@n.example,2026-11-01 10:00\n", Reading(NOW, zone=ZoneInfo("Europe/Berlin")))
    assert received(lead) == datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
    assert lead.is_exact


def test_the_name_of_a_column_may_say_the_time_zone() -> None:
    lead = read_one("Email,Created (UTC)\na@n.example,2026-11-01 10:00\n", Reading(NOW, zone=ZoneInfo("Asia/Tokyo")))
    assert (received(lead), lead.is_exact) == (datetime(2026, 11, 1, 10, 0, tzinfo=UTC), True)


def test_a_day_alone_may_be_any_time_of_it_in_any_time_zone() -> None:
    lead = read_one("Email,Created\na@n.example,2026-11-02\n")
    assert lead.latest - lead.earliest == timedelta(days=1, hours=28)


@pytest.mark.parametrize(("other", "month"), [("21/11/2026", 4), ("11/21/2026", 3)])
def test_other_rows_show_whether_the_day_comes_first(other: str, month: int) -> None:
    first, _ = read(f"Email,Created\na@n.example,03/04/2026\nb@n.example,{other}\n").leads
    assert received(first).month == month


def test_the_person_may_say_whether_the_day_comes_first() -> None:
    lead = read_one("Email,Created\na@n.example,03/04/2026\n", Reading(NOW, day_order=DayOrder.MONTH_FIRST))
    assert received(lead).month == 3


@pytest.mark.parametrize("other", ["", "b@n.example,21/11/2026\nc@n.example,11/21/2026\n"])
def test_a_date_in_doubt_is_asked_about(other: str) -> None:
    assert refuse(f"Email,Created\na@n.example,03/04/2026\n{other}") == (
        "Line 2 says 03/04/2026, and the other rows don't show whether the day or the month comes first. Say --dates "
        "day-first or --dates month-first."
    )


def test_a_day_for_rows_without_a_time_may_be_said() -> None:
    lead = read_one("Email\na@n.example\n", Reading(NOW, received_at=datetime(2026, 11, 1, tzinfo=UTC)))
    assert received(lead) == datetime(2026, 11, 1, tzinfo=UTC)


def test_the_offer_of_rows_that_name_none_may_be_said() -> None:
    text = "Email,Created,Offer\na@n.example,2026-11-01,\na@n.example,2026-11-01,ERP\n"
    leads = read(text, Reading(NOW, offer="contoso.crm")).leads
    assert [lead.notification.delivery.row for lead in leads] == ["contoso.crm", "erp"]


@pytest.mark.parametrize(
    ("said", "code"), [("Contact me", "PLT"), ("get-it-now", "INS"), ("plt", "PLT"), ("Something new", "Something new")]
)
def test_an_action_may_be_named_as_its_button_is(said: str, code: str) -> None:
    lead = read_one(f"Email,Created,Action\na@n.example,2026-11-01,{said}\n")
    assert shown(lead)["action_code"] == code


def test_the_time_of_storage_counts_if_nothing_else_says_a_time() -> None:
    lead = read_one("Email,Timestamp,Created\na@n.example,2026-11-02T10:00:00Z,\n")
    assert received(lead).day == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a@n.example,,x", "It says no time. Write one, or say a day for such rows with --received 2026-11-27."),
        ("a@n.example,yesterday,x", "'yesterday' is no time. Write it as 2026-11-27 18:30."),
        ("a@n.example,2027-11-01,x", "'2027-11-01' has not come yet. Correct the time."),
        (
            "a@n.example,2026-11-01,one, two",
            BROKEN_ROW,
        ),
        (f"a@n.example,2026-11-01,{'x' * 50_000}", "It says more than 47 KiB. Shorten its texts."),
    ],
)
def test_a_row_that_cannot_be_read_is_named_with_its_reason(row: str, reason: str) -> None:
    found = read(f"Email,Created,Notes\n{row}\nb@n.example,2026-11-01,\n")
    assert found.unread == (("line 2", reason),)
    assert len(found.leads) == 1


def test_a_row_that_names_nothing_of_a_lead_is_no_lead() -> None:
    (unread,) = read("Email,Created\na@n.example,2026-11-01\n--,2026-11-01\n").unread
    assert unread.place == "line 3"
    assert "no lead is found" in unread.reason


@pytest.mark.parametrize("more", [",,", ""])
def test_a_row_without_its_last_columns_is_read(more: str) -> None:
    assert len(read(f"Email,Created,Notes,Title\na@n.example,2026-11-01{more}\nb@n.example,2026-11-01,,\n").leads) == 2


def test_a_word_for_a_status_that_nobody_knows_is_said() -> None:
    found = read("Email,Created,Status\na@n.example,2026-11-01,Bogus word\n")
    assert found.leads[0].said is None
    assert "Words for a status that are not known here, and say nothing: Bogus word (1)." in found.remarks


def test_the_same_file_holds_the_same_notifications() -> None:
    text = "Email,Created,Status\na@n.example,2026-11-01,New\n"
    again = text.replace("New", "Won").replace(",", ";")
    assert read_one(text).notification.envelope == read_one(again).notification.envelope


def test_a_row_that_comes_twice_counts_once() -> None:
    found = read("Email,Created\na@n.example,2026-11-01Z\na@n.example,2026-11-01Z\n".replace("Z", "T10:00:00Z"))
    assert len(found.leads) == 1
    assert found.remarks == ("1 row says the same as another row, and counts once.",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty. Export the leads again."),
        (b"\xef\xbb\xbf\r\n", "The file is empty. Export the leads again."),
        (b"\0" * 900, "The file is empty. Export the leads again."),
        (b"%PDF-1.7\n%\xe2", "The file is a PDF. Export the leads as CSV, and give that file."),
        (b"PK\x03\x04\x14", "The file is an Excel workbook or a ZIP archive. Open it, save it as"),
        (b"\xd0\xcf\x11\xe0\xa1", "The file is an old Excel workbook. Open it, save it as"),
        (b"\x1f\x8b\x08", "The file is packed with gzip. Unpack it first."),
        (bytes(range(1, 256)), "The file is no text: it has signs that no text has."),
        (b"<!DOCTYPE html><title>Sign in", "The file is a web page, most likely one that asks to sign in."),
        (b"Dear Ada,\nplease find attached\n", "No line names columns that are known here."),
        (b"Ada,ada@n.example,2026-11-01\n", "No line names columns that are known here."),
        (b"Company,Created\nN,2026-11-01\n", "No column says who the customer is."),
        (b"Email,Company\na@n.example,N\n", "No column says when a lead was created."),
        (
            b"Email,Created\na@n.example,2026-11-01\nb@n",
            "The file ends in the middle of line 3: it has 1 of 2 columns.",
        ),
        (b'{"leads": 3}', "No column says who the customer is."),
        (b"Email,Created\n", "The file names its columns and has no rows."),
        (b"[1, 2]", "The file is JSON, but not a list of rows."),
        (b"[]", "The file is JSON, but not a list of rows."),
        (b'[{"Email": "a@n.exa', "The file ends in the middle, at line 1, column 12."),
        (b'[{"Email" "a@n.example"}]', "The file begins as JSON, but it is none from line 1, column 11 on:"),
        (b"[" * 100_000, "The file is JSON, but not a list of rows."),
    ],
)
def test_each_wrong_file_gets_a_sentence(content: bytes, sentence: str) -> None:
    assert refuse(content).startswith(sentence)


def test_a_file_that_ends_inside_quotation_marks_gets_a_sentence() -> None:
    assert refuse((FILES / "half.csv").read_bytes()) == (
        "The text in quotation marks that begins in line 2 never ends, so the file was cut off or is broken there. "
        "Export it again, and let it finish."
    )


def test_quotation_marks_that_never_end_are_found_in_a_large_file() -> None:
    rows = "".join(f"a{number}@n.example,2026-11-01\n" for number in range(9_000))
    assert "begins in line 3 never ends" in refuse(f'Email,Created\na@n.example,2026-11-01\nb@n.example,"2026\n{rows}')


def test_a_charset_that_does_not_fit_gets_a_sentence() -> None:
    assert refuse(b"Email,Created,\xff\xff\n", Reading(NOW, charset="gbk")).startswith("The file is not in gbk: its")
    assert refuse(b"Email,Created\n", Reading(NOW, charset="klingon")).startswith("klingon is no character set")


def test_a_charset_may_be_said() -> None:
    text = "Email,Created,First name\na@n.example,2026-11-01,美玲\n"
    assert shown(read_one(text.encode("gbk"), Reading(NOW, charset="gbk")))["first_name"] == "美玲"


def test_a_row_a_line_of_json_is_read() -> None:
    assert len(read('{"Email": "a@n.example", "Created": "2026-11-01"}\n' * 2 + "\n").leads) == 1


def test_what_can_not_be_opened_gets_a_sentence(tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    for path, sentence in {
        tmp_path: f"{tmp_path} is a folder. Give a file in it.",
        tmp_path / "no.csv": f"There is no file {tmp_path / 'no.csv'}. Check the name and the folder.",
        large: "large.csv has 64 MB, and a file of leads may have 64. Cut it into several, each with the line that "
        "names the columns.",
    }.items():
        with pytest.raises(UnreadableFileError) as refused:
            read_bytes(path)
        assert refused.value.explanation == sentence


@given(st.one_of(st.binary(), st.text().map(str.encode), st.text(alphabet="Email,Created;\n\"2026-1={}[]:'")))
def test_any_bytes_are_read_or_refused(content: bytes | str) -> None:
    text = content if isinstance(content, bytes) else b"Email,Created\n" + content.encode()
    try:
        read(text)
    except UnreadableFileError as refused:
        assert refused.explanation
