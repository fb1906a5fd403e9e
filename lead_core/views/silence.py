"""What is said if no leads come any more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, TypeAlias

from lead_core.lead.silence import Silence
from lead_core.messages import Mail
from lead_core.views.plain_text import write_ending, write_paragraph, write_text
from lead_core.views.rendering import render
from lead_core.views.safe_text import show_line, show_title
from lead_core.views.words import NO_REPLIES, begin_sentence, count, describe_day

_MAX_SHOWN: Final = 10
_MAX_TITLE_CHARACTERS: Final = 80
_WEEKS_OF_A_MONTH: Final = 365 / 12 / 7
_EVERYWHERE: Final = "No lead comes for any offer. So it is most likely the connection, and not the offers."
_ELSEWHERE: Final = "Leads of other offers still come. So the app works, and it is most likely a setting of the offer."
_UNUSUAL: Final = (
    "It is longer than chance explains by what came before, or than SILENCE_AFTER says. If you know why, there is"
    " nothing to do."
)
_VALIDATE: Final = (
    "Open the offer in Partner Center. Its lead management must still name an HTTPS endpoint, with the URL {url} and a"
    " key. Press Validate: a test lead must arrive within minutes."
)
_TRY_KEY: Final = (
    "If Validate fails, the function key may have been replaced. Copy the URL anew from the Azure portal, and try it"
    ' with: leads send-test "URL".'
)
_LOOK: Final = "Is the offer still live, and is its page found in the marketplace?"
_COMPARE: Final = (
    "Does Partner Center have leads that are not here? Download them under Referrals, and compare with: leads reconcile"
    " FILE. It imports what is missing."
)
_ENDS: Final = (
    "This is said once. /api/health and the weekly summary name it as long as it lasts, but for 90 days at most."
)

Show: TypeAlias = Callable[[str, int], str]
"""Of `safe_text`: makes a text safe at a place."""


@dataclass(frozen=True, slots=True)
class SilenceMail:
    """Offers that have fallen silent, and who is told."""

    id: str
    sender: str
    to: str
    silent: tuple[Silence, ...]
    lead_url: str
    """The URL that leads are posted to, without its key."""
    zone: tzinfo
    my_leads: str
    """The page with all open leads of the reader."""
    is_bare: bool = False
    """Whether the mail provider refused a mail with the titles in it."""


def compose_silence(mail: SilenceMail) -> Mail:
    """Return the mail about offers that have fallen silent."""
    is_everywhere = any(each.is_everywhere for each in mail.silent)
    subject, why = _entitle(mail), (_EVERYWHERE if is_everywhere else _ELSEWHERE, _UNUSUAL)
    facts = [] if mail.is_bare else [_describe(each, mail.zone) for each in mail.silent[:_MAX_SHOWN]]
    steps = (_VALIDATE.format(url=mail.lead_url), _TRY_KEY, _LOOK, _COMPARE)
    listed = write_paragraph(*(f"{number}. {step}" for number, step in enumerate(steps, 1)))
    told = [write_paragraph(*(f"{name}: {value}" for name, value in facts))] if facts else []
    text = write_text([write_paragraph(*why)], told, [listed, write_paragraph(_ENDS), *write_ending(mail.my_leads)])
    html = render(
        "alarm",
        subject=subject,
        preheader=why[0],
        headline=subject,
        why=why,
        facts=facts,
        steps=steps,
        ends=_ENDS,
        my_leads=mail.my_leads,
        no_replies=NO_REPLIES,
    )
    return Mail(mail.id, mail.sender, mail.to, subject, text, html)


def describe_silence(silence: Silence, zone: tzinfo) -> str:
    """Return a sentence about a silence, for a person who may know the offer."""
    name, says = _describe(silence, zone)
    return f"{name}: {says}."


def describe_silence_openly(silent: Sequence[Silence]) -> str:
    """Return the sentence for `health`, which anybody may read: it names no offer."""
    whose = "any offer" if any(each.is_everywhere for each in silent) else count(len(silent), "offer")
    return (
        f"No lead has come for {whose} for longer than chance explains. The app itself works. The default owner was"
        " told which and what to check (docs/runbook.md)"
    )


def _entitle(mail: SilenceMail) -> str:
    if any(each.is_everywhere for each in mail.silent):
        return f"No leads come any more, since {_say_day(mail.silent[0], mail.zone)}"
    if len(mail.silent) > 1:
        return f"No leads come any more for {len(mail.silent)} offers"
    if mail.is_bare:
        return "No leads come any more for one offer"
    return f"No leads come any more for {_name(mail.silent[0], show_title)}"


def _describe(silence: Silence, zone: tzinfo) -> tuple[str, str]:
    """Return which offer it is, and what is known of its leads."""
    came = f"the last lead came on {_say_day(silence, zone)}"
    return _name(silence, show_line), begin_sentence(f"{came}, and before that {_say_rate(silence.a_week)}")


def _say_day(silence: Silence, zone: tzinfo) -> str:
    return describe_day(silence.since.astimezone(zone).date())


def _say_rate(a_week: float) -> str:
    """Return how many leads were usual: ``about 4 a week``, ``about 2 a month``."""
    if round(a_week) > 0:
        return f"about {round(a_week):,} a week"
    return f"about {max(round(a_week * _WEEKS_OF_A_MONTH), 1)} a month"


def _name(silence: Silence, show: Show) -> str:
    title = show(silence.title, _MAX_TITLE_CHARACTERS) or show(silence.offer, _MAX_TITLE_CHARACTERS)
    return title or ("An offer without a name" if silence.offer else "All offers")
