"""The whole app on tables that may fail at any call, with the host, the provider and the people around it.

The model learns of everything as it happens: a post enters when its lead's row is written, and not before.
"""

import hashlib
import hmac
import json
import re
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from lead_core.adapters.memory import MemoryQueue, MemoryTable
from lead_core.adapters.tables.table import Entity, KeyRange, Table
from lead_core.errors import AnswerError, ExpiredLinkError, LeadError
from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.owners import Owners
from lead_core.lead.person import Contact
from lead_core.lead.received import Envelope
from lead_core.lead.values import LeadKey
from lead_core.marketplace.envelope import encode_envelope
from lead_core.messages import Mail
from lead_core.operations.belonging import Sought
from lead_core.steps.processing import Outcome
from lead_core.steps.sending import PUT_OFF_FOR
from lead_core.views.form import parse_answer
from tests.examples import ANNA, BOSS, NOON, SALES
from tests.steps import SIGNER, TABLES, Steps
from tests.stories.model import ANSWERED, DO_NOT_CONTACT, NEW, Expected, Post, find_actions, find_cover, find_lift
from tests.stories.provider import MARKER, Fate, Provider
from tests.stories.trouble import HARMS, Kind, Trouble, Weather
from tests.stories.twins import Key, Twins, Watched
from tests.to_do_list import FOLLOW_UP, NEVER_ANSWERED, EntryKey, entries_asked_for
from tests.weather import CrashError, Exposed

CARL = "carl@contoso.example"
NAMES = {"anna": ANNA}
"""What people may type into an owner cell instead of an address."""
OFFERS = {"contoso.contoso-crm": SALES, "contoso.erp": ANNA, "contoso.portal": "", "contoso.backup": ""}
"""The offers, and whose they are by the rules. ``""`` if a rule shares them out: each person has one owner then."""
RULES = f"contoso.erp: {ANNA}; contoso.portal contoso.backup: {ANNA}, {CARL}; {SALES}"
WAITS = [timedelta(0), timedelta(hours=24), timedelta(days=3), timedelta(days=7)]
POLICY = FollowUpPolicy(
    internal_domains=frozenset({"inside.example"}),
    owners=Owners.parse(RULES),
)

PEOPLE: dict[str, list[Contact]] = {
    "john": [
        Contact("John", "Smith", "jsmith@northwind.example", "", "US", "Northwind"),
        Contact("JOHN", "", "JSmith+ms@Northwind.example", "", "", "", "CTO"),
    ],
    "ada": [
        Contact("Ada", "King", "", "(617) 555-5555", "US", "Fabrikam"),
        Contact("", "KING", "", "+1 617 555 5555", "", ""),
    ],
    "tester": [Contact("MSFT_TEST_1", "MSFT_TEST_1", "msft_test_1@test.example", "", "US", "MSFT_TEST_1")],
    "insider": [Contact("Ida", "Inside", "ida@inside.example", "", "", "")],
    "nobody": [Contact()],
}
NO_WORK = {"tester", "insider"}
MOST_NAMED = 10
"""How many of those who were never answered a mail names."""


def count_mails(lead: Expected) -> int:
    """Return how many mails there are about a lead that nobody answers."""
    return 1 if lead.who.startswith("nobody") else len(WAITS)


class World:
    """The app, its storage and its people at one time, and what must be true of them."""

    def __init__(self, pair: Callable[[str, MemoryTable], Table] | None = None) -> None:  # noqa: PLR0915 -- a list
        self.now = NOON
        self.memory = {name: Watched(lambda: self.now) for name in TABLES}
        self.tables: dict[str, Table] = {
            name: pair(name, table) if pair else table for name, table in self.memory.items()
        }
        self.weather = Weather()
        self.weather.meanwhile = self._let_somebody_in
        self.queue = MemoryQueue()
        self.provider = Provider(self._judge, self._forget_refused, self._forget_put_off)
        self.ids = (f"{number:032x}" for number in range(1, 100_000))
        self._open_the_app()

        self.book: dict[Key, Expected] = {}
        self.owners: dict[str, str] = {}
        """Who got the first lead of each person that a rule shares out."""
        self.keys: dict[tuple[str, str], Key] = {}
        """Where the lead of each person and offer stands."""
        self.meanings: dict[tuple[str, bytes], Post | None] = {}
        """What each event's body says. None if it can't be read."""
        self.posted: set[str] = set()
        """The events that can be read as they were posted."""
        self.received: set[Post] = set()
        """What was processed to the end."""
        self.refused: set[str] = set()
        """The events that could not be read when they were processed."""
        self.sent: list[bytes] = []
        """Every message that was ever in the queue."""
        self.failed: set[bytes] = set()
        self.links: list[tuple[Key, str, datetime]] = []
        self.mails: defaultdict[Key, list[tuple[tuple[int, ...], str]]] = defaultdict(list)
        """The mails about each lead that may have arrived: which one it is, and its id."""
        self.counted: set[tuple[Key, int]] = set()
        """The leads and numbers of the mails that the provider took."""
        self.mail_count = 0
        self.first_leads: dict[str, set[Key]] = {}
        """The leads of each mail when it was first sent."""
        self.told_rejects: set[str] = set()
        """The rejected leads of which the default owner was told."""
        self.handed_on: dict[Key, str] = {}
        """The leads of an address that was refused in this step."""
        self.is_shaken = False
        """Whether a step ended early since the last check. Then the to-do list may lack an entry."""
        self._resting: set[EntryKey] = set()
        """The entries of those who were never answered when the tick began."""
        self._writes: list[Callable[[Key], None]] = []
        self._disturbed: set[str] = set()
        self._erased: set[Key] = set()
        self.forgotten: dict[str, tuple[str, datetime]] = {}
        """Who was erased by the privacy officer: the partition of their leads, and when."""
        self.objecting: set[str] = set()
        """Those of them who had asked not to be contacted, and of whom nobody has lifted it since."""
        self._forgetting = ""
        """Who is being erased now."""
        self.tested: set[date] = set()
        """The days on which test leads came."""

    def _open_the_app(self) -> None:
        weather = self.weather.before, self.weather.after
        tables = {
            name: Exposed(table, *weather, self._note_write if name == "leads" else None)
            for name, table in self.tables.items()
        }
        self.steps = Steps(tables, Exposed(self.queue, *weather), self.provider, POLICY)
        self.office = Steps(tables, self.queue, self.provider, POLICY)
        """What the privacy officer works with. Nothing befalls their look into the queue."""

    # Steps. Each returns whether it came to its end.

    async def run(self, step: Callable[[], Awaitable[object]], trouble: Trouble | None = None) -> bool:
        """Let the host run a step. The step may end early."""
        self._disturbed.clear()
        self._erased.clear()
        with self.weather.lasting(trouble):
            try:
                await step()
            except (CrashError, LeadError):
                return False
        return True

    async def post(
        self,
        post: Post | None,
        content: bytes,
        event_id: str,
        received_at: datetime,
        trouble: Trouble | None = None,
    ) -> None:
        """The marketplace posts, intake enqueues, and a worker gets the message."""
        self.meanings[event_id, content] = post
        message = encode_envelope(Envelope(event_id, received_at, "", content))
        self.queue.messages.append(message)
        self.sent.append(message)
        if post:
            self.posted.add(event_id)
        await self.deliver(message, trouble)

    def read(self, message: bytes) -> Post | None:
        """Return what a message says."""
        return self.meanings[_find_event(message), message.partition(b"\n")[2]]

    def pick_message(self, number: int) -> bytes:
        """Return one of the messages that wait, or one of those that were ever there."""
        messages = [*self.queue.messages, *reversed(self.sent)]
        return messages[number % len(messages)]

    async def deliver(self, message: bytes, trouble: Trouble | None = None) -> None:
        """The host gives a message to a worker, perhaps again. The message goes once the worker returns."""
        if message not in self.queue.messages:
            self.queue.messages.append(message)
        if await self.run(lambda: self._process(message), trouble):
            self._drop(message)
            self.failed.discard(message)
        else:
            self.failed.add(message)

    async def _process(self, message: bytes) -> None:
        post = self.read(message)

        def enter(key: Key) -> None:
            assert post, "a lead was made of what can't be read"
            if key in self.book and self.book[key].offer != post.offer:  # What was typed says something of the person.
                self._notice(key)
                return
            assert self.keys.setdefault((post.who, post.offer), key) == key, "one person, two leads"
            owner = OFFERS[post.offer] or self.owners.setdefault(post.who, self.rows("leads")[key]["Owner"])
            lead = self.book.get(key) or Expected(post.who, post.offer, owner, owner=owner)
            assert (lead.who, lead.offer) == (post.who, post.offer), "two people, one lead"
            self.book[key] = lead.entered(post) if lead.posts else self._close_if_objecting(lead.entered(post))

        with self._writing(enter):
            (processed,) = await self.steps.processing.process(message, message_id="m", queued_at=self.now)
        assert (processed.outcome is Outcome.REJECTED) == (post is None)
        if processed.outcome is Outcome.ERASED:
            assert post
            assert self._is_covered(post) or post.who == self._forgetting, "a lead that was not erased is lost"
            self._let_go(post)
        elif post:
            is_late = self._is_covered(post) and post.who not in self._disturbed
            assert not is_late, "a delivery from before an erasure came in after it"
            self.received.add(post)
            if post.who == "tester":
                self.tested.add(post.received_at.date())
        else:
            self.refused.add(processed.event_id)

    async def park(self, trouble: Trouble | None = None) -> None:
        """The host gives up on a message that failed, and lets the app park it. The message goes once that is done."""
        message = self.unfinished[0]
        if await self.run(lambda: self.steps.processing.park(message, message_id="m", queued_at=self.now), trouble):
            self._drop(message)
            self.is_shaken = True  # It may have been half done.
            post = self.read(message)
            if post and self._is_covered(post):
                self._let_go(post)
            elif post:
                self._find_parked(message)

    def _find_parked(self, message: bytes) -> None:
        kept = [row for (_, name), row in self.rows("rejects").items() if name == _find_event(message)]
        assert message in self.queue.messages or (kept and (kept[0]["Retry"] or kept[0]["Retries"]))

    def _drop(self, message: bytes) -> None:
        if message in self.queue.messages:  # Another worker may have had it, too.
            self.queue.messages.remove(message)

    async def tick(self, trouble: Trouble | None = None) -> None:
        """The timer ticks."""
        self.handed_on.clear()
        self.is_shaken |= not await self.run(self._tick, trouble) or (trouble is not None and trouble.kind in HARMS)
        if trouble is None:
            assert all(self.rows("leads")[key]["OwnerRefused"] == address for key, address in self.handed_on.items())

    async def _tick(self) -> None:
        before = self._resting
        self._resting = {entry for entry in self.find_listed() if entry[0] == NEVER_ANSWERED}
        with self._writing(self._notice):
            try:
                await self.steps.tick(self.now, self.ids)
            finally:
                self._resting = before
                await self.steps.retrying.tick(now=self.now)

    async def retry(self, trouble: Trouble | None = None) -> None:
        """The timer ticks while a setting of the mails is wrong."""
        await self.run(lambda: self.steps.retrying.tick(now=self.now), trouble)

    async def check(self, trouble: Trouble | None = None) -> None:
        """The hourly check runs."""
        is_done = await self.run(self._check, trouble) and trouble is None
        self.is_shaken = not is_done
        if is_done:
            self._find_all_in_order()

    async def _check(self) -> None:
        with self._writing(self._notice):
            try:
                await self.steps.reconciling.check(now=self.now)
            finally:
                self._learn_lifts()
                await self.steps.retrying.check()

    def find_open_link(self, number: int) -> int:
        """Return a link to a lead whose customer waits, if there is one."""
        waiting = [place for place, (key, *_) in enumerate(self.links) if key in self.book and self._waits(key)]
        return waiting[-1 - number % len(waiting)] if waiting else -1

    async def click(self, link: int, choice: str, click: str, colleague: str, trouble: Trouble | None = None) -> None:
        """A person opens a link of a mail, and says what became of the lead."""
        key, token, signed_at = self.links[link % len(self.links)]
        tomorrow = (self.now + timedelta(days=1)).date()
        form = {
            "choice": choice,
            "click": click,
            "colleague": colleague,
            "confirm": colleague if choice == "pass" else "",  # Carl is not in OWNERS.
            "reason": "too small",
            "follow_up_on": tomorrow.isoformat(),
        }
        said = parse_answer(form, today=self.now.date())
        follow_up_at = datetime.combine(tomorrow, time(8), NOON.tzinfo)

        def say(written: Key) -> None:
            if written != key:  # What the answer says of the person.
                self._notice(written)
                return
            known = self._know_what_was_read(key, choice, trouble)
            is_known = (click, choice) in known.clicks
            assert choice != "no-answer" or is_known or known.has_run, "a lead is given up before its plan has run"
            self.book[key] = known.clicked(choice, click, self.now, colleague=colleague, follow_up_at=follow_up_at)

        async def answer() -> None:
            with self._writing(say):
                try:
                    await self.steps.answering.record(token, said, now=self.now)
                except AnswerError as error:
                    owner = self.book[key].noticed().owner
                    has_it = choice == "pass" and NAMES.get(owner, owner) == colleague
                    is_too_early = choice == "no-answer" and not self._know_person(self.book[key].noticed()).has_run
                    if choice != "lift" and not has_it and not is_too_early:
                        raise AssertionError from error
                except ExpiredLinkError:
                    assert self.now - signed_at > timedelta(days=30)
                else:
                    assert self.now - signed_at < timedelta(days=30, seconds=1)

        is_typed = any(lead.typed is not None for (who, _), lead in self.book.items() if who == key[0])
        asked, listed = self.find_asked(), self.find_listed()
        self.is_shaken |= not await self.run(answer, trouble)
        if trouble is None:
            if choice in {"do-not-contact", "lift"} and not is_typed:
                self._find_person_agreed(key)
            assert not (asked & listed & self.find_listed()) - self.find_asked(), "it is on the to-do list in vain"

    def _know_what_was_read(self, key: Key, choice: str, trouble: Trouble | None) -> Expected:
        """Return a lead with what its person's other offers said when an answer about it was written.

        What is typed there amid the answer comes too late. The next check notices it.
        """
        lead = self.book[key].noticed()
        knows_all = trouble is None or choice == "lift" or self._is_written_closed(key)
        return self._know_person(lead) if knows_all else lead

    def _know_person(self, lead: Expected) -> Expected:
        """Return a lead with what is said of its person on other offers."""
        if (closed_at := self.cover_of(lead)) and lead.word != DO_NOT_CONTACT:
            return lead.decided(DO_NOT_CONTACT, closed_at).noticed()
        lifted_at = self.lift_of(lead)
        return lead.reopened(lifted_at).noticed() if lifted_at else lead

    def _find_person_agreed(self, key: Key) -> None:
        """Check that all rows of a person say the same of *do not contact*, right after it was said or lifted."""
        for each, lead in self.book.items():
            if each[0] == key[0]:
                assert self._know_person(lead) == lead, "a row of the person says something else"
                assert self.rows("leads")[each]["Status"] == lead.cell

    async def type_cell(self, number: int, column: str, text: str | None) -> None:
        """A person edits a cell of a lead in the grid. With None, they empty it."""
        there = sorted(self.book.keys() & self.rows("leads").keys())
        if not there:  # All are being erased.
            return
        key = there[number % len(there)]
        row = self.rows("leads")[key]
        written = {name: value for name, value in row.items() if name != column}
        if text is not None:
            written[column] = text
        await self.tables["leads"].upsert(written)
        self.book[key] = self.book[key].typed_over(column, text, self.now)
        self._disturbed.add(self.book[key].who)

    def pick_reject(self, number: int) -> Entity:
        """Return one of the rejected leads."""
        rejects = self.rows("rejects")
        return rejects[sorted(rejects)[number % len(rejects)]]

    async def mend_reject(self, row: Entity, post: Post, content: bytes) -> None:
        """A person corrects the body of a rejected lead, and asks for another try."""
        if row["RowKey"] not in self.posted:
            self.posted.add(row["RowKey"])
            self.meanings[row["RowKey"], content] = post
            row = {name: value for name, value in row.items() if not name.startswith("Body")}
            row["Body"] = content.decode()
        await self.tables["rejects"].upsert(row | {"Retry": "yes"})

    async def erase(self, number: int) -> None:
        """A person erases a lead. Later posts make a new one."""
        key = sorted(self.book)[number % len(self.book)]
        await self.tables["leads"].delete(*key)
        self._disturbed.add(self.book.pop(key).who)
        self._erased.add(key)
        self.mails.pop(key, None)
        self.counted = {each for each in self.counted if each[0] != key}

    # The privacy officer.

    async def forget(self, number: int, trouble: Trouble | None = None) -> None:
        """The privacy officer erases a person. If the command ends early, they give it again."""
        key = sorted(self.book)[number % len(self.book)]
        who, closed = self.book[key].who, self._find_closed(self.book[key].who)
        sought: list[Sought] = []
        if not await self.run(lambda: self._forget(who, key, sought), trouble):
            assert await self.run(lambda: self._forget(who, key, sought))
        self.is_shaken |= trouble is not None
        if trouble is None:
            assert (who in self.objecting) == closed, "an objection is lost, or made up"

    async def _forget(self, who: str, key: Key, sought: list[Sought]) -> None:
        self._forgetting = who
        try:
            with self._writing(self._notice):
                if not sought:  # Who gives the command again knows whom it is about.
                    leads = await self.office.repository.leads.list_person(LeadKey(*key))
                    sought.append(await self.office.belonging.seek(leads, []))
                receipt = await self.office.erasing.erase(
                    sought[0],
                    reason="",
                    objects=False,
                    now=self.now,
                    new_id=lambda: next(self.ids),
                    on_read=lambda _: None,
                )
        finally:
            self._forgetting = ""
        assert receipt.is_done
        self._note_forgotten(who, key[0], objects=receipt.objects)

    def _note_forgotten(self, who: str, partition: str, *, objects: bool) -> None:
        if who in self.objecting and self._is_lifted(who):
            self.objecting.discard(who)
        self.forgotten[who] = (partition, self.now)
        if objects:
            self.objecting.add(who)
        for key in [key for key, lead in self.book.items() if lead.who == who]:
            del self.book[key]
            self._erased.add(key)
            self.mails.pop(key, None)
            self.counted = {each for each in self.counted if each[0] != key}
        self._disturbed.add(who)
        for post in [post for post in self.meanings.values() if post and post.who == who]:
            if self._is_covered(post):
                self._let_go(post)

    def _let_go(self, post: Post) -> None:
        """Expect nothing more of a post whose person was erased."""
        self.posted.discard(post.event_id)
        self.refused.discard(post.event_id)
        self.received.discard(post)

    def _is_covered(self, post: Post) -> bool:
        return post.who in self.forgotten and post.received_at <= self.forgotten[post.who][1]

    def _find_closed(self, who: str) -> bool:
        """Return whether a person said of one of their leads that its customer is not to be contacted, or ever did."""
        leads = [self._know_person(lead.noticed()) for lead in self.book.values() if lead.who == who]
        still_objects = who in self.objecting and not self._is_lifted(who)
        return still_objects or any(lead.word == DO_NOT_CONTACT for lead in leads)

    def _close_if_objecting(self, lead: Expected) -> Expected:
        """Return a new lead of an erased person, who may have asked not to be contacted."""
        if lead.who not in self.objecting:
            return lead
        erased_at = self.forgotten[lead.who][1]
        return lead if self._is_lifted(lead.who) else lead.decided(DO_NOT_CONTACT, erased_at).noticed()

    def _is_lifted(self, who: str) -> bool:
        erased_at, leads = self.forgotten[who][1], (lead.noticed() for lead in self.book.values() if lead.who == who)
        return any(lead.reopened_at and lead.reopened_at >= erased_at for lead in leads)

    def _learn_lifts(self) -> None:
        """Once the check has seen that someone lifted an objection, the objection is gone for good."""
        rows = self.rows("erasures")
        for who in [who for who in self.objecting if self._is_lifted(who)]:
            key, partition = rows["key", "key"]["Key"], self.forgotten[who][0]
            name = hmac.new(key.encode(), partition.encode(), hashlib.sha256).hexdigest()[:32]
            if not rows["people", name]["Objects"]:
                self.objecting.discard(who)

    async def sweep(self) -> None:
        """Let the check remove what a worker wrote while a person was erased."""
        back = {key: lead for key, lead in self.book.items() if any(map(self._is_covered, lead.posts))}
        if back:
            await self._check()
        for key in back:
            assert key not in self.rows("leads"), "a lead of an erased person came back"
            del self.book[key]
        for post in list(filter(self._is_covered, self.received)):
            self._let_go(post)

    async def date_claim(self, number: int) -> None:
        """A clock is wrong, or a person edits a claim: it holds for a year."""
        claims = [row for row in self.rows("digests").values() if "Leads" in row]
        if claims:
            held = claims[number % len(claims)] | {"Until": self.now + timedelta(days=365)}
            await self.tables["digests"].upsert(held)

    async def lose_entry(self, number: int) -> None:
        """A person deletes a line of the to-do list."""
        for key in list(self.rows("follow_ups"))[number:][:1]:
            await self.tables["follow_ups"].delete(*key)
        self.is_shaken = True

    async def _let_somebody_in(self, trouble: Trouble) -> None:
        disturbed, shaken = set(self._disturbed), self.is_shaken
        if trouble.kind is Kind.TICKED:
            await self.tick()
        elif trouble.kind is Kind.DELIVERED and self.sent:
            await self.deliver(self.pick_message(trouble.lead))
        elif trouble.kind is Kind.CHECKED:
            await self._check()
        elif trouble.kind is Kind.CLICKED and self.links:
            await self.click(trouble.lead, "contacted", "meanwhile", "")
        elif trouble.kind is Kind.ERASED and self.book:
            await self.erase(trouble.lead)
        elif trouble.kind is Kind.FORGOTTEN and self.book and not self._forgetting:
            key = sorted(self.book)[trouble.lead % len(self.book)]
            await self._forget(self.book[key].who, key, [])
        elif trouble.kind in {Kind.TYPED, Kind.OWNER} and self.book:
            column = "Status" if trouble.kind is Kind.TYPED else "Owner"
            await self.type_cell(trouble.lead, column, trouble.word)
        self._disturbed |= disturbed
        self.is_shaken |= shaken

    # What the model is told.

    @contextmanager
    def _writing(self, on_write: Callable[[Key], None]) -> Iterator[None]:
        self._writes.append(on_write)
        try:
            yield
        finally:
            self._writes.pop()

    def _note_write(self, row: Entity) -> None:
        key = row["PartitionKey"], row["RowKey"]
        self._writes[-1](key)
        if len(self._writes) > 1:
            self._disturbed.add(self.book[key].who)

    def _notice(self, key: Key) -> None:
        """The app wrote the row of a lead. It noticed what was typed, and *do not contact* may have spread to it."""
        lead = self.book[key].noticed()
        closed_at, lifted_at = self.cover_of(lead), self.lift_of(lead)
        # In the status cell, a notice of the marketplace looks the same, and a word that can't be read may stay.
        is_closed = self._is_written_closed(key)
        if closed_at and lead.word != DO_NOT_CONTACT and is_closed:
            lead = lead.decided(DO_NOT_CONTACT, closed_at).noticed()
        elif lifted_at and not is_closed:
            lead = lead.reopened(lifted_at).noticed()
        self.book[key] = lead

    def _is_written_closed(self, key: Key) -> bool:
        """Whether the app last wrote of a lead that its customer is not to be contacted."""
        taken = json.loads(self.rows("leads")[key]["zAppDecisions"])["taken"]
        return bool(taken) and taken[-1]["status"] == DO_NOT_CONTACT

    def cover_of(self, lead: Expected) -> datetime | None:
        """Return when *do not contact* on another offer began to cover a lead, from what is known now."""
        return find_cover(lead, (other.noticed() for other in self.book.values() if other.who == lead.who != "nobody"))

    def lift_of(self, lead: Expected) -> datetime | None:
        """Return when another offer's *lift* ended the *do not contact* of a lead, from what is known now."""
        return find_lift(lead, (other.noticed() for other in self.book.values() if other.who == lead.who != "nobody"))

    def rows(self, name: str) -> dict[Key, Entity]:
        """Return the rows of a table as they stand in memory."""
        return self.memory[name].look()

    # Mails.

    def _judge(self, mail: Mail, fate: Fate) -> None:
        """Check that a mail that may arrive should arrive."""
        self.mail_count += 1
        turns = self._find_claimed(mail.id)
        own, _, below = mail.text.partition("NEVER ANSWERED")
        tokens = self._find_links(own)
        self._judge_list(mail, self._find_links(below), is_about_leads=bool(tokens))
        assert set(tokens) <= self.first_leads.setdefault(mail.id, set(tokens)), "a lead joined a mail"
        if mail.to == SALES and fate is Fate.SENT:
            self.told_rejects |= {key[1] for key, row in self.rows("rejects").items() if not row["Told"]}
        for key, token in tokens.items():
            self.links.append((key, token, self.now))
            if key not in self.book:
                assert key in self._erased, "a mail about a lead that is not there"
                continue
            self._judge_lead(key, turns[key], mail.id)
            if fate is Fate.SENT:
                self.counted.add((key, turns[key][1]))
                self.book[key] = self.book[key].told(self.now)

    def _judge_list(self, mail: Mail, named: Mapping[Key, str], *, is_about_leads: bool) -> None:
        """Check who stands below a mail's leads: who was never answered, and for the default owner all of them."""
        self.links += [(key, token, self.now) for key, token in named.items()]
        calm = {key for key in named if key in self.book and self.book[key].who not in self._disturbed}
        assert all(map(self._waits, calm)), "a mail names a person who was answered as never answered"
        listed = self.rows("follow_ups")
        still = self._resting & self.find_asked() & listed.keys()
        resting = {_find_lead(entry) for entry in still if "answered" in listed[entry]["State"]}
        waiting = {key for key in resting - named.keys() if key in self.book and self._waits(key)}
        # A lead with an owner whom the app has not noticed is about to be told to them. One of which a person typed
        # that they tried has its next attempt planned.
        rests = {key for key in waiting if self.book[key].noticed().next_attempt_at is None}
        forgotten = {key for key in rests if self.book[key].typed_owner is None}
        is_complete = len(resting) <= MOST_NAMED and "never got an answer" not in mail.text
        if mail.to == SALES and is_about_leads and is_complete:
            assert not {key for key in forgotten if self.book[key].who not in self._disturbed}, "somebody is forgotten"

    def _waits(self, key: Key) -> bool:
        lead = self.book[key].noticed()
        return lead.status == NEW and lead.who not in NO_WORK and self.cover_of(lead) is None

    def _find_links(self, text: str) -> dict[Key, str]:
        tokens = re.findall(r"/api/follow-up/([\w.-]+)", text)
        return {SIGNER.read(token, now=self.now).lead: token for token in tokens}

    def _find_claimed(self, mail_id: str) -> Mapping[Key, tuple[int, ...]]:
        claims = [row for row in self.rows("digests").values() if row.get("DigestId") == mail_id]
        assert len(claims) == 1, "only the holder of its claim sends a mail"
        # Only a lead whose owner changed has a third number.
        return {(partition, row): (*turn, 0)[:3] for partition, row, *turn in json.loads(claims[0].get("Leads", "[]"))}

    def _judge_lead(self, key: Key, turn: tuple[int, ...], mail_id: str) -> None:
        row, lead = self.rows("leads")[key], self.book[key].noticed()
        is_again = mail_id in {each for _, each in self.mails[key]}
        assert lead.who not in NO_WORK, "a mail about what is no work"
        if lead.who not in self._disturbed:  # An answer while the mail is on its way comes too late.
            assert lead.status != DO_NOT_CONTACT, "a mail about a person who is not to be contacted"
            assert self.cover_of(lead) is None, "a mail about a person who is not to be contacted on another offer"
            if lead.status in ANSWERED:
                is_planned = lead.planned_for is not None and lead.planned_for <= self.now
                assert lead.has_news or is_planned or is_again, "a mail about a lead that was answered"
            elif not (is_again or lead.is_passed_on or self._has_new_owner(row)):
                assert self._find_due_time(row) <= self.now, "a mail before its time"
                is_planned = lead.next_attempt_at is None or lead.next_attempt_at <= self.now
                assert is_planned, "an attempt is asked for before its time"
        if not is_again:
            last = max(self.mails[key], default=((-1, 0, 0), ""))[0]
            is_next = turn[:2] == (last[0], last[1] + 1) or turn[0] > last[0] or turn[2] > last[2]
            assert is_next, f"mail {turn} about a lead after {last}"
            self.mails[key].append((turn, mail_id))

    def _has_new_owner(self, row: Entity) -> bool:
        """Whether another owner was told of a lead. Its owner now is told at once, however they became it."""
        owner, told, *_ = json.loads(row["zAppDecisions"]).get("mails", ("", "", 0))
        return told not in {"", owner}

    def _find_due_time(self, row: Entity) -> datetime:
        sent = min(row["RemindersSent"], len(WAITS) - 1)
        times = [row["WaitingSince"] + WAITS[sent], row.get("SnoozedUntil")]
        if sent and row["RemindersSent"] < len(WAITS):
            times.append(row["LastReminderAt"] + WAITS[sent] - WAITS[sent - 1])
        due: datetime = max(filter(None, times))
        return due

    def _forget_refused(self, mail: Mail, refused: frozenset[str]) -> None:
        """Allow a lead in two mails in one case: the first try is uncertain, and the second is refused."""
        if mail.to in refused - {SALES, BOSS}:
            own, _, _ = mail.text.partition("NEVER ANSWERED")
            self.handed_on |= dict.fromkeys(self._find_links(own), mail.to)
        for key, mails in self.mails.items():
            self.mails[key] = [each for each in mails if each[1] != mail.id]

    def _forget_put_off(self, mail: Mail) -> None:
        """Know that a provider which has put off an owner's mails for a day means what they say."""
        claims = [row for row in self.rows("digests").values() if row.get("DigestId") == mail.id]
        if any(self.now - row.get("PutOffSince", self.now) >= PUT_OFF_FOR for row in claims):
            self._forget_refused(mail, frozenset())

    # What must be true.

    @property
    def unfinished(self) -> list[bytes]:
        """The messages that a worker did not finish."""
        return [message for message in self.queue.messages if message in self.failed]

    @property
    def is_claimed(self) -> bool:
        """Whether a mail is on its way, or may be."""
        return any(row.get("Until") for row in self.rows("digests").values() if "Leads" in row)

    def find_asked(self) -> set[EntryKey]:
        """Return the entries of the to-do list that the leads ask for."""
        return entries_asked_for(self.rows("leads").values())

    def find_listed(self) -> set[EntryKey]:
        """Return the entries of the to-do list."""
        return set(self.rows("follow_ups"))

    def find_overdue(self, now: datetime) -> set[EntryKey]:
        """Return the entries that are asked for and listed, and should have been mailed by *now*."""
        due = {entry for entry in self.find_asked() & self.find_listed() if entry[0] not in {NEVER_ANSWERED, FOLLOW_UP}}
        return {entry for entry in due if entry[1] < f"{now:%Y-%m-%dT%H:%M:%S.%fZ}~"}

    def is_marked(self, entry: EntryKey) -> bool:
        """Whether the lead of an entry of the to-do list says what the provider refuses."""
        _, partition, row = entry[1].split("|", 2)
        return MARKER in self.rows("leads")[partition, row]["Description"]

    def find_faults(self) -> None:
        """Compare the tables with what the model expects."""
        rows = self.rows("leads")
        assert rows.keys() == self.book.keys()
        for key, row in rows.items():
            self._compare_lead(key, row, self.book[key])
        for partition, erased_at in self.forgotten.values():
            of_theirs = (row for row in self.rows("inbox").values() if row["LeadPartition"] == partition)
            assert all(row["ReceivedAt"] > erased_at for row in of_theirs), "something of an erased person is left"
        events = Counter(row["EventId"] for row in self.rows("inbox").values())
        assert set(events.values()) <= {1}
        assert {post.event_id for post in self.received} <= events.keys()
        rejects = {key[1]: row for key, row in self.rows("rejects").items()}
        assert self.refused <= rejects.keys()
        queued = set(map(_find_event, self.queue.messages))
        for event_id in self.posted - {post.event_id for post in self.received} - queued - self.told_rejects:
            assert rejects[event_id]["Retry"] or not rejects[event_id]["Told"], "a lead of which nobody knows"
        if not self.is_shaken and not self.unfinished:
            assert self.find_asked() <= self.find_listed()
            listed = set(map(_find_lead, self.find_listed()))
            unanswered = {key for key, lead in self.book.items() if lead.status == NEW and lead.who not in NO_WORK}
            assert unanswered <= listed, "an unanswered lead left the to-do list"

    def _compare_lead(self, key: Key, row: Entity, lead: Expected) -> None:
        received = [post.received_at for post in lead.posts]
        assert row["ActionCount"] == len(find_actions(lead.posts))
        assert (row["FirstSeenAt"], row["LastSeenAt"]) == (min(received), max(received))
        for column in ("FirstName", "LastName", "Email", "Company", "Title", "Description", "ActionCode"):
            assert row[column] == lead.value(column)
        assert row.get("Status", "") == (lead.cell if lead.typed is None else lead.typed)
        assert row.get("Owner", "") == (lead.owner if lead.typed_owner is None else lead.typed_owner)
        assert row["Attempts"] == lead.attempts
        assert (row["IsTest"], row["IsInternal"]) == (lead.who == "tester", lead.who == "insider")
        sent = row["RemindersSent"]
        assert sent == 0 or (key, sent - 1) in self.counted
        if lead.typed is None and lead.typed_owner is None and not lead.wiped:
            self._compare_times(key, row, lead)

    def _compare_times(self, key: Key, row: Entity, lead: Expected) -> None:
        is_due_some_day = "NextReminderAt" in row
        if lead.who in NO_WORK or lead.status == DO_NOT_CONTACT:
            assert not is_due_some_day
        elif lead.status == NEW and lead.is_passed_on:
            assert row["NextReminderAt"] <= self.now
        elif lead.status == NEW:
            ladder = count_mails(lead)
            assert is_due_some_day or row["RemindersSent"] >= ladder
            if lead.next_attempt_at and not self._has_new_owner(row):
                assert row["NextReminderAt"] == lead.next_attempt_at, "the next attempt is planned for another time"
            if not lead.word and (key, ladder - 1) not in self.counted:  # Nobody answered, and it never rested.
                assert row["WaitingSince"] == min(post.received_at for post in lead.posts if post.is_own)
        elif lead.has_news:
            assert is_due_some_day

    def _find_all_in_order(self) -> None:
        """Compare the to-do list after a check."""
        assert self.find_listed() == self.find_asked()
        for lead in self.book.values():
            assert lead.typed is None
            assert lead.status == DO_NOT_CONTACT or self.cover_of(lead) is None
            assert self.lift_of(lead) is None

    async def compare(self) -> None:
        """Compare each table with its twin."""
        for table in self.tables.values():
            if isinstance(table, Twins):
                _ = [row async for row in table.query(KeyRange())]

    async def settle(self) -> None:
        """Let the host and people finish all that is open. Then nothing is lost, nothing is due, and it stays so."""
        self.provider.fates.clear()
        for _ in range(5):
            while self.queue.messages:
                await self.deliver(self.queue.messages[0])
            for row in list(self.rows("rejects").values()):
                if row["RowKey"] in self.posted - {post.event_id for post in self.received}:
                    await self.tables["rejects"].upsert(row | {"Retry": True})
            self.now += timedelta(minutes=11)
            await self.tick()
            await self.check()
        await self.tick()  # What had its last reminder just now is escalated.
        assert not self.queue.messages
        assert self.posted <= {post.event_id for post in self.received}
        assert not self.is_claimed
        assert not self.find_overdue(self.now)
        notes = [row for row in self.rows("digests").values() if "IsSent" in row]
        assert len(notes) == len(self.tested)
        told = {key for row in self.rows("digests").values() for key in json.loads(row.get("Told", "[]"))}
        assert {row["RowKey"] for row in notes if self.now - row["ReceivedAt"] < timedelta(days=13)} <= told
        before, kept = self._take_stock(), {post for lead in self.book.values() for post in lead.posts}
        for message in self.sent:
            if self.read(message) in kept:
                await self._process(message)
        await self.tick()
        await self.check()
        self.find_faults()
        await self.compare()
        assert self._take_stock() == before

    def _take_stock(self) -> tuple[object, ...]:
        # A redelivery may update an entry's name and company, which a repeat leaves as they were.
        rows = {name: self.rows(name) for name in TABLES if name != "follow_ups"}
        return rows, self.find_listed(), self.mail_count


def _find_lead(entry: EntryKey) -> Key:
    _, partition, row = entry[1].split("|", 2)
    return partition, row


def _find_event(message: bytes) -> str:
    return str(json.loads(message.partition(b"\n")[0])["event_id"])
