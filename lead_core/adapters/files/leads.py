"""Make leads of a file: each row becomes the notification that the marketplace would have posted.

Its event id follows from what it says. So the same file, read twice, holds the same notifications.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from lead_core.adapters.files.cells import clean_cell, clean_phone, is_rounded
from lead_core.adapters.files.columns import PERSON, SAYS_WHO, Field, count_known, find_field, list_ignored
from lead_core.adapters.files.content import read_text
from lead_core.adapters.files.csv_grid import read_csv
from lead_core.adapters.files.grid import Grid, Row
from lead_core.adapters.files.json_grid import is_json, read_json
from lead_core.adapters.files.moments import DayOrder, Received, find_day_orders, is_doubtful, read_received
from lead_core.adapters.tables.marketplace_leads import envelope_from_row
from lead_core.errors import UnreadableFileError, UnreadableLeadError
from lead_core.lead.lead_file import FiledLead, LeadFile, UnreadRow
from lead_core.lead.received import Envelope
from lead_core.lead.status_words import Word, parse_word
from lead_core.lead.values import format_digest, format_time, is_digest
from lead_core.marketplace.envelope import MAX_BODY_BYTES
from lead_core.marketplace.notification import parse_offer_id, read_notification

_TIMES: Final = (Field.CREATED, Field.STORED)
_LEAD: Final = (
    Field.CUSTOMER_INFO, Field.LEAD_SOURCE, Field.ACTION_CODE, Field.OFFER_TITLE, Field.OFFER_ID, Field.PUBLISHER_ID,
    Field.PRODUCT_ID, Field.DESCRIPTION,
)  # fmt: skip
_OWN_COLUMNS: Final = {"EventId", "ReceivedAt", "Body"}
"""Columns that only the app's own table ``MarketplaceLeads`` has. Its rows hold their notification as it came."""
_SAYS_UTC: Final = re.compile(r"\b(utc|gmt)\b", re.IGNORECASE)
_NOT_YET: Final = timedelta(days=1)
_SHOWN_COLUMNS: Final = 20
_SHOWN_WORDS: Final = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What the person says of a file because it does not say so itself."""

    now: datetime
    offer: str = ""
    """The offer of all rows: ``contoso.contoso-crm``."""
    charset: str = ""
    day_order: DayOrder | None = None
    zone: tzinfo | None = None
    """Where times were written that name no zone."""
    received_at: datetime | None = None
    """When rows were received that say no time."""


def read_leads(content: bytes, reading: Reading, advance: Callable[[int], object] = lambda _: None) -> LeadFile:
    """Read a file of leads. *advance* hears of each row. Raises: UnreadableFileError, with what to do."""
    text = read_text(content, reading.charset)
    grid = read_json(text.text) if is_json(text.text) else read_csv(text.text, count_known)
    if not grid.rows:
        raise UnreadableFileError("The file names its columns and has no rows. Export the leads again.")
    rows = _Rows(grid, reading)
    leads: list[FiledLead] = []
    unread: list[UnreadRow] = []
    seen: set[str] = set()
    for row in grid.rows:
        advance(1)
        try:
            filed = rows.read(row)
            if (event_id := filed.notification.envelope.event_id) not in seen:
                leads.append(filed)
            seen.add(event_id)
        except UnreadableLeadError as error:
            unread.append(UnreadRow(row.place, error.explanation))
        except _UnreadError as error:
            unread.append(UnreadRow(row.place, str(error)))
    repeated = len(grid.rows) - len(leads) - len(unread)
    say, count = ("row says", "counts") if repeated == 1 else ("rows say", "count")
    repeats = [f"{repeated} {say} the same as another row, and {count} once."] if repeated else []
    guess = [f"Its letters were guessed to be {text.charset}. If names look wrong, say --charset."]
    return LeadFile(
        form=f"{grid.form}, {text.charset}",
        leads=tuple(leads),
        unread=tuple(unread),
        taken=rows.taken,
        ignored=list_ignored(grid.columns),
        remarks=(*(guess if text.is_guessed else ()), *rows.list_remarks(), *repeats),
    )


class _UnreadError(Exception):
    """A row says no lead. Its text says why."""


@dataclass(slots=True)
class _Rows:
    grid: Grid
    reading: Reading
    fields: tuple[Field | None, ...] = field(init=False)
    is_own: bool = field(init=False)
    """Whether the file is the app's own table ``MarketplaceLeads``."""
    order: DayOrder | None = field(init=False)
    zone: tzinfo | None = field(init=False)
    rounded: int = 0
    words: Counter[str] = field(default_factory=Counter)
    unzoned: int = 0

    def __post_init__(self) -> None:
        self.fields = tuple(map(find_field, self.grid.columns))
        self.is_own = set(self.grid.columns) >= _OWN_COLUMNS
        self._check_columns()
        self.order = self.reading.day_order or self._find_day_order()
        named = zip(self.grid.columns, self.fields, strict=True)
        is_utc = any(_SAYS_UTC.search(name) for name, found in named if found is Field.CREATED)
        self.zone = UTC if is_utc else self.reading.zone

    @property
    def taken(self) -> dict[str, str]:
        """What each column was taken for."""
        return {name: found.value for name, found in zip(self.grid.columns, self.fields, strict=True) if found}

    def read(self, row: Row) -> FiledLead:
        if any(cell.strip() for cell in row.cells[len(self.grid.columns) :]):
            raise _UnreadError(
                f"It has {len(row.cells)} columns, and the file names {len(self.grid.columns)}: most likely a text in "
                "it holds the sign that divides columns, without quotation marks round it."
            )
        said = self._collect(row)
        received = self._find_received(said)
        envelope = self._make_envelope(row, said, received.at)
        if envelope.offer == "" and self.reading.offer:
            envelope = replace(envelope, offer=self.reading.offer)
        if len(envelope.body) > MAX_BODY_BYTES:
            raise _UnreadError(f"It says more than {MAX_BODY_BYTES // 1024} KiB. Shorten its texts.")
        notification = read_notification(envelope)
        return FiledLead(row.place, notification, received.earliest, received.latest, self._read_status(said))

    def list_remarks(self) -> Iterator[str]:
        if self.rounded:
            were, are = ("number was", "is") if self.rounded == 1 else ("numbers were", "are")
            yield f"{self.rounded} phone {were} rounded by a spreadsheet (1,23E+11), and {are} left out."
        if self.unzoned:
            name = "time names" if self.unzoned == 1 else "times name"
            yield f"{self.unzoned} {name} no time zone. They are read as UTC: --time-zone says another."
        if self.words:
            words = ", ".join(f"{word} ({count})" for word, count in self.words.most_common(_SHOWN_WORDS))
            yield f"Words for a status that are not known here, and say nothing: {words}."

    def _check_columns(self) -> None:
        fields, names = {*self.fields}, ", ".join(filter(None, self.grid.columns[:_SHOWN_COLUMNS]))
        if not fields & SAYS_WHO and not self.is_own:
            raise UnreadableFileError(
                "No column says who the customer is. Name one of them Email, Phone, First name, Last name or Full "
                f"name. The file has: {names}"
            )
        if not fields & set(_TIMES) and not (self.is_own or self.reading.received_at):
            raise UnreadableFileError(
                "No column says when a lead was created. Name one of them Created, or say a day for all rows with "
                f"--received 2026-11-27. The file has: {names}"
            )

    def _find_day_order(self) -> DayOrder | None:
        places = [place for place, found in enumerate(self.fields) if found in _TIMES]
        cells = [
            (row, clean_cell(row.cells[place])) for row in self.grid.rows for place in places if place < len(row.cells)
        ]
        orders = find_day_orders(cell for _, cell in cells)
        doubtful = next(((row, cell) for row, cell in cells if is_doubtful(cell)), None)
        if doubtful and len(orders) != 1:
            row, cell = doubtful
            raise UnreadableFileError(
                f"{row.place.capitalize()} says {cell[:40]}, and the other rows don't show whether the day or "
                "the month comes first. Say --dates day-first or --dates month-first."
            )
        return next(iter(orders), None)

    def _collect(self, row: Row) -> dict[Field, str]:
        """Return the first useful text for each field."""
        said: dict[Field, str] = {}
        for found, cell in zip(self.fields, row.cells, strict=False):
            text = clean_cell(cell) if found else ""
            if found is Field.PHONE and is_rounded(text):
                self.rounded += 1
            elif found and text:
                said.setdefault(found, clean_phone(text) if found is Field.PHONE else text)
        return said

    def _find_received(self, said: Mapping[Field, str]) -> Received:
        texts = [said[each] for each in _TIMES if each in said]
        if not texts and self.reading.received_at:
            day = self.reading.received_at
            return Received(day, day - _NOT_YET, day + 2 * _NOT_YET)
        if not texts:
            raise _UnreadError("It says no time. Write one, or say a day for such rows with --received 2026-11-27.")
        received = next(filter(None, (read_received(text, self.order, self.zone) for text in texts)), None)
        if received is None:
            raise _UnreadError(f"{texts[0][:40]!r} is no time. Write it as 2026-11-27 18:30.")
        if received.earliest > self.reading.now + _NOT_YET:
            raise _UnreadError(f"{texts[0][:40]!r} has not come yet. Correct the time.")
        self.unzoned += received.earliest < received.at
        return received

    def _make_envelope(self, row: Row, said: Mapping[Field, str], at: datetime) -> Envelope:
        if self.is_own:
            cells = dict(zip(self.grid.columns, row.cells, strict=False))
            if is_digest(cells.get("EventId", "")) and cells.get("Body"):
                return envelope_from_row({"RowKey": "", **cells}, at)
        body = json.dumps(_compose(said), ensure_ascii=False, separators=(",", ":"))
        return Envelope(format_digest("import", format_time(at), body), at, "", body.encode("utf-8", "replace"))

    def _read_status(self, said: Mapping[Field, str]) -> Word | None:
        text = said.get(Field.STATUS, "")
        word = parse_word(text) if text else None
        if text and word is None:
            self.words[text[:40]] += 1
        return word


def _compose(said: Mapping[Field, str]) -> dict[str, object]:
    """Return a row as the marketplace would post it."""
    lead = {each.value: said[each] for each in _LEAD if each in said}
    offer = said.get(Field.OFFER, "")
    lead.setdefault((Field.PRODUCT_ID if parse_offer_id(offer) else Field.OFFER_TITLE).value, offer)
    person = {each.value: said[each] for each in PERSON if each in said}
    return {**({"UserDetails": person} if person else {}), **{name: text for name, text in lead.items() if text}}
