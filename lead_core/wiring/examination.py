"""Put together what `leads doctor` looks at."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lead_core.adapters.azure.gauges import AzureAccountGauge, AzureQueueGauge
from lead_core.adapters.azure.queue import open_queues
from lead_core.adapters.azure.table import open_tables
from lead_core.adapters.door import WebDoor
from lead_core.adapters.mail.login import open_mail_login
from lead_core.operations.examining import Examining, MailServerSeen, Stores
from lead_core.operations.judging import SCHEDULES, START_HERE, START_IN_AZURE
from lead_core.operations.knocking import Knocking
from lead_core.ports.runs import Timer
from lead_core.settings import is_by_default
from lead_core.wiring.intake import POISON_QUEUE_NAME, QUEUE_NAME, Services


def open_examining(services: Services) -> Examining:
    """Return the step that examines the app."""
    settings = services.settings
    start_app = START_HERE if settings.uses_emulator else START_IN_AZURE
    return Examining(
        settings=settings,
        stores=None if settings.storage_mistakes else _open_stores(services),
        mail=_open_mail(services),
        knocking=Knocking(WebDoor(), start_app),
        own_schedules=frozenset(each for each in Timer if not is_by_default(settings, SCHEDULES[each])),
        start_app=start_app,
        zone=ZoneInfo(settings.time_zone),
        clock=lambda: datetime.now(UTC),
    )


def _open_stores(services: Services) -> Stores:
    settings, rest = services.settings, services.rest
    queues = open_queues(services.account, services.stack)
    return Stores(
        account=AzureAccountGauge(open_tables(services.account, services.stack)),
        queue=AzureQueueGauge(queues.get_queue_client(QUEUE_NAME)),
        poison=AzureQueueGauge(queues.get_queue_client(POISON_QUEUE_NAME)),
        inbox=settings.marketplace_leads_table,
        tables=(settings.leads_table, settings.follow_ups_table),
        repository=rest.repository,
        rejects=rest.rejects,
        runs=rest.runs,
        troubles=rest.claims,
        erasures=rest.erasures,
        canaries=rest.canaries,
        read_offers=rest.reports.read_offers,
    )


def _open_mail(services: Services) -> MailServerSeen | None:
    settings = services.settings
    if not (settings.mail_url and settings.mail_from):
        return None
    people = (*settings.owners.people, settings.escalate_to, settings.summary_address)
    recipients = tuple(dict.fromkeys(filter(None, people)))
    login = open_mail_login(settings.mail_url, services.stack)
    return MailServerSeen(login, settings.mail_url.host, settings.mail_from, recipients)
