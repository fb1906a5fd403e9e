"""What goes wrong on the way out of the mails, in the running app: one bad lead, address, row or provider.

Whatever it is, every other lead is told within two ticks, no lead is in two mails, a mail that comes again has no lead
that it had not before, and it comes again a few times at most.
"""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from azure.core.exceptions import ResourceExistsError
from azure.data.tables import TableClient

from local.azurite import Azurite
from tests.stress.post_offices import GTUBE, AzureOffice, Faults, SmtpOffice, Taken
from tests.system.app import App, lead
from tests.system.team import SELDOM

BOSS = "boss@contoso.example"
DESKS = [f"desk-{number}@contoso.example" for number in range(3)]
OWNERS = "; ".join([*(f"contoso.offer-{number}: {desk}" for number, desk in enumerate(DESKS)), "sales@contoso.example"])
LEADS_EACH = 6
FIRST_WAIT = 1
LAST_MAIL_FIRST = {"NEW_LEAD_NOTICE": "off", "REMINDER_WAITS": f"{FIRST_WAIT}s"}
"""The first mail about each lead is also the last, so it is escalated to ``ESCALATE_TO`` then."""
ROUNDS = 10
"""How often a claim runs out and the timer ticks after the first two ticks. In life, that is hours."""
MOST_COPIES = 8
"""How often one mail may come. Nobody knows how often a provider lost its answer, but it ends."""
MOST_TEST_MAILS = 4

Office = SmtpOffice | AzureOffice


@dataclass(frozen=True, slots=True)
class MailFault:
    """One thing that goes wrong."""

    name: str
    faults: Faults = field(default_factory=Faults)
    settings: dict[str, str] = field(default_factory=dict)
    bad_lead: str = ""
    """What the description of one lead holds."""
    test_leads: int = 0
    """How many test leads come before the others, each of an offer of its own."""
    edit: Callable[[App], None] = lambda _app: None
    """What a person does to the tables before the first tick."""
    by_azure: bool = False


def edit_what_steers_the_mails(app: App) -> None:
    """Edit rows of all tables that a tick reads."""
    far = datetime.now(UTC) + timedelta(days=365)
    rows: list[tuple[str, dict[str, object]]] = [
        ("Digests", {"PartitionKey": "owners", "RowKey": DESKS[0], "Owner": DESKS[0], "Until": far, "Leads": "[["}),
        (
            "Digests",
            {"PartitionKey": "owners", "RowKey": "x", "Leads": json.dumps([["p", "r", 0, 0]]), "Until": "soon"},
        ),
        ("Digests", {"PartitionKey": "test-leads", "RowKey": "no day"}),
        ("FollowUps", {"PartitionKey": "2020-01-01T00", "RowKey": "by hand", "Owner": 7}),
        ("RejectedLeads", {"PartitionKey": "2016-01-01", "RowKey": "1", "Retry": True, "ReceivedAt": "2016"}),
        ("RejectedLeads", {"PartitionKey": "2999-01-01", "RowKey": "2", "Retry": "ja", "Body": 7}),
    ]
    for table, row in rows:
        with TableClient.from_connection_string(app.connection_string, table) as client:
            with suppress(ResourceExistsError):
                client.create_table()
            client.upsert_entity(row)


def _on_either_way(*, by_azure: bool) -> Iterator[MailFault]:
    way = "by Azure" if by_azure else "by SMTP"
    yield MailFault(f"nothing, {way}", by_azure=by_azure)
    yield MailFault(f"a text is refused, {way}", Faults(GTUBE), bad_lead=GTUBE, by_azure=by_azure)
    yield MailFault(f"the escalation is put off, {way}", Faults(puts_off={BOSS}), LAST_MAIL_FIRST, by_azure=by_azure)
    yield MailFault(f"the escalation is refused, {way}", Faults(refuses={BOSS}), LAST_MAIL_FIRST, by_azure=by_azure)
    yield MailFault(f"answers are lost, {way}", Faults(loses_answers=True), by_azure=by_azure)
    yield MailFault(f"an owner is refused, {way}", Faults(refuses={DESKS[1]}), by_azure=by_azure)


MAIL_FAULTS: Sequence[MailFault] = (
    *_on_either_way(by_azure=False),
    *_on_either_way(by_azure=True),
    MailFault("a flood of test leads", test_leads=200),
    MailFault("rows edited by hand", edit=edit_what_steers_the_mails),
    MailFault("two seconds a mail", Faults(seconds_a_mail=2)),
)


@dataclass(frozen=True, slots=True)
class MailOutcome:
    """What came out."""

    fault: MailFault
    leads: int
    untold_after_two_ticks: int
    """The bad lead does not count: it may take longer."""
    untold: int
    doubled: int
    """Leads in two mails with different ids. The escalation is another mail, and not counted with the owner's."""
    joined: int
    """Mails that came again with a lead that was not in them before."""
    most_copies: int
    """How often the mail that came most often came."""
    mails: int
    test_mails: int

    @property
    def is_good(self) -> bool:
        """Whether nobody was held up, and nothing came too often."""
        wrong = self.untold_after_two_ticks + self.untold + self.doubled + self.joined
        return not wrong and self.most_copies <= MOST_COPIES and self.test_mails <= MOST_TEST_MAILS


def run_mail_fault(fault: MailFault) -> MailOutcome:
    """Post leads for three owners during *fault*, let the timer tick, and say what came out."""
    people = {f"P{number} Smith" for number in range(LEADS_EACH * len(DESKS))}
    with _running(fault) as (app, office):
        for number in range(fault.test_leads):
            test_lead = lead(9_000 + number, LastName=f"MSFT_TEST_{number}")
            app.post(test_lead.replace(b"Contoso CRM", f"Title {number}".encode()))
        for number in range(len(people)):
            what = fault.bad_lead if number == 0 else "please call"
            app.post(lead(number, what), f"contoso.offer-{number % len(DESKS)}")
        app.wait_until_processed()
        fault.edit(app)
        time.sleep(FIRST_WAIT if "REMINDER_WAITS" in fault.settings else 0)
        for _ in range(2):
            app.run_now("send_reminders")
        bad = {"P0 Smith"} if fault.bad_lead else set[str]()
        told_soon = _find_told(office.taken)
        for _ in range(ROUNDS):
            app.let_claims_run_out()
            app.run_now("send_reminders")
        return _judge(fault, people, told_soon | bad, office.taken)


def _judge(fault: MailFault, people: set[str], told_soon: set[str], taken: Sequence[Taken]) -> MailOutcome:
    copies = Counter(mail.id for mail in taken)
    ids, first = defaultdict[tuple[str, bool], set[str]](set), dict[str, frozenset[str]]()
    joined = 0
    for mail in taken:
        joined += not mail.leads <= first.setdefault(mail.id, mail.leads)
        for name in mail.leads:
            ids[name, BOSS in mail.to].add(mail.id)
    return MailOutcome(
        fault=fault,
        leads=len(people),
        untold_after_two_ticks=len(people - told_soon),
        untold=len(people - _find_told(taken)),
        doubled=sum(len(each) > 1 for each in ids.values()),
        joined=joined,
        most_copies=max(copies.values(), default=0),
        mails=len(copies),
        test_mails=len({mail.id for mail in taken if not mail.leads}),
    )


def _find_told(taken: Sequence[Taken]) -> set[str]:
    return {name for mail in taken for name in mail.leads}


@contextmanager
def _running(fault: MailFault) -> Iterator[tuple[App, Office]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        storage = stack.enter_context(Azurite())
        office: Office = AzureOffice(fault.faults) if fault.by_azure else SmtpOffice(fault.faults)
        office.start()
        stack.callback(office.stop)
        timers = {"REMINDER_SCHEDULE": SELDOM, "CHECK_SCHEDULE": SELDOM}
        settings = {"OWNERS": OWNERS, "ESCALATE_TO": BOSS, "MAIL_URL": office.url, **timers, **fault.settings}
        app = App(storage.connection_string, folder / "host.log", settings)
        app.start()
        stack.callback(app.stop)
        yield app, office
