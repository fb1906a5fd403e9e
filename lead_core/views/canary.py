"""What is said if the app's own test lead did not arrive. Neither the URL nor its key is in it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from lead_core.lead.canary import CanaryTrouble
from lead_core.messages import Mail
from lead_core.views.plain_text import write_ending, write_paragraph, write_text
from lead_core.views.rendering import render
from lead_core.views.words import NO_REPLIES, describe_moment

_SUBJECT: Final = "A test lead did not arrive. Real leads may be lost"
_WHY: Final = (
    "Once a day this app posts a test lead to its own URL, as the marketplace does. The one of {posted_at} did not"
    " arrive: {what}."
)
_MEANS: Final = "A real lead that comes the same way may be lost as well."
_ENDS: Final = (
    "The next test lead shows whether it works again. As long as none arrives, you get one such mail a day, and"
    " /api/health says so. Partner Center keeps the leads of six months under Referrals. Compare with: leads"
    " reconcile FILE. It imports what was lost."
)
_NEW_URL: Final = "Copy the URL anew from the Azure portal: the function app, accept_lead, Get function URL."
_PASTE: Final = "Put it into CANARY_URL, and into Partner Center if the old one stands there."
_LOG: Final = "Look at the log of the function app."


class _Words(NamedTuple):
    what: str
    steps: tuple[str, ...]


_WORDS: Final = {
    CanaryTrouble.NOT_SEEN: _Words(
        "the app was stopped while it posted",
        ("If it was just deployed or restarted, wait for the next test lead.", _LOG),
    ),
    CanaryTrouble.NO_HOST: _Words(
        "there is no host of the name in CANARY_URL",
        ("Is the name spelt right, and does the app still exist under it?", f"{_NEW_URL} {_PASTE}"),
    ),
    CanaryTrouble.NO_TLS: _Words(
        "the certificate of the host in CANARY_URL is not valid, or the host speaks no TLS",
        ("Renew the certificate of the app's domain. The marketplace would refuse it as well.",),
    ),
    CanaryTrouble.TOO_SLOW: _Words(
        "the app gave no answer within 30 seconds",
        ("Is the app running, and does a firewall or a gateway stand before it?", _LOG),
    ),
    CanaryTrouble.NO_ANSWER: _Words(
        "the host in CANARY_URL could not be reached",
        ("Is the app running, and does a firewall or a gateway stand before it?", _LOG),
    ),
    CanaryTrouble.KEY_REFUSED: _Words(
        "the app refused the key in CANARY_URL (answer 401). The key was deleted or replaced",
        (
            f"{_NEW_URL} {_PASTE}",
            "If Partner Center has the old key, every lead since then was refused.",
        ),
    ),
    CanaryTrouble.KEPT_OUT: _Words(
        "the app is stopped, or its access restrictions keep the post out (answer 403)",
        (
            "Look at Overview and Networking of the function app in the Azure portal.",
            "If only the app itself is kept out, the marketplace may still get in: allow both.",
        ),
    ),
    CanaryTrouble.NOT_FOUND: _Words(
        "nothing takes leads at CANARY_URL (answer 404)",
        (
            "The URL holds /api/leads. If it does, the functions are not deployed or did not start.",
            f"{_LOG} {_NEW_URL}",
        ),
    ),
    CanaryTrouble.SENT_ELSEWHERE: _Words(
        "the host in CANARY_URL sends the post elsewhere, which the app never does",
        (
            "Use https:// and the app's own host name.",
            "If it leads to a page to sign in, turn Authentication off in the function app.",
        ),
    ),
    CanaryTrouble.APP_FAILS: _Words(
        "the app answered that it could not take it (answer 500 or more)",
        ("Open /api/health of the app: it says what is wrong.", _LOG),
    ),
    CanaryTrouble.NOT_THE_APP: _Words(
        "something answers at CANARY_URL, but not as this app does",
        (f"{_NEW_URL} {_PASTE}",),
    ),
    CanaryTrouble.NOT_STORED: _Words(
        "it was accepted, but does not stand in the table Leads",
        (
            "Is CANARY_URL the URL of this app? Another one would keep it in its own table.",
            "If it is, nothing works on the queue: look at process_lead in the log of the function app.",
            "leads doctor says what waits in the queues.",
        ),
    ),
    CanaryTrouble.REJECTED: _Words(
        "it was accepted, but could not be stored, and stands in RejectedLeads",
        ("leads rejected says why. leads doctor looks at everything else.",),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryLost:
    """A canary that failed, and who is told."""

    id: str
    sender: str
    to: str
    posted_at: datetime
    """In the zone of the people who read the mail."""
    trouble: CanaryTrouble
    my_leads: str
    """The page with all open leads of the reader."""


def compose_canary_lost(lost: CanaryLost) -> Mail:
    """Return the mail about a canary that failed."""
    words = _WORDS[lost.trouble]
    why = _WHY.format(posted_at=describe_moment(lost.posted_at), what=words.what)
    listed = write_paragraph(*(f"{number}. {step}" for number, step in enumerate(words.steps, 1)))
    text = write_text(
        [write_paragraph(why), write_paragraph(_MEANS), listed, write_paragraph(_ENDS), *write_ending(lost.my_leads)]
    )
    html = render(
        "alarm",
        subject=_SUBJECT,
        preheader=why,
        headline=_SUBJECT,
        why=(why, _MEANS),
        facts=(),
        steps=words.steps,
        ends=_ENDS,
        my_leads=lost.my_leads,
        no_replies=NO_REPLIES,
    )
    return Mail(lost.id, lost.sender, lost.to, _SUBJECT, text, html)


def describe_lost(trouble: CanaryTrouble, posted_at: datetime) -> str:
    """Return the sentences for `health`."""
    words = _WORDS[trouble]
    return f"The test lead of {describe_moment(posted_at)} did not arrive: {words.what}. {words.steps[0]}"
