"""The triggers: each translates its event, calls one step and reports the outcome."""

import logging
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, TypedDict

import azure.functions as func

from lead_core.errors import AnswerError, LeadError, SettingsError, StorageUnavailableError, UnreadableLeadError
from lead_core.http import (
    Message,
    NextPage,
    Rendered,
    answer_json,
    answer_page,
    answer_problem,
    answer_refusal,
    answer_wrong_method,
)
from lead_core.log_fields import fields
from lead_core.ports.runs import Run, Timer
from lead_core.settings import STORAGE_SETTING, find_schedule
from lead_core.steps.intake import Posted
from lead_core.wiring import QUEUE_NAME, services

if TYPE_CHECKING:
    from lead_core.steps.answering import OpenedLead
    from lead_core.steps.processing import Processed
    from lead_core.views.page import FollowUpPage

_POST_ONLY = (
    "The marketplace sends leads to this address, by POST. Nothing can be seen here."
    " Open /api/health to see whether the app works."
)

logger = logging.getLogger("leads")

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.route("leads/{offer?}", methods=["POST"])
async def accept_lead(req: func.HttpRequest) -> func.HttpResponse:
    """Accept what the marketplace posts. The answer is 202 once the queue has it."""
    event_id, body = _new_id(), req.get_body()
    posted = Posted(
        body=body,
        offer=req.route_params.get("offer") or "",
        is_chunked="chunked" in req.headers.get("transfer-encoding", "").lower(),
        content_type=req.headers.get("content-type", ""),
        content_encoding=req.headers.get("content-encoding", ""),
    )
    try:
        await services().intake.accept(posted, event_id=event_id, now=datetime.now(UTC))
    except UnreadableLeadError as error:
        logger.warning("lead refused %s", fields(event_id=event_id, code=error.code, body_bytes=len(body)))
        return answer_refusal(error, event_id)
    except (StorageUnavailableError, SettingsError) as error:
        logger.warning("lead not taken %s", fields(event_id=event_id, code=error.code))
        return answer_problem(HTTPStatus.SERVICE_UNAVAILABLE, "The lead could not be accepted", error)
    logger.info("lead accepted %s", fields(event_id=event_id))
    return answer_json(HTTPStatus.ACCEPTED, {"id": event_id})


# Without a key: who tries the URL in a browser learns what it is for. To the host, a wrong method is a plain 404.
@app.route("leads/{offer?}", methods=["GET", "HEAD", "PUT", "PATCH", "DELETE"], auth_level=func.AuthLevel.ANONYMOUS)
async def explain_leads(req: func.HttpRequest) -> func.HttpResponse:
    """Say that leads are posted to this address, and where one sees whether the app works."""
    return answer_wrong_method(req, LeadError("post-only", _POST_ONLY), allowed="POST")


# With text instead of bytes, the host fails on a body that is not UTF-8 before our code runs.
@app.queue_trigger("message", queue_name=QUEUE_NAME, connection=STORAGE_SETTING, data_type=func.DataType.BINARY)
async def process_lead(message: func.QueueMessage) -> None:
    """Store what one post brought. A second delivery changes nothing. Transient errors rise to the host."""
    for processed in await services().rest.processing.process(message.get_body(), **_origin(message)):
        _report(processed)


@app.queue_trigger(
    "message", queue_name=f"{QUEUE_NAME}-poison", connection=STORAGE_SETTING, data_type=func.DataType.BINARY
)
async def park_poisoned_lead(message: func.QueueMessage) -> None:
    """Keep a message that the host gave up on, in a table where people see it."""
    _report(await services().rest.processing.park(message.get_body(), **_origin(message)))


@app.timer_trigger("timer", schedule=find_schedule("REMINDER_SCHEDULE"))
async def send_reminders(timer: func.TimerRequest) -> None:  # noqa: ARG001 -- the host hands it over
    """Retry the rejected leads that are marked for it, tell owners about their leads, and remind them."""
    now, outcomes = datetime.now(UTC), Counter[str]()
    try:
        outcomes["retried"] = await services().rest.retrying.tick(now=now)
    finally:  # Mails do not depend on retries.
        sent, trouble = await _send_mails("reminders", _remind, now)
        outcomes += sent
        if outcomes:
            logger.info("reminders %s", fields(**outcomes))
    await services().rest.runs.note(Run(Timer.REMINDERS, datetime.now(UTC), trouble))
    if services().settings.canary_url.get_secret_value():
        await _look_for_canary(can_mail=not trouble)


async def _remind(now: datetime) -> Counter[str]:
    outcomes = await services().rest.reminding.tick(now=now, new_id=_new_id)
    outcomes += await services().rest.confirming.tick(now=now, new_id=_new_id)
    return outcomes + await services().rest.renewing.tick(now=now, new_id=_new_id)


async def _summarise(now: datetime) -> Counter[str]:
    return await services().rest.summarising.tick(now=now, new_id=_new_id)


async def _send_mails(
    what: str, send: Callable[[datetime], Awaitable[Counter[str]]], now: datetime
) -> tuple[Counter[str], str]:
    """Return what became of the mails, and why none can be sent."""
    try:
        return await send(now), ""
    except SettingsError as error:
        # No traceback: the setting is what is wrong.
        logger.error("no %s: %s %s", what, error.explanation, fields(code=error.code))  # noqa: TRY400 -- see above
        return Counter(), error.explanation


async def _look_for_canary(*, can_mail: bool) -> None:
    """See whether the last canary arrived, and tell the default owner if not."""
    now = datetime.now(UTC)
    failed = await services().rest.canarying.look(now=now)
    if not (failed and can_mail):
        return
    if told := await services().rest.canary_alarm.tell(failed, now=now, new_id=_new_id):
        logger.warning("canary lost %s", fields(code=failed.trouble, **told))


@app.timer_trigger("timer", schedule=find_schedule("CHECK_SCHEDULE"))
async def check_leads(timer: func.TimerRequest) -> None:  # noqa: ARG001 -- the host hands it over
    """Record what people edited, correct the to-do list, count the leads that rest, and remove what is old."""
    now = datetime.now(UTC)
    try:
        outcomes = await services().rest.reconciling.check(now=now)
        logger.info("leads checked %s", fields(**outcomes))
    finally:
        await services().rest.retrying.check()
    if "unfinished" not in outcomes:  # Else the next run goes on, and ends the round.
        await services().rest.runs.note(Run(Timer.CHECK, datetime.now(UTC)))
    if purged := await services().rest.purging.tick(now=now, new_id=_new_id):
        logger.info("leads purged %s", fields(**purged))
    if "unfinished" not in outcomes:
        await _tell_silence()


async def _tell_silence() -> None:
    """Tell the default owner if leads do not come any more, by what the round has counted."""
    try:
        if told := await services().rest.silence_alarm.tick(now=datetime.now(UTC), new_id=_new_id):
            logger.info("silence %s", fields(**told))
    except SettingsError as error:  # Each tick of `send_reminders` says what is wrong.
        logger.info("silence not told %s", fields(code=error.code))


@app.timer_trigger("timer", schedule=find_schedule("CANARY_SCHEDULE"))
async def send_canary(timer: func.TimerRequest) -> None:  # noqa: ARG001 -- the host hands it over
    """Post a test lead to CANARY_URL, and remove what is left of older ones. `send_reminders` looks for it."""
    outcomes = await services().rest.canarying.send(now=datetime.now(UTC), new_id=_new_id)
    if outcomes:
        logger.info("canary %s", fields(**outcomes))
    await services().rest.runs.note(Run(Timer.CANARY, datetime.now(UTC)))


@app.timer_trigger("timer", schedule=find_schedule("SUMMARY_SCHEDULE"))
async def send_summary(timer: func.TimerRequest) -> None:  # noqa: ARG001 -- the host hands it over
    """Mail the weekly summary once a week is over."""
    outcomes, trouble = await _send_mails("summary", _summarise, datetime.now(UTC))
    if outcomes:
        logger.info("summary %s", fields(**outcomes))
    await services().rest.runs.note(Run(Timer.SUMMARY, datetime.now(UTC), trouble))


@app.route("follow-up/{token}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def show_follow_up(req: func.HttpRequest) -> func.HttpResponse:
    """Show the lead behind a link. Mail scanners follow links, so this changes nothing."""
    return await answer_page(req, _show)


@app.route("follow-up/{token}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def record_follow_up(req: func.HttpRequest) -> func.HttpResponse:
    """Record what a person says about the lead behind a link. With an expired link, they can ask for a new one."""
    return await answer_page(req, _record)


@app.route("my-leads/{token}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def show_my_leads(req: func.HttpRequest) -> func.HttpResponse:
    """Show all open leads of the owner behind a link. This changes nothing."""
    return await answer_page(req, _show_my_leads)


@app.route("report/{token}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def show_report(req: func.HttpRequest) -> func.HttpResponse:
    """Show how fast customers are answered, and who waits, as a page or a file. It changes nothing."""
    return await answer_page(req, _show_report)


@app.route("health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 -- the host hands it over
    """Report whether storage answers, every setting is right and mails go out. If not, say what to do."""
    faults, notes = await services().health.find_faults(), await services().health.find_notes()
    noted = {"notes": [{"name": note.name, "advice": note.advice} for note in notes]} if notes else {}
    if not faults:
        return answer_json(HTTPStatus.OK, {"status": "healthy", **noted})
    error = LeadError("unhealthy", " ".join(f"{fault.name}: {fault.advice.rstrip('.')}." for fault in faults))
    logger.warning("unhealthy %s", fields(faults=[fault.name for fault in faults]))
    wrong = [{"name": fault.name, "advice": fault.advice} for fault in faults]
    return answer_problem(HTTPStatus.SERVICE_UNAVAILABLE, "Something is missing or wrong", error, wrong=wrong)


class _Origin(TypedDict):
    message_id: str
    queued_at: datetime


def _origin(message: func.QueueMessage) -> _Origin:
    queued_at = getattr(message, "insertion_time", None) or datetime.now(UTC)
    return {"message_id": message.id or "", "queued_at": queued_at}


def _report(processed: "Processed") -> None:
    ids = {"event_id": processed.event_id, **({"code": processed.code} if processed.code else {})}
    logger.info("lead %s %s", processed.outcome, fields(**ids))


async def _show(req: func.HttpRequest, now: datetime) -> "FollowUpPage":
    from lead_core.views.form import find_seen  # noqa: PLC0415 -- see `answer_page`

    answering = services().rest.answering
    opened = await answering.show(req.route_params["token"], now=now)
    said, seen = req.params.get("said", ""), find_seen(req.params)
    return _make_page(req, opened, now).after(opened.lead, said, seen, now=now, zone=answering.zone)


async def _show_my_leads(req: func.HttpRequest, now: datetime) -> Rendered:
    from lead_core.views.my_leads import render_my_leads  # noqa: PLC0415 -- see `answer_page`

    return Rendered(render_my_leads(await services().rest.my_leads.show(req.route_params["token"], now=now)))


async def _show_report(req: func.HttpRequest, now: datetime) -> Rendered:
    from lead_core.views.report import find_period, render_report  # noqa: PLC0415 -- see `answer_page`

    reporting, token = services().rest.reporting, req.route_params["token"]
    period = find_period(req.params.get("weeks", ""))
    if req.params.get("format") == "csv":
        return Rendered(await reporting.export(token, period, now=now), "text/csv", f"leads-{period}-weeks.csv")
    return Rendered(render_report(await reporting.show(token, period, now=now)))


async def _record(req: func.HttpRequest, now: datetime) -> "FollowUpPage | NextPage | Message":
    from lead_core.views.form import decode_form, find_choice, parse_answer  # noqa: PLC0415 -- see `answer_page`
    from lead_core.views.name_cookie import write_name  # noqa: PLC0415 -- see `answer_page`
    from lead_core.views.page import find_next_url  # noqa: PLC0415 -- see `answer_page`

    answering, token, form = services().rest.answering, req.route_params["token"], decode_form(req.get_body())
    if "new_link" in form:
        return await _renew(token, now)
    try:
        today = now.astimezone(answering.zone).date()
        answer = parse_answer(form, today=today, questions=answering.questions)
        lead = await answering.record(token, answer, now=now)
    except AnswerError as error:
        chosen = find_choice(form)
        page = _make_page(req, await answering.show(token, now=now), now, form)
        page = replace(page, problem=error.explanation, wrong_field=error.field, entered=form, chosen=chosen)
        logger.info("answer refused %s", fields(choice=str(chosen or "")))
        return replace(page, offered=error.offered)
    logger.info("answer recorded %s", fields(choice=str(answer.choice)))
    # Only the page that shares a mailbox asks for a name. On any other, the browser keeps what it has.
    cookie = write_name(answer.said_by, is_https=answering.is_https) if "i_am" in form else ""
    return NextPage(find_next_url(token, lead, answer), cookie)


async def _renew(token: str, now: datetime) -> "NextPage | Message":
    from lead_core.views.page import find_page_url  # noqa: PLC0415 -- see `answer_page`

    if not await services().rest.asking.ask(token, now=now):
        return NextPage(find_page_url(token))
    logger.info("new link asked for")
    return Message(
        "A new link is on its way",
        "It is mailed to the owner of the lead within some minutes. If you asked within the last hour, it was sent "
        "then.\nIf the mail does not come to you, ask the colleague who has the lead.",
    )


def _make_page(
    req: func.HttpRequest, opened: "OpenedLead", now: datetime, form: Mapping[str, str] = MappingProxyType({})
) -> "FollowUpPage":
    from lead_core.views.colleagues import Colleague  # noqa: PLC0415 -- see `answer_page`
    from lead_core.views.page import FollowUpPage  # noqa: PLC0415 -- see `answer_page`
    from lead_core.views.who import Who  # noqa: PLC0415 -- see `answer_page`

    token, policy = req.route_params["token"], services().rest.policy
    page = FollowUpPage.of(
        opened.lead,
        opened.others,
        token=token,
        click=_new_id(),
        now=now,
        zone=policy.zone,
        touches=policy.touches,
    )
    who = None
    if opened.shared_mailbox is not None:
        who = Who.of(opened.shared_mailbox, opened.team, cookie=req.headers.get("cookie", ""), entered=form)
    colleagues = Colleague.list_of(opened.team, owner=opened.lead.cells.owner)
    page = replace(page, drafts=services().rest.drafts, questions=services().rest.answering.questions)
    return replace(page, owner_problem=opened.owner_problem, who=who, colleagues=colleagues, my_leads=opened.my_leads)


def _new_id() -> str:
    return uuid.uuid4().hex
