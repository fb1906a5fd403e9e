"""Show on this machine what the app does: post sample leads, and print what the tables hold then."""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

import httpx
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableServiceClient
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.installing import ROOT

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
STORED_WITHIN_SECONDS = 30

console = Console()


def show(base_url: str, connection_string: str) -> None:
    """Post the sample leads to the app at *base_url*, and print the tables behind *connection_string*.

    If the tables hold leads of an earlier run, nothing is posted.
    """
    with TableServiceClient.from_connection_string(connection_string) as tables:
        late = () if any(_rows(tables, "MarketplaceLeads")) else _post_samples(f"{base_url}/api/leads", tables)
        _print_leads(tables)
        _print_to_do(tables)
        _print_rejected(tables)
    if late:
        console.print(f"[yellow]{len(late)} leads are still on their way. See the log below.[/]")
    _print_where_to_look(base_url, connection_string)


def _post_samples(url: str, tables: TableServiceClient) -> Collection[str]:
    """Post all samples, wait until they are stored, and return the ids of those that are late."""
    waiting = set()
    with httpx.Client(timeout=10) as client:
        for name, offer in LEADS:
            answer = client.post(f"{url}/{offer}" if offer else url, content=(SAMPLES / name).read_bytes())
            console.print(f"  {answer.status_code} {answer.reason_phrase:<12} {name}")
            if answer.status_code == httpx.codes.ACCEPTED:
                waiting.add(answer.json()["id"])
    give_up_at = time.monotonic() + STORED_WITHIN_SECONDS
    with console.status("waiting until they are stored"):
        while waiting and time.monotonic() < give_up_at:
            waiting -= _list_stored(tables)
            time.sleep(0.1)
    return waiting


def _list_stored(tables: TableServiceClient) -> set[str]:
    """Return the event ids that are in every table where they belong."""
    leads = {(row["PartitionKey"], row["RowKey"]): row for row in _rows(tables, "Leads")}
    due = {tuple(row["RowKey"].split("|", 2)[1:]) for row in _rows(tables, "FollowUps")}
    stored = set()
    for row in _rows(tables, "MarketplaceLeads"):
        key = (row["LeadPartition"], row["LeadRow"])
        if key in leads and ("NextReminderAt" not in leads[key] or key in due):
            stored.add(row["EventId"])
    return stored


def _print_leads(tables: TableServiceClient) -> None:
    table = Table(
        "Name",
        "Company",
        "Offer",
        "Latest action",
        "Actions",
        "Status",
        "Known by",
        title="Leads: each person once per offer",
        box=box.SIMPLE,
    )
    for row in _rows(tables, "Leads"):
        status = f"{row['Status']} (test)" if row["IsTest"] else row["Status"]
        cells = (
            row["Name"],
            row["Company"],
            row["RowKey"],
            row["ActionCode"],
            row["ActionCount"],
            status,
            row["zAppIdentifiedBy"],
        )
        table.add_row(*(escape(str(cell)) for cell in cells))
    console.print(table)


def _print_to_do(tables: TableServiceClient) -> None:
    table = Table(
        "Due",
        "Name",
        "Company",
        "Offer",
        "State",
        title="FollowUps: who is to be answered, oldest first",
        box=box.SIMPLE,
    )
    for row in _rows(tables, "FollowUps"):
        due = f"{row['DueAt']:%Y-%m-%d %H:%M UTC}" if "DueAt" in row else ""
        table.add_row(due, *(escape(str(row[column])) for column in ("Name", "Company", "OfferTitle", "State")))
    console.print(table)


def _print_rejected(tables: TableServiceClient) -> None:
    table = Table("Reason", "Explanation", title="RejectedLeads: what could not be read", box=box.SIMPLE)
    for row in _rows(tables, "RejectedLeads"):
        table.add_row(row["Reason"], escape(row["Explanation"]))
    console.print(table)


def _rows(tables: TableServiceClient, name: str) -> Iterator[Mapping[str, Any]]:
    with suppress(ResourceNotFoundError):  # Nothing was ever written into it.
        yield from tables.get_table_client(name).list_entities()


def _print_where_to_look(base_url: str, connection_string: str) -> None:
    console.print(
        "\n[bold]To browse the tables[/]: Azure Storage Explorer, Connect, Storage account, Connection string:",
    )
    console.print(connection_string, soft_wrap=True, highlight=False)
    console.print("\n[bold]To post a lead[/]:")
    lead = (
        '{"userDetails": {"firstName": "Ada", "lastName": "Lovelace", "email": "ada@contoso.example"},'
        ' "leadSource": "AppSource", "actionCode": "PLT", "offerTitle": "Contoso CRM"}'
    )
    console.print(escape(f"curl {base_url}/api/leads/contoso.contoso-crm -d '{lead}'"), soft_wrap=True, highlight=False)
    console.print()
