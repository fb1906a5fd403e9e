"""``leads doctor``: everything that can be wrong."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import click
from rich.console import Group, RenderableType
from rich.text import Text

from lead_core.lead.findings import Finding, Section, Verdict, find_first, find_verdict
from lead_core.lead_url import NO_KEY, LeadUrl
from lead_core.settings.web import find_host, is_this_machine
from leads.command import Desk, Exit, command
from leads.opening import advise
from leads.printing import make_table, make_text

_STYLES: Final = {Verdict.OK: "green", Verdict.LOOK: "yellow", Verdict.WRONG: "bold red"}
_ANY_OFFER: Final = "publisher.offer"


class _Url(click.ParamType[LeadUrl]):
    name = "url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> LeadUrl:
        try:
            return value if isinstance(value, LeadUrl) else LeadUrl.parse(str(value))
        except ValueError as error:
            self.fail(f"this is no URL of the app: {error}.", param, ctx)  # Not quoted: it may hold a key.


@command("doctor", example='leads doctor --url "https://contoso-leads.azurewebsites.net/api/leads?code=KEY"')
@click.option("--url", type=_Url(), help="Ask the app itself at the URL that leads are posted to. No lead is sent.")
async def doctor(desk: Desk, url: LeadUrl | None) -> Exit:
    """Examine everything that can be wrong, and say what to do.

    Nothing is changed and no mail is sent. The exit code is 1 if something is wrong. What only deserves a look is no
    error. At the end stand the URLs to paste into Partner Center, one for each offer that leads came for.
    """
    with desk.progress("Reading leads") as bar:
        examination = await desk.steps.examining.examine(
            url,
            are_the_apps=not desk.opened.is_for_operator,
            now=desk.now,
            advance=bar.advance,
            explain=partial(advise, opened=desk.opened),
        )
    findings = examination.findings
    verdict, first = find_verdict(findings), find_first(findings)
    urls = _list_urls(url or _find_own(desk), examination.offers)
    document = {
        "verdict": verdict,
        "first": _to_document(first) if first else None,
        "findings": [_to_document(each) for each in findings],
        "urls": [{"offer": each.offer, "url": _spell(each)} for each in urls],
    }
    desk.show(document, Group(*_list_parts(findings), _make_urls(urls), _make_end(findings, first)))
    return Exit.FOUND if verdict is Verdict.WRONG else Exit.DONE


def _to_document(finding: Finding) -> dict[str, str]:
    names = ("section", "code", "about", "verdict", "what", "advice")
    return {name: str(getattr(finding, name)) for name in names}


def _find_own(desk: Desk) -> LeadUrl | None:
    """Return the app's URL by the settings. None if they do not say it, or say that of this machine only."""
    address = desk.settings.links_url
    is_the_apps = not (desk.opened.is_for_operator and is_this_machine(find_host(address)))
    return LeadUrl(address) if address and is_the_apps else None


def _list_urls(url: LeadUrl | None, offers: Sequence[str]) -> list[LeadUrl]:
    return [url.for_offer(offer) for offer in offers or [url.offer or _ANY_OFFER]] if url else []


def _list_parts(findings: Sequence[Finding]) -> list[RenderableType]:
    """Return a table for each section."""
    parts: list[RenderableType] = []
    for section in Section:
        rows = [_make_row(each) for each in findings if each.section is section]
        if rows:
            parts += [make_table(("", str(section)), rows), ""]
    return parts


def _make_row(finding: Finding) -> tuple[Text, Text]:
    text = make_text(finding.what)
    if finding.advice:
        text.append_text(make_text(f"\n→ {finding.advice}", "dim"))
    return make_text(f"{finding.verdict:<5}", _STYLES[finding.verdict]), text


def _make_urls(urls: Sequence[LeadUrl]) -> RenderableType:
    if not urls:
        return make_text("The URLs to paste into Partner Center: give the app's address with --url.\n")
    spelled = [_spell(each) for each in urls]
    what = "To paste into Partner Center, Lead management, HTTPS endpoint:"
    if _is_here(urls[0]):
        what = "Leads are posted to the following. Partner Center cannot reach this machine."
    lines = [what, *(f"  {each}" for each in spelled)]
    if NO_KEY in spelled[0]:
        lines += [
            f"Put the offer's key in the place of {NO_KEY}. It is shown by:",
            "  az functionapp function keys list -n APP -g GROUP --function-name accept_lead",
        ]
    return Text("\n".join([*lines, ""]), no_wrap=True, overflow="ignore")


def _spell(url: LeadUrl) -> str:
    """Return the URL as it is pasted. On this machine, the host asks for no key."""
    return url.without_key if _is_here(url) and not url.key else str(url)


def _is_here(url: LeadUrl) -> bool:
    return is_this_machine(find_host(url.base))


def _make_end(findings: Sequence[Finding], first: Finding | None) -> Text:
    if first is None:
        return make_text("All is well.", "green")
    number = Counter(each.verdict for each in findings)
    counts = f"{number[Verdict.WRONG]} wrong, {number[Verdict.LOOK]} to look at."
    return make_text(f"{counts} First: {first.what}.\n→ {first.advice}", "bold")
