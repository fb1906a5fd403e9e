"""Show on this machine what the app does: post sample leads, say what the tables hold, and which mails went out."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.data.tables import TableServiceClient

from lead_core.adapters.tables.columns import DECISIONS
from lead_core.adapters.tables.remembered import read_decisions
from local.console import say
from local.installing import ROOT, step

SAMPLES = ROOT / "tests" / "samples"
LEADS = (
    ("documented-test-lead-invalid-json.txt", ""),
    ("composite-contact-me.json", "contoso.contoso-crm"),
    ("same-person-other-spelling.json", "contoso.contoso-crm"),
    ("chinese-and-emoji.json", "contoso.data-platform"),
    ("composite-test-drive.json", ""),
    ("phone-only.json", "contoso.contoso-crm"),
    ("do-not-contact.json", ""),
    ("documented-test-lead-hybrid-case.json", ""),
)
EXAMPLE = {
    "userDetails": {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@contoso.example"},
    "actionCode": "PLT",
    "offerTitle": "Contoso CRM",
}
STORED_WITHIN_SECONDS = 30
MOST_LISTED = 10
MOST_OFFERS = 3


@dataclass
class Demo:
    """The app at *base_url*, and its tables, whose names the settings may change."""

    base_url: str
    connection_string: str
    names: Mapping[str, str]
    """The name of each table, by the name that it usually has."""
    make_history: Callable[[], object] | None = None
    """Stores some weeks of made-up leads."""
    _mailed: dict[tuple[str, str], Any] = field(default_factory=dict)
    """When the last mail about each lead went out, as we last saw it."""

    def show(self) -> bool:
        """Post the sample leads if the tables are empty, print what they hold, and return whether all is stored."""
        late: Collection[str] = ()
        with self._tables() as tables:
            if not any(self._rows(tables, "MarketplaceLeads")):
                if self.make_history:
                    with step("Making up some weeks of leads"):
                        self.make_history()
                    self.list_mails()  # What went out in the past is no news.
                with step(f"Posting {len(LEADS)} sample leads"):
                    late = self._post_samples(tables)
            leads = sorted(self._rows(tables, "Leads"), key=_find_last_receipt, reverse=True)
            self._list("Leads", "each person once per offer", map(_describe_lead, leads))
            entries = sorted(self._rows(tables, "FollowUps"), key=lambda row: row["PartitionKey"].startswith("0-"))
            self._list("FollowUps", "who is to be answered", map(_describe_entry, entries))
            self._list(
                "RejectedLeads", "what could not be read", map(_describe_reject, self._rows(tables, "RejectedLeads"))
            )
        if late:
            say("late", f"{len(late)} leads are still on their way. The news below say what holds them up.")
        print()
        say("try", "Post a lead from another terminal:")
        print(f"curl {self.base_url}/api/leads/contoso.contoso-crm -d '{json.dumps(EXAMPLE)}'", flush=True)
        return not late

    def list_mails(self) -> list[str]:
        """Return each mail that went out since the last call, and what it was about: the log names nobody."""
        mails: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        columns = ("PartitionKey", "RowKey", "OfferTitle", "OfferId", "LastReminderAt", DECISIONS)
        with suppress(AzureError), self._tables() as tables:
            for row in self._rows(tables, "Leads", *columns):
                key, sent_at, decided = (
                    (row["PartitionKey"], row["RowKey"]),
                    row.get("LastReminderAt"),
                    read_decisions(row),
                )
                if sent_at and sent_at != self._mailed.get(key) and decided and decided.handover.told:
                    mails[str(sent_at), decided.handover.told][_name_offer(row)] += 1
                self._mailed[key] = sent_at
        return [f"mail to {told}: {_describe_offers(offers)}" for (_, told), offers in sorted(mails.items())]

    def _post_samples(self, tables: TableServiceClient) -> Collection[str]:
        """Post all samples, wait until they are stored, and return the ids of those that are late."""
        waiting, url = set(), f"{self.base_url}/api/leads"
        with httpx.Client(timeout=10) as client:
            for name, offer in LEADS:
                answer = client.post(f"{url}/{offer}" if offer else url, content=(SAMPLES / name).read_bytes())
                if answer.status_code == httpx.codes.ACCEPTED:
                    waiting.add(answer.json()["id"])
        give_up_at = time.monotonic() + STORED_WITHIN_SECONDS
        while waiting and time.monotonic() < give_up_at:
            waiting -= self._list_stored(tables)
            time.sleep(0.1)
        return waiting

    def _list_stored(self, tables: TableServiceClient) -> set[str]:
        """Return the event ids that are in every table where they belong."""
        leads = {(row["PartitionKey"], row["RowKey"]): row for row in self._rows(tables, "Leads")}
        due = {tuple(row["RowKey"].split("|", 2)[1:]) for row in self._rows(tables, "FollowUps")}
        stored = set()
        for row in self._rows(tables, "MarketplaceLeads"):
            key = (row["LeadPartition"], row["LeadRow"])
            if key in leads and ("NextReminderAt" not in leads[key] or key in due):
                stored.add(row["EventId"])
        return stored

    def _list(self, name: str, meaning: str, lines: Iterator[tuple[str, str]]) -> None:
        listed = [*dict.fromkeys(lines)]  # An outdated entry of the to-do list reads like the current one.
        print(f"\n{self.names[name]}: {meaning}")
        for label, text in listed[:MOST_LISTED]:
            say(label, text)
        if not listed:
            say("", "none")
        if (others := len(listed) - MOST_LISTED) > 0:
            say("", f"and {others} more")

    def _tables(self) -> TableServiceClient:
        return TableServiceClient.from_connection_string(self.connection_string)

    def _rows(self, tables: TableServiceClient, name: str, *columns: str) -> Iterator[Mapping[str, Any]]:
        with suppress(ResourceNotFoundError):  # Nothing was ever written into it.
            yield from tables.get_table_client(self.names[name]).list_entities(select=[*columns] or None)


def _find_last_receipt(row: Mapping[str, Any]) -> datetime:
    """Return when a lead last came. A row that a person typed may not say."""
    last = row.get("LastSeenAt")
    return last if isinstance(last, datetime) else datetime.min.replace(tzinfo=UTC)


def _describe_lead(row: Mapping[str, Any]) -> tuple[str, str]:
    is_test = row.get("IsTest") is True
    name = "a test lead" if is_test else _name(f"{row.get('FirstName', '')} {row.get('LastName', '')}", row)
    return str(row.get("Status", "")), f"{name}, {_name_offer(row)}"


def _describe_entry(row: Mapping[str, Any]) -> tuple[str, str]:
    told = [f"{_name(row.get('Name', ''), row)}, {row.get('OfferTitle', '')}: {row.get('State', '')}".rstrip(" ,:")]
    with suppress(ValueError):  # An entry that is never due has a state alone.
        due_at = row.get("DueAt") or ("" if "State" in row else row["RowKey"].partition("|")[0])
        told += [f"due {datetime.fromisoformat(str(due_at)):%Y-%m-%d %H:%M} UTC"]
    return "to do", ", ".join(told)


def _describe_reject(row: Mapping[str, Any]) -> tuple[str, str]:
    return "rejected", str(row.get("Explanation", ""))


def _name(name: str, row: Mapping[str, Any]) -> str:
    company = row.get("Company", "")
    return f"{name.strip() or 'no name'} ({company})" if company else name.strip() or "no name"


def _name_offer(row: Mapping[str, Any]) -> str:
    return str(row.get("OfferTitle") or row.get("OfferId") or "no offer")


def _describe_offers(offers: Counter[str]) -> str:
    total = sum(offers.values())
    named = [f"{offer} {number}" for offer, number in offers.most_common(MOST_OFFERS)]
    rest = ["…"] if len(offers) > MOST_OFFERS else []
    return f"{total} lead{'' if total == 1 else 's'} ({', '.join([*named, *rest])})"
