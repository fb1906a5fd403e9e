"""Ask the app at its URL whether it answers, can work and takes leads. No lead is sent."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from lead_core.errors import NoAnswerError, RejectCode
from lead_core.lead.findings import Finding, Section, Verdict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lead_core.lead_url import LeadUrl
    from lead_core.ports.examining import Door, DoorAnswer

_OTHER: Final = "Something else answers there: is it the app's address? az functionapp show -n APP -g GROUP"
_KEYS: Final = "az functionapp function keys list -n APP -g GROUP --function-name accept_lead"
_REFUSED: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class Knocking:
    """Asks the app from outside."""

    door: Door
    start_app: str
    """How the app is started, in words."""

    async def knock(self, url: LeadUrl) -> AsyncIterator[Finding]:
        """Yield what the app answers. The key goes to the app's own address alone, and only once the app is there."""
        try:
            health = await self.door.ask("GET", url.health)
            leads = await self.door.ask("GET", url.without_key)
        except NoAnswerError as error:
            what = f"{url.base} does not answer ({error.detail})"
            yield _wrong("app-silent", what, f"Is the address right? {self.start_app}")
            return
        for finding in _judge_health(url, health):
            yield finding
        if not (leads.status == HTTPStatus.METHOD_NOT_ALLOWED and leads.document.get("code") == "post-only"):
            yield _wrong("not-the-app", f"{url.without_key} does not take leads (answer {leads.status})", _OTHER)
            return
        if not url.is_private:
            what = f"{url.base} is not encrypted"
            yield Finding(Section.APP, "app-not-private", Verdict.LOOK, what, "Partner Center takes https:// alone.")
        yield await self._try_key(url)

    async def _try_key(self, url: LeadUrl) -> Finding:
        """Post nothing. The app refuses an empty body, and keeps nothing. A wrong key is refused before."""
        if not url.key:
            what = f"{url.without_key} takes leads; its key was not tried"
            return Finding(Section.APP, "no-key", Verdict.LOOK, what, f"Give the URL with ?code=KEY. The keys: {_KEYS}")
        try:
            answer = await self.door.ask("POST", str(url))
        except NoAnswerError as error:
            return _wrong("app-silent", f"{url.without_key} does not answer a post ({error.detail})", "Try again.")
        if answer.status in _REFUSED:
            what = f"{url.without_key} refuses the key (answer {answer.status})"
            return _wrong("key-refused", what, f"The key was deleted or replaced. Those that work: {_KEYS}")
        if answer.document.get("code") == RejectCode.EMPTY:
            return Finding(Section.APP, "takes-leads", Verdict.OK, f"{url.without_key} takes leads with this key")
        what = f"{url.without_key} takes no lead now (answer {answer.status})"
        return _wrong("takes-no-leads", what, str(answer.document.get("detail") or _OTHER))


def _judge_health(url: LeadUrl, health: DoorAnswer) -> list[Finding]:
    document = health.document
    if health.status == HTTPStatus.OK and document.get("status") == "healthy":
        return [Finding(Section.APP, "app-health", Verdict.OK, f"{url.base} says that it can work")]
    faults = [each for each in document.get("wrong", ()) if isinstance(each, dict)]
    if document.get("code") == "unhealthy" and faults:
        return [_wrong_at(str(each.get("name", "")), str(each.get("advice", ""))) for each in faults]
    return [_wrong("not-the-app", f"{url.health} does not answer as the app does (answer {health.status})", _OTHER)]


def _wrong(code: str, what: str, advice: str) -> Finding:
    return Finding(Section.APP, code, Verdict.WRONG, what, advice)


def _wrong_at(name: str, advice: str) -> Finding:
    return Finding(Section.APP, "app-health", Verdict.WRONG, f"the app says of itself: {name}", advice, name)
