"""A year of made-up leads with known answers, and a bit of the years before. The same seed gives the same leads.

>>> leads = simulate(seed=1, leads=400)
>>> report = expected(leads, Period.MONTH, END, POLICY)

The leads went through the doors of `lead.changes`, as real ones do. What happened to each is known beforehand: it is a
`Story`. `expected` reads the stories and nothing of the leads but whose they are. It is a plain model: lists of waits,
each looked at for each figure. So it takes any of the leads, in any order. *now* must not be before `END`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from fractions import Fraction
from functools import cache
from math import exp, log
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lead_core.lead.changes import StoredLead, answered, delivered, edited, mailed
from lead_core.lead.choices import Answer, Choice
from lead_core.lead.delivery import Delivery, Shown
from lead_core.lead.follow_up import FollowUpPolicy, find_turn
from lead_core.lead.history import SAME_ACTION_WITHIN
from lead_core.lead.lead import Lead
from lead_core.lead.owners import Owners
from lead_core.lead.person import Contact, identify
from lead_core.lead.report import Group, Period, Report, Speed, WeekBar
from lead_core.lead.scale import LIMITS, STEPS
from lead_core.lead.status_words import Word
from lead_core.lead.tally import Dimension, LongWait, Milestone
from lead_core.lead.values import Offer
from lead_core.lead.waits import Apart
from lead_core.lead.weeks import Week
from lead_core.lead.working_hours import WorkingHours

END = datetime(2026, 11, 25, 14, 40, tzinfo=UTC)
"""A Wednesday. Nothing happens after it."""
BERLIN = ZoneInfo("Europe/Berlin")
ANNA, BOB, SALES = "anna@contoso.example", "bob@contoso.example", "sales@contoso.example"
POLICY = FollowUpPolicy(
    owners=Owners.parse(f"contoso.backup: {ANNA}; contoso.crm: {BOB}; {SALES}"),
    internal_domains=frozenset({"contoso.example"}),
    working_hours=WorkingHours(frozenset(range(5)), time(9), time(17), BERLIN),
    zone=BERLIN,
)
OWNER_OF = {"contoso.backup": ANNA, "contoso.crm": BOB, "contoso.erp": SALES}
OFFERS = (
    Offer("contoso", "backup", "Contoso Backup"),
    Offer("contoso", "crm", "Contoso CRM"),
    Offer("contoso", "erp"),  # Nobody told its title.
)
SOURCES, CODES = ("AppSource", "AzureMarketplace", "AzurePortal", ""), ("INS", "PLT", "StartTestDrive", "Create")
LADDER = (timedelta(minutes=4), timedelta(days=1), timedelta(days=3), timedelta(days=7))
FATES = {"real": 84, Apart.TEST: 3, Apart.INTERNAL: 3, Apart.DO_NOT_CONTACT: 3, Apart.SPAM: 4, Apart.PAST: 3}


class KnownWait(NamedTuple):
    """A wait as the story tells it."""

    since: datetime
    answered_at: datetime | None
    code: str


class Happening(NamedTuple):
    """What happened to a lead: a delivery of a code, a mail, an answer, or *New* typed by hand."""

    at: datetime
    what: str


@dataclass
class Story:
    """What happened to one lead, and so what must be counted of it."""

    seed: int
    number: int
    offer: Offer
    source: str
    code: str
    received_at: datetime
    apart: Apart | None
    owner: str
    happenings: list[Happening] = field(default_factory=list)
    waits: list[KnownWait] = field(default_factory=list)
    reached: set[Milestone] = field(default_factory=lambda: {Milestone.RECEIVED})

    @property
    def contact(self) -> Contact:
        """Who asked. The address says which story it is."""
        domain = "contoso.example" if self.apart is Apart.INTERNAL else "northwind.example"
        title = "MSFT_TEST" if self.apart is Apart.TEST else ""
        email = f"p{self.number}.s{self.seed}@{domain}"
        return Contact("Kim", f"Person {self.number}", email, "", "DE", f"Company {self.number}", title)

    def happen(self, at: datetime, what: str, *reached: Milestone) -> bool:
        """Note what happened, and return whether it did: nothing happens after the end."""
        if at <= END:
            self.happenings.append(Happening(at, what))
            self.reached.update(reached)
        return at <= END


def simulate(seed: int, leads: int = 400) -> list[Lead]:
    """Return made-up leads, as they stand at `END`."""
    return [_live(tell(seed, number)) for number in range(leads)]


@cache
def tell(seed: int, number: int) -> Story:
    """Return what happened to one lead."""
    random = Random(f"{seed} {number}")
    offer = random.choice(OFFERS)
    weeks = random.choices([56, 120], [9, 1])[0]
    [fate] = random.choices([*FATES], [*FATES.values()])
    story = Story(
        *(seed, number, offer, random.choice(SOURCES), random.choice(CODES)),
        received_at=END - timedelta(weeks=weeks) * random.random(),
        apart=None if fate == "real" else Apart(fate),
        owner=OWNER_OF[offer.key],
    )
    story.happen(story.received_at, story.code)
    if story.apart is None:
        _tell_real(story, random)
    elif ends := {Apart.DO_NOT_CONTACT: Choice.DO_NOT_CONTACT, Apart.SPAM: Choice.SPAM}.get(story.apart):
        story.happen(story.received_at + _draw_length(random), ends)
        if story.happenings[-1].what != ends:  # So nobody said it until the end.
            story.apart, story.waits = None, [KnownWait(story.received_at, None, story.code)]
    return story


def _tell_real(story: Story, random: Random) -> None:
    again_at = story.received_at + timedelta(minutes=3)
    if random.random() < 0.2:  # The marketplace sends it again.
        story.happen(again_at, story.code)
    over_at, after = _tell_wait(story, random, story.received_at, story.code), random.random()
    if over_at is None:
        return
    asked_at = max(over_at, again_at) + SAME_ACTION_WITHIN + _draw_length(random)
    if after < 0.2 and story.happen(asked_at, "PLT"):
        _tell_wait(story, random, asked_at, "PLT")
    elif after < 0.3:  # No wait: it is news on an answered lead.
        story.happen(over_at + timedelta(days=2), "Create")
    elif after < 0.4:  # No wait: their customer asked nothing.
        story.happen(over_at + timedelta(days=1), "New")
    elif after < 0.6:
        story.happen(over_at + timedelta(days=3), Choice.QUALIFIED, Milestone.CONTACTED, Milestone.CLOSED)


def _tell_wait(story: Story, random: Random, since: datetime, code: str) -> datetime | None:
    """Tell one wait from its first mail to the answer, and return when that came."""
    answered_at = since + _draw_length(random) if random.random() < 0.8 else END + timedelta(days=1)
    until = min(answered_at, END)
    for after in LADDER:
        if since + after < until:
            story.happen(since + after, "mail", Milestone.TOLD)
    for what in (Choice.TRIED, Choice.LATER_3D, Choice.PASS):
        if random.random() < 0.2:
            attempts = [Milestone.ATTEMPTED] if what is Choice.TRIED else []
            story.happen(since + random.random() * (until - since), what, *attempts)
            story.owner = SALES if what is Choice.PASS else story.owner
    choice = random.choice([Choice.CONTACTED, Choice.CONTACTED_FOLLOW_UP, Choice.QUALIFIED, Choice.NOT_A_FIT])
    is_closed = choice in {Choice.QUALIFIED, Choice.NOT_A_FIT}
    reached = (Milestone.ATTEMPTED, Milestone.CLOSED if is_closed else Milestone.CONTACTED)
    is_answered = story.happen(answered_at, choice, *reached)
    story.waits.append(KnownWait(since, answered_at if is_answered else None, code))
    return answered_at if is_answered else None


def _draw_length(random: Random) -> timedelta:
    """Return something between 20 seconds and 100 days: short ones and long ones are as likely."""
    return timedelta(seconds=exp(random.uniform(log(20), log(100 * 86_400))))


def _live(story: Story) -> Lead:
    """Return the lead to which the story happened."""
    lead: Lead | None = None
    for number, happening in enumerate(sorted(story.happenings, key=lambda each: each.at)):
        lead = _go_on(story, happening, number, StoredLead(lead, None, happening.at) if lead else None)
    assert lead
    return lead


def _go_on(story: Story, happening: Happening, number: int, stored: StoredLead | None) -> Lead:
    at, what = happening
    if stored is None or what in CODES:
        return delivered(stored, _deliver(story, at, what, number), POLICY)
    if what == "mail":
        return mailed(stored, find_turn(stored.lead), to=story.owner, at=at, policy=POLICY)
    if what == "New":
        cells = replace(stored.lead.cells, status=what)
        return edited(replace(stored, lead=replace(stored.lead, cells=cells)), POLICY)
    follow_up_on = (at + timedelta(days=5)).date() if what == Choice.CONTACTED_FOLLOW_UP else None
    said = Answer(choice=Choice(what), click=str(number), colleague=SALES, reason="No.", follow_up_on=follow_up_on)
    return answered(stored, said, by=story.owner, at=at, policy=POLICY)


def _deliver(story: Story, at: datetime, code: str, number: int) -> Delivery:
    event_id = f"{story.number:016x}{number:016x}"
    return Delivery(
        event_id=event_id,
        received_at=at,
        identity=identify(story.contact, event_id=event_id),
        row=story.offer.key,
        shown=Shown.of(story.contact, story.offer, source=story.source, action_code=code, description=""),
        is_test=story.contact.is_test,
        past=Word.CONTACTED if story.apart is Apart.PAST else None,
    )


class Waited(NamedTuple):
    """A wait of the plain model, with whose it is."""

    since: datetime
    answered_at: datetime | None
    code: str
    story: Story
    lead: Lead


def expected(leads: Iterable[Lead], period: Period, now: datetime, policy: FollowUpPolicy) -> Report:
    """Return the report of *leads*, as the plain model computes it."""
    told = [(find_story(lead), lead) for lead in leads]
    real = [(story, lead) for story, lead in told if story.apart is None]
    waits = [Waited(*wait, story, lead) for story, lead in real for wait in story.waits]
    current = _find_monday(now, policy.zone)
    weeks = [current - timedelta(weeks=number) for number in range(period, 0, -1)]
    before = [monday - timedelta(weeks=period) for monday in weeks]
    in_period = [wait for wait in waits if _find_monday(wait.since, policy.zone) in weeks]
    in_period_before = [wait for wait in waits if _find_monday(wait.since, policy.zone) in before]
    first_in = [story for story, _ in real if _find_monday(story.received_at, policy.zone) in weeks]
    apart = [story.apart for story, _ in told if _find_monday(story.received_at, policy.zone) in weeks and story.apart]
    waiting = sorted((wait for wait in waits if not wait.answered_at), key=lambda wait: (wait.since, wait.lead.key))
    in_hours = _measure(in_period, now, policy, in_hours=True)
    return Report(
        period=period,
        first=_name_week(weeks[0]),
        last=_name_week(weeks[-1]),
        counted_at=now,
        leads=len(first_in),
        leads_before=sum(_find_monday(story.received_at, policy.zone) in before for story, _ in real),
        waiting=len(waiting),
        waiting_before=sum(_waits_at(wait, weeks[0]) for wait in waits),
        speed=_measure(in_period, now, policy),
        speed_before=_measure(in_period_before, now, policy),
        speed_in_hours=replace(in_hours, judged=(0,) * 4, within=(0,) * 4) if policy.working_hours else None,
        funnel=dict(zip(Milestone, _count_reached(first_in), strict=True)),
        weeks=tuple(_draw(monday, first_in, in_period, policy.zone) for monday in weeks),
        current=_draw(current, [story for story, _ in real], waits, policy.zone),
        curve=tuple((STEPS[step], float(share)) for step, share in _estimate(*_round(in_period, now, policy))),
        groups={each: _group(each, first_in, in_period, now, policy) for each in Dimension},
        longest=tuple(
            LongWait(wait.since, wait.lead.key, wait.story.owner, _name(Dimension.OFFER, wait.story, ""))
            for wait in waiting[:10]
        ),
        apart=Counter(apart),
        qualified=Counter(),
    )


def find_story(lead: Lead) -> Story:
    """Return what happened to a made-up lead."""
    number, seed = lead.shown.email.partition("@")[0].split(".")
    return tell(int(seed[1:]), int(number[1:]))


def _find_monday(moment: datetime, zone: tzinfo) -> datetime:
    day = moment.astimezone(zone).date()
    return datetime.combine(day - timedelta(days=day.weekday()), time(), zone)


def _name_week(monday: datetime) -> Week:
    return Week(*monday.isocalendar()[:2])


def _waits_at(wait: Waited, moment: datetime) -> bool:
    return wait.since < moment and (wait.answered_at is None or wait.answered_at >= moment)


def _count_reached(stories: Sequence[Story]) -> list[int]:
    """Return the funnel: who came to a milestone, or to one below it."""
    funnel = [*Milestone]
    return [sum(bool(story.reached & {*funnel[number:]}) for story in stories) for number in range(len(funnel))]


def _draw(monday: datetime, stories: Sequence[Story], waits: Sequence[Waited], zone: tzinfo) -> WeekBar:
    mine = [wait for wait in waits if _find_monday(wait.since, zone) == monday]
    lengths = [wait.answered_at - wait.since for wait in mine if wait.answered_at]
    hour, day, days = (sum(length <= limit for length in lengths) for limit in LIMITS[1:])
    leads = sum(_find_monday(story.received_at, zone) == monday for story in stories)
    speeds = (hour, day - hour, days - day, len(lengths) - days, len(mine) - len(lengths))
    return WeekBar(_name_week(monday), leads, speeds)


def _measure(waits: Sequence[Waited], now: datetime, policy: FollowUpPolicy, *, in_hours: bool = False) -> Speed:
    judged = [[wait for wait in waits if wait.since <= now - limit] for limit in LIMITS]
    fast = [
        sum(wait.answered_at is not None and wait.answered_at - wait.since <= limit for wait in each)
        for each, limit in zip(judged, LIMITS, strict=True)
    ]
    answered, waiting = _round(waits, now, policy, in_hours=in_hours)
    curve = _estimate(answered, waiting)
    median, ninth_decile = (
        next((STEPS[step] for step, share in curve if share >= least), None)
        for least in (Fraction(5, 10), Fraction(9, 10))
    )
    return Speed(len(waits), len(answered), tuple(map(len, judged)), tuple(fast), median, ninth_decile)


def _round(
    waits: Sequence[Waited], now: datetime, policy: FollowUpPolicy, *, in_hours: bool = False
) -> tuple[list[int], list[int]]:
    """Return the lengths of answered waits, rounded up to steps, and of the others, rounded down by hour and step."""
    hours = policy.working_hours if in_hours else None
    between = hours.between if hours else lambda start, end: end - start
    answered, waiting = list[int](), list[int]()
    for wait in waits:
        if wait.answered_at:
            length = min(between(wait.since, wait.answered_at), STEPS[-1])
            answered.append(next(number for number, step in enumerate(STEPS) if step >= length))
        else:
            monday = _find_monday(wait.since, policy.zone).astimezone(UTC)
            hour = monday + timedelta(hours=(wait.since - monday) // timedelta(hours=1) + 1)
            waited = between(hour, now)
            waiting.append(sum(step <= waited for step in STEPS) - 1)
    return answered, waiting


def _estimate(answered: list[int], waiting: list[int]) -> list[tuple[int, Fraction]]:
    """Return the product-limit estimate as the textbook has it: one step after the other."""
    curve, unanswered = list[tuple[int, Fraction]](), Fraction(1)
    for step in sorted({*answered}):
        at_risk = sum(length >= step for length in (*answered, *waiting))
        unanswered *= Fraction(at_risk - answered.count(step), at_risk)
        curve.append((step, 1 - unanswered))
    return curve


def _name(dimension: Dimension, story: Story, code: str) -> str:
    names = {
        Dimension.OWNER: story.owner,
        Dimension.OFFER: story.offer.title or story.offer.offer_id,
        Dimension.SOURCE: story.source or "unknown",
        Dimension.ACTION: code,
    }
    return names[dimension]


def _group(
    dimension: Dimension, stories: Sequence[Story], waits: Sequence[Waited], now: datetime, policy: FollowUpPolicy
) -> tuple[Group, ...]:
    leads = Counter(_name(dimension, story, story.code) for story in stories)
    named = {_name(dimension, wait.story, wait.code) for wait in waits}
    groups = [
        Group(
            name,
            leads[name],
            _measure([wait for wait in waits if _name(dimension, wait.story, wait.code) == name], now, policy),
        )
        for name in {*leads, *named}
    ]
    return tuple(sorted(groups, key=lambda group: (-group.leads, group.name)))
