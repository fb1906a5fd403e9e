"""Make leads of a file: each row becomes the notification that the marketplace would have posted.

Its event id follows from what it says. So the same file, read twice, holds the same notifications.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from lead_core.adapters.files.cells import clean_cell, clean_phone, find_action_code, is_rounded
from lead_core.adapters.files.columns import PERSON, Field, count_known, list_ignored
from lead_core.adapters.files.content import read_text
from lead_core.adapters.files.csv_grid import read_csv
from lead_core.adapters.files.grid import Row
from lead_core.adapters.files.json_grid import is_json, read_json
from lead_core.adapters.files.layout import TIMES, Layout, Reading, find_layout
from lead_core.adapters.files.moments import Received, read_received
from lead_core.adapters.tables.marketplace_leads import envelope_from_row
from lead_core.errors import RejectCode, UnreadableFileError, UnreadableLeadError
from lead_core.lead.lead_file import FiledLead, LeadFile, UnreadRow
from lead_core.lead.received import Envelope, Notification
from lead_core.lead.status_words import Word, parse_word
from lead_core.lead.values import UNKNOWN_OFFER_KEY, format_digest, format_time, is_digest
from lead_core.marketplace.envelope import MAX_BODY_BYTES
from lead_core.marketplace.notification import parse_offer_id, read_notification

_LEAD: Final = (
    Field.CUSTOMER_INFO, Field.LEAD_SOURCE, Field.ACTION_CODE, Field.OFFER_TITLE, Field.OFFER_ID, Field.PUBLISHER_ID,
    Field.PRODUCT_ID, Field.DESCRIPTION,
)  # fmt: skip
_A_DAY: Final = timedelta(days=1)
_SHOWN_WORDS: Final = 5
_SHOWN_CHARACTERS: Final = 40


def read_leads(content: bytes, reading: Reading, advance: Callable[[int], object] = lambda _: None) -> LeadFile:
    """Read a file of leads. *advance* hears of each row. Raises: UnreadableFileError, with what to do."""
    text = read_text(content, reading.charset)
    grid = read_json(text.text) if is_json(text.text) else read_csv(text.text, count_known)
    if not grid.rows:
        raise UnreadableFileError("The file names its columns and has no rows. Export the leads again.")
    layout, doubts = find_layout(grid, reading), _Doubts(charset=text.charset if text.is_guessed else "")
    leads: dict[str, FiledLead] = {}
    unread: list[UnreadRow] = []
    for row in grid.rows:
        advance(1)
        try:
            filed = _read_row(row, layout, reading, doubts)
        except UnreadableLeadError as error:
            unread.append(UnreadRow(row.place, error.explanation))
        else:
            leads.setdefault(filed.notification.envelope.event_id, filed)
    doubts.repeated = len(grid.rows) - len(leads) - len(unread)
    return LeadFile(
        form=f"{grid.form}, {text.charset}",
        leads=tuple(leads.values()),
        unread=tuple(unread),
        taken=layout.taken,
        ignored=list_ignored(grid.columns),
        remarks=tuple(doubts.tell()),
    )


@dataclass(slots=True)
class _Doubts:
    """What was read with a doubt. The person hears of each kind once."""

    charset: str
    """The character set, if it is a guess."""
    rounded: int = 0
    unzoned: int = 0
    repeated: int = 0
    words: Counter[str] = field(default_factory=Counter)

    def tell(self) -> Iterator[str]:
        """Yield a sentence for each kind."""
        if self.charset:
            yield f"Its letters were guessed to be {self.charset}. If names look wrong, say --charset."
        if self.rounded:
            were, are = ("number was", "is") if self.rounded == 1 else ("numbers were", "are")
            yield f"{self.rounded} phone {were} rounded by a spreadsheet (1,23E+11), and {are} left out."
        if self.unzoned:
            rows = "1 row" if self.unzoned == 1 else f"{self.unzoned} rows"
            yield f"Times without a time zone, in {rows}, are read as UTC: --time-zone says another."
        if self.words:
            words = ", ".join(f"{word} ({count})" for word, count in self.words.most_common(_SHOWN_WORDS))
            yield f"Words for a status that are not known here, and say nothing: {words}."
        if self.repeated:
            say, count = ("row says", "counts") if self.repeated == 1 else ("rows say", "count")
            yield f"{self.repeated} {say} the same as another row, and {count} once."


def _read_row(row: Row, layout: Layout, reading: Reading, doubts: _Doubts) -> FiledLead:
    """Read one row. Raises: UnreadableLeadError, with what is wrong in it."""
    if any(cell.strip() for cell in row.cells[len(layout.columns) :]):
        raise _refuse(
            f"It has {len(row.cells)} columns, and the file names {len(layout.columns)}: most likely a text in it "
            "holds the sign that divides columns, without quotation marks round it."
        )
    said = _collect(row, layout, doubts)
    received = _find_received(said, layout, reading)
    doubts.unzoned += received.earliest < received.at
    envelope = _find_own(row, layout, received.at) or _make_envelope(said, received.at)
    if len(envelope.body) > MAX_BODY_BYTES:
        raise _refuse(f"It says more than {MAX_BODY_BYTES // 1024} KiB. Shorten its texts.")
    notification = _read_notification(envelope, reading.offer)
    return FiledLead(row.place, notification, received.earliest, received.latest, _read_status(said, doubts))


def _refuse(why: str) -> UnreadableLeadError:
    return UnreadableLeadError(RejectCode.NO_LEAD, why)


def _collect(row: Row, layout: Layout, doubts: _Doubts) -> dict[Field, str]:
    """Return the first text for each field."""
    said: dict[Field, str] = {}
    for each, cell in zip(layout.fields, row.cells, strict=False):
        text = clean_cell(cell) if each else ""
        if each is Field.PHONE and is_rounded(text):
            doubts.rounded += 1
        elif each and text:
            said.setdefault(each, clean_phone(text) if each is Field.PHONE else text)
    return said


def _find_received(said: Mapping[Field, str], layout: Layout, reading: Reading) -> Received:
    texts = [said[each] for each in TIMES if each in said]
    if not texts:
        day = reading.received_at
        if day is None:
            raise _refuse("It says no time. Write one, or say a day for such rows with --received 2026-11-27.")
        return Received(day, day - _A_DAY, day + 2 * _A_DAY)
    shown = repr(texts[0][:_SHOWN_CHARACTERS])
    received = next(filter(None, (read_received(text, layout.order, layout.zone) for text in texts)), None)
    if received is None:
        raise _refuse(f"{shown} is no time. Write it as 2026-11-27 18:30.")
    if received.earliest > reading.now + _A_DAY:
        raise _refuse(f"{shown} has not come yet. Correct the time.")
    return received


def _find_own(row: Row, layout: Layout, at: datetime) -> Envelope | None:
    """Return the notification that a row of the app's own inbox holds as it came. None for another row."""
    if not layout.is_own:
        return None
    cells = dict(zip(layout.columns, row.cells, strict=False))
    is_whole = is_digest(cells.get("EventId", "")) and bool(cells.get("Body"))
    return replace(envelope_from_row(cells, at), past=None) if is_whole else None


def _make_envelope(said: Mapping[Field, str], at: datetime) -> Envelope:
    """Return the post that the marketplace would have made of a row."""
    lead = {each.value: said[each] for each in _LEAD if each in said}
    if code := said.get(Field.ACTION_CODE):
        lead[Field.ACTION_CODE.value] = find_action_code(code)
    if offer := said.get(Field.OFFER):
        lead.setdefault((Field.PRODUCT_ID if parse_offer_id(offer) else Field.OFFER_TITLE).value, offer)
    person = {each.value: said[each] for each in PERSON if each in said}
    post = {"UserDetails": person, **lead} if person else lead
    body = json.dumps(post, ensure_ascii=False, separators=(",", ":"))
    return Envelope(format_digest("import", format_time(at), body), at, "", body.encode("utf-8", "replace"))


def _read_notification(envelope: Envelope, offer: str) -> Notification:
    """Read a notification. *offer* counts if it names none."""
    notification = read_notification(envelope)
    if not offer or notification.delivery.row != UNKNOWN_OFFER_KEY:
        return notification
    return read_notification(replace(envelope, offer=offer))


def _read_status(said: Mapping[Field, str], doubts: _Doubts) -> Word | None:
    text = said.get(Field.STATUS, "")
    word = parse_word(text) if text else None
    if text and word is None:
        doubts.words[text[:_SHOWN_CHARACTERS]] += 1
    return word
