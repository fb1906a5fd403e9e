"""Shows on this machine what the app does: posts sample leads, and prints what then stands in the tables."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import httpx
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableServiceClient
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from local.toolchain import ROOT

SAMPLES = ROOT / "tests" / "samples"
LEADS = (
    ("composite-contact-me.json", "contoso.contoso-crm"),
    ("same-person-other-spelling.json", "contoso.contoso-crm"),
    ("chinese-and-emoji.json", "contoso.data-platform"),
    ("composite-test-drive.json", ""),
    ("phone-only.json", "contoso.contoso-crm"),
    ("do-not-contact.json", ""),
    ("documented-test-lead-hybrid-case.json", ""),
    ("documented-test-lead-invalid-json.txt", ""),
)
STORED_WITHIN_SECONDS = 30

console = Console()


def show(base_url: str, connection_string: str) -> None:
    """Post the sample leads to the app at *base_url*, and print the tables behind *connection_string*."""
    with TableServiceClient.from_connection_string(connection_string) as tables:
        are_stored = _post_samples(f"{base_url}/api/leads", tables)
        _print_leads(tables)
        _print_to_do(tables)
        _print_rejected(tables)
    if not are_stored:
        console.print("[yellow]Some leads are still on their way; the log below tells of them.[/]")
    _print_where_to_look(base_url, connection_string)


def _post_samples(url: str, tables: TableServiceClient) -> bool:
    """Post each sample and wait until it is stored; say whether all were."""
    are_stored = True
    with httpx.Client(timeout=10) as client, Progress(console=console) as progress:
        for name, offer in progress.track(LEADS, description="posting sample leads"):
            answer = client.post(f"{url}/{offer}" if offer else url, content=(SAMPLES / name).read_bytes())
            progress.console.print(f"  {answer.status_code} {answer.reason_phrase:<12} {name}")
            if answer.status_code == httpx.codes.ACCEPTED:
                are_stored &= _wait_until_stored(tables, answer.json()["id"])
    return are_stored


def _wait_until_stored(tables: TableServiceClient, event_id: str) -> bool:
    give_up_at = time.monotonic() + STORED_WITHIN_SECONDS
    while time.monotonic() < give_up_at:
        arrived = {row["EventId"]: (row["LeadPartition"], row["LeadRow"]) for row in _rows(tables, "MarketplaceLeads")}
        leads = {(row["PartitionKey"], row["RowKey"]): row for row in _rows(tables, "Leads")}
        due = {tuple(row["RowKey"].split("|", 2)[1:]) for row in _rows(tables, "FollowUps")}
        lead = leads.get(arrived.get(event_id, ("", "")))
        if lead and ("NextReminderAt" not in lead or arrived[event_id] in due):
            return True
        time.sleep(0.1)
    return False


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
        name = f"{row['FirstName']} {row['LastName']}"
        cells = (
            name,
            row["Company"],
            row["RowKey"],
            row["ActionCode"],
            row["ActionCount"],
            status,
            row["IdentifiedBy"],
        )
        table.add_row(*(escape(str(cell)) for cell in cells))
    console.print(table)


def _print_to_do(tables: TableServiceClient) -> None:
    table = Table(
        "Due",
        "Name",
        "Company",
        "Offer",
        "Action",
        title="FollowUps: who is to be answered, oldest first",
        box=box.SIMPLE,
    )
    for row in _rows(tables, "FollowUps"):
        due = datetime.fromisoformat(row["RowKey"].partition("|")[0]).strftime("%Y-%m-%d %H:%M UTC")
        table.add_row(due, *(escape(str(row[column])) for column in ("Name", "Company", "OfferTitle", "ActionCode")))
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
