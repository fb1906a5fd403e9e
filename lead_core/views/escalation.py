"""The mail to the one in ``ESCALATE_TO``: which leads nobody answered, and whose they are."""

from dataclasses import dataclass, replace

from lead_core.lead.values import fold_text
from lead_core.messages import Mail
from lead_core.views.card import Detail
from lead_core.views.plain_text import write_closing, write_paragraph, write_text
from lead_core.views.rendering import fits, render
from lead_core.views.unanswered import UnansweredLead, UnansweredWords, write_escalated
from lead_core.views.words import NO_REPLIES, count, describe_wait

_WHAT_TO_DO = "Call the customer yourself, or give the lead to a colleague, who is told within minutes."


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """The leads of one such mail, in the order in which they are shown."""

    id: str
    sender: str
    to: str
    leads: tuple[UnansweredLead, ...]
    more: int
    """How many more come in the next mail."""
    my_leads: str
    """The page with all open leads of the reader."""


def compose_escalation(escalation: Escalation) -> Mail:
    """Return the mail. Its subject names no customer. If not all fits, the last leads are told briefly."""
    leads, number = escalation.leads, len(escalation.leads)
    while not fits(mail := _compose(escalation)) and number:
        number = number * 4 // 5
        told = [*leads[:number], *(replace(each, detail=Detail.BRIEF) for each in leads[number:])]
        escalation = replace(escalation, leads=tuple(told))
    return mail


def _compose(escalation: Escalation) -> Mail:
    headline = _count_up(escalation)
    owners_were = "Its owner was" if len(escalation.leads) == 1 else "Their owners were"
    introduction = f"{owners_were} told and reminded, and nobody recorded an answer. {_WHAT_TO_DO}"
    leads = [UnansweredWords.in_full(each) for each in escalation.leads]
    closing = (f"{count(escalation.more, 'more lead')} will come in the next mail.",) if escalation.more else ()
    html = render(
        "escalation",
        subject=headline,
        preheader=_tease(escalation),
        headline=headline,
        introduction=introduction,
        leads=leads,
        closing=closing,
        no_replies=NO_REPLIES,
        my_leads=escalation.my_leads,
    )
    text = write_text(
        [write_paragraph(f"{headline}."), write_paragraph(introduction)],
        write_escalated(leads),
        write_closing(closing, "", (), escalation.my_leads),
    )
    return Mail(escalation.id, escalation.sender, escalation.to, headline, text, html)


def _count_up(escalation: Escalation) -> str:
    """Return ``4 leads of 3 owners were never answered``."""
    number, owners = len(escalation.leads), len({fold_text(each.facts.owner) for each in escalation.leads})
    were = "was" if number == 1 else "were"
    return f"{count(number, 'lead')} of {count(owners, 'owner')} {were} never answered"


def _tease(escalation: Escalation) -> str:
    longest = max((each.facts.waited for each in escalation.leads if each.facts.waited), default=None)
    return f"The longest wait is {describe_wait(longest)}." if longest else ""
