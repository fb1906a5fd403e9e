"""What is right, worth a look or wrong in the settings. Pure, and no value is quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lead_core.lead.findings import Finding, Section, Verdict
from lead_core.settings.link_key import find_weakness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lead_core.errors import Fault
    from lead_core.settings import Settings

_MISSING: Final = "is missing: "


def judge_settings(settings: Settings, *, are_the_apps: bool) -> Iterator[Finding]:
    """Judge the settings. *are_the_apps* if they are the app's own, and not only this machine's."""
    mistakes = settings.mistakes
    if not are_the_apps:
        names = ", ".join(sorted({fault.name for fault in mistakes}))
        what = f"on this machine, not right: {names}" if names else "on this machine, all settings are right"
        advice = "The app in Azure has its own. To have it say what is wrong with them, add: --url https://APP.azurewebsites.net"
        yield Finding(Section.SETTINGS, "settings-elsewhere", Verdict.LOOK if names else Verdict.OK, what, advice)
        return
    if not mistakes:
        yield Finding(Section.SETTINGS, "settings", Verdict.OK, "all settings are right")
    for fault in mistakes:
        yield _judge_mistake(fault)
    if settings.link_keys and "LINK_KEY" not in {fault.name for fault in mistakes}:
        yield _judge_link_key(settings.link_keys)


def _judge_mistake(fault: Fault) -> Finding:
    is_missing = fault.advice.startswith(_MISSING)
    what_to_do = fault.advice.removeprefix(_MISSING)
    what = f"{fault.name} is {'missing' if is_missing else 'not right'}"
    advice = f"{what_to_do[:1].upper()}{what_to_do[1:]}."
    if is_missing and fault.name == "PUBLIC_URL":
        advice += " In Azure, the app knows its own."
        return Finding(Section.SETTINGS, "setting", Verdict.LOOK, what, advice, fault.name)
    return Finding(Section.SETTINGS, "setting", Verdict.WRONG, what, advice, fault.name)


def _judge_link_key(keys: tuple[str, ...]) -> Finding:
    if find_weakness(keys):  # Else it would be a mistake.
        return Finding(
            Section.SETTINGS, "link-key", Verdict.OK, "LINK_KEY can be guessed, and is for this machine alone"
        )
    if len(keys) > 1:
        advice = "The last one can go once its links are 30 days old."
        what = f"LINK_KEY has {len(keys)} keys: links of each open their page"
        return Finding(Section.SETTINGS, "link-key", Verdict.OK, what, advice)
    return Finding(Section.SETTINGS, "link-key", Verdict.OK, "LINK_KEY cannot be guessed")
