"""The triggers: each translates its event, calls one step and reports the outcome."""

import logging
import uuid
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict

import azure.functions as func

from lead_core.errors import AnswerError, LeadError, SettingsError, StorageUnavailableError, UnreadableLeadError
from lead_core.http import answer_json, answer_page, answer_problem, answer_refusal, answer_wrong_method
from lead_core.log_fields import fields
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
        outcomes += await _send_mails(now)
        if outcomes:
            logger.info("reminders %s", fields(**outcomes))


async def _send_mails(now: datetime) -> Counter[str]:
    try:
        outcomes = await services().rest.reminding.tick(now=now, new_id=_new_id)
        return outcomes + await services().rest.confirming.tick(now=now, new_id=_new_id)
    except SettingsError as error:
        # No traceback: the setting is what is wrong.
        logger.error("no reminders: %s %s", error.explanation, fields(code=error.code))  # noqa: TRY400 -- see above
        return Counter()


@app.timer_trigger("timer", schedule=find_schedule("CHECK_SCHEDULE"))
async def check_leads(timer: func.TimerRequest) -> None:  # noqa: ARG001 -- the host hands it over
    """Record what people edited, correct the to-do list, and count the leads that rest."""
    try:
        logger.info("leads checked %s", fields(**await services().rest.reconciling.check()))
    finally:
        await services().rest.retrying.check()


@app.route("follow-up/{token}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def show_follow_up(req: func.HttpRequest) -> func.HttpResponse:
    """Show the lead behind a link. Mail scanners follow links, so this changes nothing."""
    return await answer_page(req, _show)


@app.route("follow-up/{token}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def record_follow_up(req: func.HttpRequest) -> func.HttpResponse:
    """Record what a person says about the lead behind a link."""
    return await answer_page(req, _record)


@app.route("health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 -- the host hands it over
    """Report whether storage answers, every setting is right and mails go out. If not, say what to do."""
    faults = await services().health.find_faults()
    if not faults:
        return answer_json(HTTPStatus.OK, {"status": "healthy"})
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
    return _make_page(req, await services().rest.answering.show(req.route_params["token"], now=now), now)


async def _record(req: func.HttpRequest, now: datetime) -> "FollowUpPage":
    from lead_core.views.form import decode_form, find_choice, parse_answer  # noqa: PLC0415 -- see `answer_page`
    from lead_core.views.page import say_what_is_next  # noqa: PLC0415 -- see `answer_page`

    answering, token, form = services().rest.answering, req.route_params["token"], decode_form(req.get_body())
    try:
        answer = parse_answer(form, today=now.astimezone(answering.zone).date())
        opened = await answering.record(token, answer, now=now)
    except AnswerError as error:
        chosen = find_choice(form)
        page = _make_page(req, await answering.show(token, now=now), now)
        page = replace(page, problem=error.explanation, wrong_field=error.field, entered=form, chosen=chosen)
    else:
        said = say_what_is_next(opened.lead, answer, now=now, zone=answering.zone)
        page = replace(_make_page(req, opened, now), said=said, chosen=answer.choice)
    logger.info("answer %s %s", "refused" if page.problem else "recorded", fields(choice=str(page.chosen or "")))
    return page


def _make_page(req: func.HttpRequest, opened: "OpenedLead", now: datetime) -> "FollowUpPage":
    from lead_core.views.page import FollowUpPage  # noqa: PLC0415 -- see `answer_page`

    token, zone = req.route_params["token"], services().rest.answering.zone
    page = FollowUpPage.of(opened.lead, opened.others, token=token, click=_new_id(), now=now, zone=zone)
    return replace(page, owner_problem=opened.owner_problem)


def _new_id() -> str:
    return uuid.uuid4().hex
