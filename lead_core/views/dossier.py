"""The answer to a person who asks what is kept on them: one page to read, and the same as one document for machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lead_core.lead.delivery import Shown
from lead_core.lead.lead import Lead
from lead_core.views.facts import Facts
from lead_core.views.rendering import TEMPLATES, render
from lead_core.views.safe_text import calm
from lead_core.views.words import count, describe_action, describe_moment, describe_status, name_country

_STYLE: Final = (TEMPLATES / "page.css.j2").read_text(encoding="utf-8")
_NAMES: Final = {
    "name": "Name",
    "email": "E-mail",
    "phone": "Phone",
    "company": "Company",
    "title": "Title",
    "country": "Country",
}
_PURPOSES: Final = {
    "leads": "what the person asked for, and what became of it",
    "follow-ups": "who of our team should answer, and when",
    "inbox": "each message about the person, as the marketplace sent it",
    "rejects": "messages that could not be read or stored",
    "digests": "a mail to our team that is being sent, or a link that was asked for",
    "reports": "the figures of a week: since when the person waits for an answer",
    "messages": "messages on their way into the tables, for some seconds",
}
"""What each kind of table or queue is for."""


@dataclass(frozen=True, slots=True)
class DossierLead:
    """One lead, and what went out about it."""

    lead: Lead
    facts: Facts

    @property
    def mails(self) -> str:
        """Which mails about it went to our team."""
        lead, sent_at = self.lead, self.lead.last_reminder_at
        if sent_at is None:
            return "No mail about it went to our team, or it was before it was last answered."
        to = f" to {lead.handover.told}" if lead.handover.told else ""
        zone = self.facts.seen_at.tzinfo
        return f"The last mail about it went{to} on {describe_moment(sent_at.astimezone(zone))}."

    @property
    def status(self) -> str:
        """Where it stands, in words."""
        return describe_status(self.facts.status, is_spam=self.facts.is_spam)


@dataclass(frozen=True, slots=True)
class DossierReceived:
    """One message about the person, as far as it can be read."""

    at: datetime
    shown: Shown | None
    """None if it can't be read."""

    @property
    def did(self) -> str:
        """What it says that they did."""
        return describe_action(self.shown.action_code, self.shown.source) if self.shown else "cannot be read"


@dataclass(frozen=True, slots=True)
class DossierPlace:
    """A table or a queue, with the rows about the person."""

    name: str
    kind: str
    rows: Sequence[Mapping[str, Any]]

    @property
    def purpose(self) -> str:
        """What it is for."""
        return _PURPOSES.get(self.kind, "")


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is kept on a person."""

    name: str
    made_at: datetime
    """In the zone in which times are shown."""
    account: str
    leads: Sequence[DossierLead]
    received: Sequence[DossierReceived]
    places: Sequence[DossierPlace]
    not_reached: Sequence[str]
    """Where else something may be."""

    def list_known(self) -> dict[str, list[str]]:
        """Return what is known of the person, by the word for it: each value that stands in a lead or a message."""
        shown = [each.lead.shown for each in self.leads] + [each.shown for each in self.received if each.shown]
        known = {words: dict.fromkeys(getattr(each, name) for each in shown) for name, words in _NAMES.items()}
        known["Country"] = dict.fromkeys(map(name_country, known["Country"]))
        return {words: [value for value in values if value] for words, values in known.items() if any(values)}


def describe_dossier(dossier: Dossier) -> dict[str, object]:
    """Return all that is kept on a person as one JSON document."""
    return {
        "person": dossier.name,
        "madeAt": dossier.made_at,
        "account": dossier.account,
        "known": dossier.list_known(),
        "leads": [
            {
                "offer": each.facts.offer,
                "status": each.status,
                "owner": each.facts.owner,
                "note": each.facts.note,
                "mails": each.mails,
                "history": [{"at": line.at, "what": line.sentence} for line in each.facts.history],
            }
            for each in dossier.leads
        ],
        "rows": {place.name: [dict(row) for row in place.rows] for place in dossier.places},
        "notIncluded": list(dossier.not_reached),
    }


def render_dossier(dossier: Dossier) -> str:
    """Return all that is kept on a person as one page. It needs no other file, and nothing in it runs."""
    return render(
        "dossier",
        title=f"What is kept on {calm(dossier.name)}",
        style=_STYLE,
        dossier=dossier,
        calm=lambda value: calm(str(value)),
        count=count,
        moment=lambda at: describe_moment(at.astimezone(dossier.made_at.tzinfo)),
        cell=_show_cell,
    )


def _show_cell(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return calm(bytes(value).hex(" ") if isinstance(value, bytes) else str(value))
