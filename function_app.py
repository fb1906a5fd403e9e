"""The triggers: each translates its event, calls one step and reports the outcome."""

import json
import logging
import uuid
from collections import Counter
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import parse_qsl

import azure.functions as func

from lead_core.errors import (
    ExpiredLinkError,
    ForgedLinkError,
    LeadError,
    LeadGoneError,
    RejectCode,
    SettingsError,
    SomeoneWasFirstError,
    StorageUnavailableError,
    UnreadableLeadError,
)
from lead_core.settings import STORAGE_SETTING, find_schedule
from lead_core.steps.health import find_faults
from lead_core.steps.intake import Posted
from lead_core.wiring import QUEUE_NAME, services

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lead_core.steps.processing import Processed
    from lead_core.views.page import FollowUpPage

RETRY_AFTER_SECONDS = 30
MAX_FORM_BYTES = 256 * 1024
"""A note of 8,000 characters comes twice, as it was and as it is, at up to twelve bytes a character."""

logger = logging.getLogger("leads")

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)

_REFUSALS = {
    RejectCode.CHUNKED: (HTTPStatus.LENGTH_REQUIRED, "The length is missing"),
    RejectCode.TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The lead is too large"),
}
_NO_LEAD = (HTTPStatus.BAD_REQUEST, "This is no lead")
_PAGE_TROUBLES = {
    ForgedLinkError: (HTTPStatus.FORBIDDEN, "This link does not work"),
    ExpiredLinkError: (HTTPStatus.GONE, "This link has expired"),
    LeadGoneError: (HTTPStatus.NOT_FOUND, "This lead is gone"),
    SomeoneWasFirstError: (HTTPStatus.CONFLICT, "Please try again"),
    UnreadableLeadError: (HTTPStatus.CONFLICT, "This lead can not be read"),
}
_LATER = (HTTPStatus.SERVICE_UNAVAILABLE, "Please try again")
_PRIVATE_PAGE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


@app.route("leads/{offer?}", methods=["POST"])
async def accept_lead(req: func.HttpRequest) -> func.HttpResponse:
    """Take what the marketplace posts: 202 once it is in the queue."""
    event_id, body = _new_id(), req.get_body()
    posted = Posted(
        body=body,
        offer=req.route_params.get("offer") or "",
        is_chunked="chunked" in req.headers.get("transfer-encoding", "").lower(),
    )
    try:
        await services().intake.accept(posted, event_id=event_id, now=datetime.now(UTC))
    except UnreadableLeadError as error:
        logger.warning("lead refused", extra={"event_id": event_id, "code": error.code, "body_bytes": len(body)})
        status, title = _REFUSALS.get(RejectCode(error.code), _NO_LEAD)
        return _problem(status, title, error, id=event_id)
    except (StorageUnavailableError, SettingsError) as error:
        logger.warning("lead not taken", extra={"event_id": event_id, "code": error.code})
        return _problem(HTTPStatus.SERVICE_UNAVAILABLE, "The lead could not be taken", error)
    logger.info("lead accepted", extra={"event_id": event_id})
    return _json(HTTPStatus.ACCEPTED, {"id": event_id})


# As text, the host would refuse what is not UTF-8 before we saw it, and again from the poison queue.
@app.queue_trigger("message", queue_name=QUEUE_NAME, connection=STORAGE_SETTING, data_type=func.DataType.BINARY)
async def process_lead(message: func.QueueMessage) -> None:
    """Store one enqueued lead; a second delivery changes nothing. Transient errors rise to the host."""
    _report(await services().rest.processing.process(message.get_body(), **_origin(message)))


@app.queue_trigger(
    "message", queue_name=f"{QUEUE_NAME}-poison", connection=STORAGE_SETTING, data_type=func.DataType.BINARY
)
async def park_poisoned_lead(message: func.QueueMessage) -> None:
    """Keep what the host gave up on where somebody sees it."""
    _report(await services().rest.processing.park(message.get_body(), **_origin(message)))


@app.timer_trigger("timer", schedule=find_schedule("REMINDER_SCHEDULE"))
async def send_reminders(timer: func.TimerRequest) -> None:  # noqa: ARG001 -- the host hands it over
    """Tell owners of their leads, remind them, and give rejected leads another try where somebody asked for it."""
    now, outcomes = datetime.now(UTC), Counter[str]()
    try:
        outcomes += await services().rest.confirming.tick(now=now, new_id=_new_id)
        outcomes += await services().rest.reminding.tick(now=now, new_id=_new_id)
    except SettingsError as error:
        logger.error("no reminders: %s", error.explanation, extra={"code": error.code})  # noqa: TRY400
    finally:  # Neither needs the other.
        outcomes["retried"] = await services().rest.retrying.tick(now=now)
    if any(outcomes.values()):
        logger.info("reminders", extra=outcomes)


@app.timer_trigger("timer", schedule=find_schedule("CHECK_SCHEDULE"))
async def check_leads(timer: func.TimerRequest) -> None:  # noqa: ARG001 -- the host hands it over
    """Notice what people edited, mend the to-do list, count what rests."""
    try:
        logger.info("leads checked", extra=await services().rest.reconciling.check())
    finally:
        await services().rest.retrying.check()


@app.route("follow-up/{token}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def show_follow_up(req: func.HttpRequest) -> func.HttpResponse:
    """Show the lead behind a link. Mail scanners follow links, so this changes nothing."""
    return await _answer_with_page(req, _show)


@app.route("follow-up/{token}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def record_follow_up(req: func.HttpRequest) -> func.HttpResponse:
    """Record what somebody says of the lead behind a link."""
    return await _answer_with_page(req, _record)


@app.route("health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 -- the host hands it over
    """Say whether storage answers and every setting is right, and else what to do."""
    faults = await find_faults(services().settings.mistakes, services().list_probes())
    if not faults:
        return _json(HTTPStatus.OK, {"status": "healthy"})
    error = LeadError("unhealthy", " ".join(f"{fault.name}: {fault.advice.rstrip('.')}." for fault in faults))
    logger.warning("unhealthy", extra={"faults": [fault.name for fault in faults]})
    wrong = [{"name": fault.name, "advice": fault.advice} for fault in faults]
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, "Something is missing or wrong", error, wrong=wrong)


class _Origin(TypedDict):
    message_id: str
    queued_at: datetime


def _origin(message: func.QueueMessage) -> _Origin:
    queued_at = getattr(message, "insertion_time", None) or datetime.now(UTC)
    return {"message_id": message.id or "", "queued_at": queued_at}


def _report(processed: "Processed") -> None:
    ids = {"event_id": processed.event_id, **({"code": processed.code} if processed.code else {})}
    logger.info("lead %s", processed.outcome, extra=ids)


async def _show(req: func.HttpRequest) -> "FollowUpPage":
    token = req.route_params["token"]
    return await services().rest.answering.show(token, now=datetime.now(UTC), click=_new_id())


async def _record(req: func.HttpRequest) -> "FollowUpPage":
    form = dict(parse_qsl(req.get_body()[:MAX_FORM_BYTES].decode("utf-8", "replace"), keep_blank_values=True))
    token = req.route_params["token"]
    page = await services().rest.answering.record(token, form, now=datetime.now(UTC), click=_new_id())
    logger.info("answer %s", "refused" if page.problem else "recorded", extra={"choice": str(page.chosen or "")})
    return page


async def _answer_with_page(
    req: func.HttpRequest, make: "Callable[[func.HttpRequest], Awaitable[FollowUpPage]]"
) -> func.HttpResponse:
    """Answer with the page; of trouble, browsers get a plain page and programs a problem."""
    from lead_core.views.page import CONTENT_SECURITY_POLICY, render_follow_up, render_message  # noqa: PLC0415

    is_browser = _names_html(req.headers.get("accept", ""))
    try:
        page = await make(req)
    except LeadError as error:
        logger.warning("no page", extra={"code": error.code})
        status, title = _PAGE_TROUBLES.get(type(error), _LATER)
        html = render_message(title, error.explanation)
        response = _html(status, html) if is_browser else _problem(status, title, error)
    else:
        wrong = LeadError("wrong-form", page.problem) if page.problem else None
        status = HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK
        if wrong and not is_browser:
            response = _problem(status, "Nothing was recorded", wrong, field=page.wrong_field)
        else:
            response = _html(status, render_follow_up(page))
    response.headers.update({"Content-Security-Policy": CONTENT_SECURITY_POLICY, **_PRIVATE_PAGE})
    return response


def _names_html(accept: str) -> bool:
    """Say whether somebody asks for HTML by name, as every browser does; ``*/*`` names nothing."""
    return "text/html" in {kind.partition(";")[0].strip().lower() for kind in accept.split(",")}


def _new_id() -> str:
    return uuid.uuid4().hex


def _problem(status: HTTPStatus, title: str, error: LeadError, **members: object) -> func.HttpResponse:
    """Answer as RFC 9457 has it. https://www.rfc-editor.org/rfc/rfc9457"""
    problem = {"title": title, "status": status, "detail": error.explanation, "code": error.code, **members}
    return _json(status, problem, mimetype="application/problem+json")


def _json(status: HTTPStatus, members: dict[str, object], mimetype: str = "application/json") -> func.HttpResponse:
    return _respond(status, json.dumps(members), mimetype)


def _html(status: HTTPStatus, page: str) -> func.HttpResponse:
    return _respond(status, page, "text/html")


def _respond(status: HTTPStatus, body: str, mimetype: str) -> func.HttpResponse:
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return func.HttpResponse(body, status_code=status, mimetype=mimetype, charset="utf-8", headers=headers)
