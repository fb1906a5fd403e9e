"""Leads as table entities, and back. What is written reads back the same."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.follow_up import FollowUp, Turn
from lead_core.lead.history import Action, History, Summary
from lead_core.lead.lead import Cells, Decision, Lead, Shown, Stamp
from lead_core.lead.values import LeadKey, Status, defuse, format_digest, format_key, format_time, is_fit, shorten
from lead_core.marketplace.envelope import Envelope, parse_url_offer
from lead_core.marketplace.notification import Notification
from lead_core.marketplace.rejected import RejectedLead
from lead_core.ports import Claim, ClaimedMail, StoredReject, TestLeadNote

Entity: TypeAlias = dict[str, Any]

PROPERTY_BYTES = 64_000
"""A property holds 64 KiB, a character of text counting as two bytes or four; a row holds 1 MiB.

https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""
MAX_BODY_TEXT_BYTES = 960_000
_MICROSECONDS_PER_DAY = 86_400_000_000
_LARGEST_COUNT = 1_000_000
_FIRST_YEAR, _LAST_YEAR = 2000, 2500
_SHOWN_COLUMNS = {part.name: "".join(word.capitalize() for word in part.name.split("_")) for part in fields(Shown)}


def format_hour(moment: datetime) -> str:
    """Give the partition of an hour: ``2026-11-22T08``."""
    return moment.strftime("%Y-%m-%dT%H")


def format_day(moment: datetime) -> str:
    """Give the partition of a day: ``2026-11-22``."""
    return moment.strftime("%Y-%m-%d")


# --- MarketplaceLeads ---------------------------------------------------------------------------------------------


def notification_to_row(notification: Notification) -> Entity:
    """Write a notification with the columns of Microsoft's own Azure Table destination, and our own behind them."""
    envelope, payload, delivery = notification.envelope, notification.payload, notification.delivery
    contact = {part.name: getattr(payload.contact, part.name) for part in fields(payload.contact)}
    product_id = payload.product_id or ".".join(filter(None, (delivery.shown.publisher_id, delivery.shown.offer_id)))
    return {
        "PartitionKey": format_day(envelope.received_at),
        "RowKey": f"{_time_left_in_day(envelope.received_at):011d}-{envelope.event_id}",
        "ActionCode": defuse(payload.action_code) or delivery.shown.action_code,
        "CreatedTime": format_time(envelope.received_at),
        "CustomerInfo": _dump({_SHOWN_COLUMNS[name]: shorten(value, 2_000) for name, value in contact.items()}),
        "Description": defuse(payload.description),
        "LeadSource": defuse(payload.lead_source),
        "OfferDisplayName": delivery.shown.offer_title,
        "ProductId": defuse(product_id),
        "EventId": envelope.event_id,
        "ReceivedAt": envelope.received_at,
        "UrlOffer": envelope.offer,
        "LeadPartition": delivery.key.partition,
        "LeadRow": delivery.key.row,
        **body_to_columns(envelope.body),
    }


def _time_left_in_day(moment: datetime) -> int:
    """Count the microseconds to midnight: the newest row of a day stands first."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return _MICROSECONDS_PER_DAY - (moment - midnight) // timedelta(microseconds=1)


# --- Leads --------------------------------------------------------------------------------------------------------


def lead_to_row(lead: Lead, base: Mapping[str, Any] | None = None) -> Entity:
    """Write a lead; columns of *base*, the row as it was read, that are not ours stay as somebody made them."""
    history = lead.history
    row: Entity = {name: value for name, value in (base or {}).items() if name not in _LEAD_TIMES}
    row |= {
        "PartitionKey": lead.key.partition,
        "RowKey": lead.key.row,
        **{column: getattr(lead.shown, name) for name, column in _SHOWN_COLUMNS.items()},
        "ActionCount": history.count,
        "ActionHistory": _dump(_history_to_json(history, lead.stamps)),
        "Status": lead.cells.status,
        "Owner": lead.cells.owner,
        "Note": lead.cells.note,
        "DisqualifiedReason": lead.cells.disqualified_reason,
        "OwnerRefused": lead.refused_owner,
        "Decisions": _dump(
            {
                "written": {
                    "Status": lead.written_status,
                    "Owner": lead.written_owner,
                    "OwnerNoticed": lead.noticed_owner,
                },
                "taken": [_decision_to_json(decision) for decision in lead.decisions],
            }
        ),
        "RemindersSent": lead.reminders_sent,
        "Attempts": lead.attempts,
        "ContactedBy": lead.contacted_by,
        "IsTest": lead.is_test,
        "IsInternal": lead.is_internal,
        "IdentifiedBy": str(lead.identified_by),
    }
    times = {
        "FirstSeenAt": history.first_at,
        "LastSeenAt": history.last_at,
        **{column: getattr(lead, name) for column, name in _LEAD_TIME_FIELDS.items()},
    }
    return row | {column: time for column, time in times.items() if time is not None}


_LEAD_TIME_FIELDS = {
    "WaitingSince": "waiting_since",
    "NextReminderAt": "next_reminder_at",
    "LastReminderAt": "last_reminder_at",
    "SnoozedUntil": "snoozed_until",
    "FirstContactedAt": "first_contacted_at",
}
_LEAD_TIMES = {*_LEAD_TIME_FIELDS, "FirstSeenAt", "LastSeenAt"}


def lead_from_row(row: Mapping[str, Any]) -> Lead:
    """Read a lead; cells that people may have edited are forgiven.

    Raises: UnreadableLeadError (``damaged-row``) where the history that the app keeps can't be read any more.
    """
    try:
        history, stamps = _history_from_json(json.loads(row["ActionHistory"]))
        decided = json.loads(row["Decisions"])
        decisions = tuple(map(_decision_from_json, decided["taken"]))
        written_status, written_owner, noticed_owner = (
            str(decided["written"][column]) for column in ("Status", "Owner", "OwnerNoticed")
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise UnreadableLeadError(
            RejectCode.DAMAGED_ROW,
            f"The row of this lead in the table Leads can't be read, for its ActionHistory or Decisions was edited "
            f"(PartitionKey {row['PartitionKey']}, RowKey {row['RowKey']}). Whoever runs this app can mend it: delete "
            f"that row, and put the Body of each row of MarketplaceLeads that has its keys as LeadPartition and "
            f"LeadRow into a row of RejectedLeads with Retry true.",
        ) from error
    return Lead(
        key=LeadKey(row["PartitionKey"], row["RowKey"]),
        identified_by=_text(row, "IdentifiedBy"),
        is_test=row.get("IsTest") is True,
        shown=Shown(**{name: _text(row, column) for name, column in _SHOWN_COLUMNS.items()}),
        stamps=stamps,
        history=history,
        decisions=decisions,
        cells=Cells(
            status=_text(row, "Status"),
            owner=_text(row, "Owner"),
            note=_text(row, "Note"),
            disqualified_reason=_text(row, "DisqualifiedReason"),
        ),
        written_status=written_status,
        written_owner=written_owner,
        noticed_owner=noticed_owner,
        refused_owner=_text(row, "OwnerRefused"),
        is_internal=row.get("IsInternal") is True,
        reminders_sent=number(row, "RemindersSent"),
        attempts=number(row, "Attempts"),
        contacted_by=_text(row, "ContactedBy"),
        **{name: _time(row, column) for column, name in _LEAD_TIME_FIELDS.items()},
    )


def _history_to_json(history: History, stamps: Mapping[str, Stamp]) -> dict[str, Any]:
    parts: dict[str, Any] = {"round": history.round, "actions": [_action_to_json(action) for action in history.actions]}
    if history.is_left_open:
        parts["open"] = True
    if history.summary:
        summary = history.summary
        parts["older"] = {
            "count": summary.count,
            "first": format_time(summary.first_at),
            "last": format_time(summary.last_at),
            "own": summary.has_own,
            "waiting": format_time(summary.waiting_since) if summary.waiting_since else None,
        }
    parts["shown"] = [
        {
            "at": format_time(stamp.received_at),
            "event": stamp.event_id,
            "own": stamp.is_own,
            "columns": [column for name, column in _SHOWN_COLUMNS.items() if stamps.get(name) == stamp],
        }
        for stamp in sorted(set(stamps.values()))
    ]
    return parts


def _decision_to_json(decision: Decision) -> dict[str, str]:
    parts = {"status": str(decision.status), "at": format_time(decision.at), "by": decision.by}
    return parts | {name: text for name in ("choice", "click") if (text := getattr(decision, name))}


def _decision_from_json(parts: Mapping[str, str]) -> Decision:
    at = _parse_time(parts["at"])
    choice, click = (str(parts.get(name, "")) for name in ("choice", "click"))
    return Decision(Status(parts["status"]), at, str(parts["by"]), choice, click)


def _action_to_json(action: Action) -> dict[str, Any]:
    parts = {
        "at": format_time(action.first_at),
        "action": action.code,
        "source": action.source,
        "event": action.event_id,
        "content": action.content,
        "round": action.round,
    }
    return parts if action.last_at == action.first_at else {**parts, "last": format_time(action.last_at)}


def _history_from_json(parts: Mapping[str, Any]) -> tuple[History, dict[str, Stamp]]:
    actions = tuple(
        Action(
            first_at=_parse_time(action["at"]),
            last_at=_parse_time(action.get("last", action["at"])),
            code=str(action["action"]),
            source=str(action["source"]),
            event_id=str(action["event"]),
            content=str(action["content"]),
            round=int(action["round"]),
        )
        for action in parts["actions"]
    )
    older = parts.get("older")
    summary = older and Summary(
        count=int(older["count"]),
        first_at=_parse_time(older["first"]),
        last_at=_parse_time(older["last"]),
        has_own=bool(older["own"]),
        waiting_since=_parse_time(older["waiting"]) if older["waiting"] else None,
    )
    names = {column: name for name, column in _SHOWN_COLUMNS.items()}
    stamps = {
        names[column]: Stamp(bool(stamp["own"]), _parse_time(stamp["at"]), str(stamp["event"]))
        for stamp in parts["shown"]
        for column in stamp["columns"]
    }
    return History(actions, summary or None, int(parts["round"]), bool(parts.get("open"))), stamps


# --- FollowUps ----------------------------------------------------------------------------------------------------


def follow_up_to_row(entry: FollowUp) -> Entity:
    """Write an entry of the to-do list; its keys sort by time."""
    row = {
        "PartitionKey": format_hour(entry.due_at),
        "RowKey": f"{format_time(entry.due_at)}|{entry.lead.partition}|{entry.lead.row}",
        "Name": entry.name,
        "Company": entry.company,
        "OfferTitle": entry.offer_title,
        "ActionCode": entry.action_code,
        "Owner": entry.owner,
    }
    return row | ({"WaitingSince": entry.waiting_since} if entry.waiting_since else {})


def parse_follow_up_key(key: str) -> tuple[datetime, LeadKey]:
    """Read when an entry is due, and which lead it is of, out of its row key."""
    due_at, partition, row = key.split("|", 2)
    return _parse_time(due_at), LeadKey(partition, row)


# --- Digests ------------------------------------------------------------------------------------------------------

OWNERS_PARTITION = "owners"
TEST_LEADS_PARTITION = "test-leads"
RESTING_KEY = {"PartitionKey": "checks", "RowKey": "resting"}


def claim_to_row(claim: Claim) -> Entity:
    """Write an owner's claim."""
    row: Entity = {
        "PartitionKey": OWNERS_PARTITION,
        "RowKey": format_key(claim.owner),
        "Owner": claim.owner,
        "DigestId": claim.digest_id,
        "Leads": _dump([[*mail.lead, *mail.turn] for mail in claim.mails]),
    }
    return row | ({"Until": claim.until} if claim.until else {})


def claim_from_row(row: Mapping[str, Any], *, version: str) -> Claim:
    """Read an owner's claim; one that somebody edited beyond recognition holds nothing."""
    try:
        mails = tuple(
            ClaimedMail(LeadKey(str(partition), str(key)), Turn(int(in_round), int(sent)))
            for partition, key, in_round, sent in json.loads(row["Leads"])
        )
    except (KeyError, TypeError, ValueError):
        mails = ()
    return Claim(_text(row, "Owner"), _text(row, "DigestId"), mails, _time(row, "Until"), version, row["RowKey"])


def test_lead_to_row(note: TestLeadNote) -> Entity:
    """Write the note of an offer's first test lead of a day."""
    row: Entity = {
        "PartitionKey": TEST_LEADS_PARTITION,
        "RowKey": f"{format_day(note.received_at)}|{format_key(note.offer)}",
        "Offer": note.offer,
        "ReceivedAt": note.received_at,
        "Owner": note.owner,
        "DigestId": note.digest_id,
        "IsSent": note.is_sent,
    }
    return row | ({"Until": note.until} if note.until else {})


def test_lead_from_row(row: Mapping[str, Any], *, version: str) -> TestLeadNote:
    """Read the note of a test lead."""
    return TestLeadNote(
        offer=_text(row, "Offer"),
        received_at=_time(row, "ReceivedAt") or _parse_time(row["RowKey"][:10]),
        owner=_text(row, "Owner"),
        digest_id=_text(row, "DigestId"),
        until=_time(row, "Until"),
        is_sent=is_yes(row.get("IsSent")),
        version=version,
    )


# --- RejectedLeads ------------------------------------------------------------------------------------------------


def rejected_to_row(rejected: RejectedLead) -> Entity:
    """Write what could not be read."""
    return {
        "PartitionKey": format_day(rejected.received_at),
        "RowKey": rejected.event_id,
        **rejection_columns(rejected),
        "Offer": rejected.offer,
        "ReceivedAt": rejected.received_at,
        "Retries": 0,
        "Retry": rejected.retry,
        "Told": False,
        **body_to_columns(rejected.body),
    }


REJECT_COLUMNS = ("PartitionKey", "RowKey", "Reason", "Retry", "Retries", "Told", "ReceivedAt")
"""What a look over the rejected leads needs: not their bodies."""

_EVENT_ID = re.compile("[0-9a-f]{32}")


def rejected_from_row(row: Mapping[str, Any], etag: str, changed_at: datetime) -> StoredReject:
    """Read a rejected lead without its body; the row may be one that somebody put there."""
    return StoredReject(
        keys=(row["PartitionKey"], row["RowKey"]),
        reason=_text(row, "Reason"),
        received_at=_time(row, "ReceivedAt") or changed_at,
        wants_retry=is_yes(row.get("Retry")),
        retries=number(row, "Retries"),
        is_told=is_yes(row.get("Told")),
        version=etag,
    )


def rejected_envelope(row: Mapping[str, Any], changed_at: datetime) -> Envelope:
    """Read a rejected lead as it now stands, to be enqueued again, even one that somebody put there."""
    key = row["RowKey"]
    event_id = key if _EVENT_ID.fullmatch(key) else format_digest("rejected", key)
    received_at = _time(row, "ReceivedAt") or changed_at
    return Envelope(event_id, received_at, parse_url_offer(_text(row, "Offer")), body_from_columns(row))


def is_yes(value: object) -> bool:
    """Read a Boolean cell, which somebody may have typed as a word."""
    return str(value).strip().lower() in {"true", "yes", "y", "1", "x"}


def rejection_columns(rejected: RejectedLead) -> Entity:
    """Give the columns that say why."""
    return {
        "Reason": rejected.reason,
        "Explanation": rejected.explanation,
        "From": str(rejected.rejected_from),
    }


# --- Cells --------------------------------------------------------------------------------------------------------


def body_to_columns(body: bytes) -> Entity:
    """Write a body as it came into ``Body``, ``Body2``…; ``BodyEncoding`` says how.

    ``text``; ``base64`` for bytes that are no text; ``binary`` for what would outgrow a row as text, which takes two
    bytes a character there.
    """
    encoding, text = _as_cell_text(body)
    units = text.encode("utf-16-le")
    if len(units) > MAX_BODY_TEXT_BYTES:
        return {"BodyEncoding": "binary"} | _number_columns(
            body[start : start + PROPERTY_BYTES] for start in range(0, len(body), PROPERTY_BYTES)
        )
    return {"BodyEncoding": encoding, "Body": ""} | _number_columns(_cut(units))


def body_from_columns(row: Mapping[str, Any]) -> bytes:
    """Read a body as it now stands in its columns; text that somebody typed over another encoding is text."""
    pieces = [row.get("Body", "")]
    while (column := f"Body{len(pieces) + 1}") in row:
        pieces.append(row[column])
    if all(isinstance(piece, bytes) for piece in pieces):
        return b"".join(pieces)
    text = "".join(piece.decode("utf-8", "replace") if isinstance(piece, bytes) else str(piece) for piece in pieces)
    if row.get("BodyEncoding") == "base64":
        with suppress(ValueError):
            return base64.b64decode(text, validate=True)
    return text.encode()


def _as_cell_text(body: bytes) -> tuple[str, str]:
    with suppress(UnicodeDecodeError):
        text = body.decode()
        if is_fit(text.replace("\r", "")):
            return "text", text
    return "base64", base64.b64encode(body).decode()


def _number_columns(pieces: Iterable[str | bytes]) -> Entity:
    return {f"Body{number}" if number > 1 else "Body": piece for number, piece in enumerate(pieces, start=1)}


def _cut(units: bytes) -> Iterator[str]:
    """Cut UTF-16 into pieces that fit a property, never between the two halves of a surrogate pair."""
    start = 0
    while start < len(units):
        end = start + PROPERTY_BYTES
        if end < len(units) and 0xDC <= units[end + 1] <= 0xDF:  # noqa: PLR2004 -- the second halves of the pairs
            end -= 2
        yield units[start:end].decode("utf-16-le")
        start = end


def _dump(parts: object) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value)


def number(row: Mapping[str, Any], column: str) -> int:
    """Read a whole number, 0 where somebody typed something else."""
    try:
        typed = row.get(column)
        # A whole number that another tool wrote as 64 bits comes wrapped, with its type.
        return min(max(int(getattr(typed, "value", typed) or 0), 0), _LARGEST_COUNT)
    except (TypeError, ValueError, OverflowError):
        return 0


def _time(row: Mapping[str, Any], column: str) -> datetime | None:
    value = row.get(column)
    if not value:
        return None
    try:
        # By way of text: the SDK's own kind of datetime carries the service's text along.
        return _parse_time(value.isoformat() if isinstance(value, datetime) else str(value))
    except (ValueError, OverflowError):
        return None


def _parse_time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if not _FIRST_YEAR <= utc.year <= _LAST_YEAR:
        raise ValueError("no time that a lead can have")
    return utc
