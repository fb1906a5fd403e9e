"""What a person should know about the mails, kept for `health`, because no mail may be able to say it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from lead_core.errors import (
    AddressRefusedError,
    LeadError,
    MailNotSentError,
    MailTroubleError,
    ProviderRefusesError,
    StorageUnavailableError,
)
from lead_core.ports.troubles import Trouble, TroubleStore

SHORT_OUTAGE: Final = timedelta(hours=1)
"""How long a provider may be down before `health` says it."""
WRITTEN_EVERY: Final = timedelta(hours=1)
"""While a trouble lasts, its row is written again after so long."""


class TroubleCode(StrEnum):
    """What can be wrong with the mails. Each is a row in ``Digests``."""

    PROVIDER_REFUSES = "provider-refuses"
    NOT_SENT = "mail-not-sent"
    DEFAULT_OWNER_REFUSED = "default-owner-refused"
    ESCALATION_REFUSED = "escalation-refused"
    GIVEN_UP = "mail-given-up"
    MAIL_REFUSED = "mail-refused"
    MANY_LEADS = "many-leads"
    MANY_MAILS = "many-mails"


_KEYS_ARE_THERE = "Which leads it is about is in the table Digests, PartitionKey checks, RowKey mails-{}."
"""Not here: a person may have typed a name as the key of a lead, and `health` is open to all."""
_UNEXPECTED = (
    "If nobody expects them, someone may have the URL that leads are posted to: give accept_lead a new key"
    " (docs/deploy.md)."
)
_ADVICE = {
    TroubleCode.PROVIDER_REFUSES: "The mail provider refuses this app's mails for good ({detail}), since {since}. Check"
    " MAIL_FROM, MAIL_URL and its password, and that the provider knows the sender's domain. The leads stay due.",
    TroubleCode.NOT_SENT: "The mail provider does not take every mail ({detail}), since {since}. The leads stay due.",
    TroubleCode.DEFAULT_OWNER_REFUSED: "The mail provider refuses the address of the default owner, since {since}."
    " Correct the last rule of OWNERS.",
    TroubleCode.ESCALATION_REFUSED: "The mail provider refused the address in ESCALATE_TO, at {seen_at}. So nobody"
    " there knows which leads were never answered: they stand first in the table FollowUps. Correct the address.",
    TroubleCode.GIVEN_UP: "The mail provider never said whether it took a mail. After several tries it counts as sent,"
    f" since {{seen_at}}. {_KEYS_ARE_THERE.format(TroubleCode.GIVEN_UP)}",
    TroubleCode.MAIL_REFUSED: "The mail provider refused every form of a mail, even with links alone, at {seen_at}."
    f" {_KEYS_ARE_THERE.format(TroubleCode.MAIL_REFUSED)}",
    TroubleCode.MANY_LEADS: f"{{detail}} leads are due for one owner, which is unusual. {_UNEXPECTED}",
    TroubleCode.MANY_MAILS: "One owner got {detail} mails within a day, which is unusual. The rest is gathered, and"
    f" only customers who ask to be contacted are told at once. {_UNEXPECTED}",
}
_ENDS_AFTER = {
    TroubleCode.ESCALATION_REFUSED: timedelta(hours=24),
    TroubleCode.GIVEN_UP: timedelta(hours=24),
    TroubleCode.MAIL_REFUSED: timedelta(hours=24),
    TroubleCode.MANY_LEADS: 2 * WRITTEN_EVERY,
    TroubleCode.MANY_MAILS: 2 * WRITTEN_EVERY,
}
"""How long after they were last seen some are over. The others last until a mail goes out."""


def describe_trouble(trouble: Trouble, *, now: datetime) -> str:
    """Return the sentence for a person, ``""`` if the trouble is over, too short, or unknown."""
    if trouble.code not in set(TroubleCode):
        return ""
    code = TroubleCode(trouble.code)
    if code in _ENDS_AFTER and now - trouble.seen_at >= _ENDS_AFTER[code]:
        return ""
    if code is TroubleCode.NOT_SENT and now - trouble.since < SHORT_OUTAGE:
        return ""
    since, seen_at = (f"{moment:%Y-%m-%d %H:%M} UTC" for moment in (trouble.since, trouble.seen_at))
    return _ADVICE[code].format(detail=trouble.detail, since=since, seen_at=seen_at)


@dataclass(slots=True)
class Findings:
    """What one tick finds out about the mails."""

    found: dict[TroubleCode, str] = field(default_factory=dict)
    """Its detail by what is wrong."""
    refuted: set[TroubleCode] = field(default_factory=set)
    """What is shown to be right again."""

    def note_error(self, error: LeadError, *, default_owner: str) -> None:
        """Note why a mail was not sent."""
        match error:
            case ProviderRefusesError():
                self.found[TroubleCode.PROVIDER_REFUSES] = error.detail
            case MailNotSentError():
                self.found[TroubleCode.NOT_SENT] = error.detail
            case AddressRefusedError() if default_owner in error.addresses:
                self.found[TroubleCode.DEFAULT_OWNER_REFUSED] = ""

    def note_sent(self, *, is_default_owner: bool) -> None:
        """Note that the provider took a mail."""
        self.refuted |= {TroubleCode.PROVIDER_REFUSES, TroubleCode.NOT_SENT}
        self.refuted |= {TroubleCode.DEFAULT_OWNER_REFUSED} if is_default_owner else set()

    async def save(self, troubles: TroubleStore, *, now: datetime) -> None:
        """Write what is new, and forget what is over. A second tick at the same time writes the same."""
        if not self.found and not self.refuted:
            return
        known = {trouble.code: trouble for trouble in await troubles.list_troubles()}
        for code, detail in self.found.items():
            before = known.get(code)
            seen = Trouble(code, detail, before.since if before else now, now)
            if before is None or before.detail != detail or now - before.seen_at >= WRITTEN_EVERY:
                await troubles.write_trouble(seen)
        for code in self.refuted & known.keys() - self.found.keys():
            await troubles.clear_trouble(code)


@dataclass(slots=True)
class MailProbe:
    """A `Probe`: whether mails go out as they should."""

    troubles: TroubleStore
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    name: str = "mails"

    async def check(self) -> None:
        """See `Probe.check`. Raises: MailTroubleError."""
        now = self.clock()
        try:
            troubles = await self.troubles.list_troubles()
        except StorageUnavailableError:
            return  # The table's own probe says it.
        said = [describe_trouble(trouble, now=now) for trouble in troubles]
        if sentences := " ".join(filter(None, said)):
            raise MailTroubleError(sentences)
