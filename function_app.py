"""The triggers: each translates its event, calls one step and reports the outcome."""

import logging
import uuid
from collections import Counter
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict

import azure.functions as func

from lead_core.errors import LeadError, SettingsError, StorageUnavailableError, UnreadableLeadError
from lead_core.http import answer_json, answer_page, answer_problem, answer_refusal, read_form
from lead_core.settings import STORAGE_SETTING, find_schedule
from lead_core.steps.health import find_faults
from lead_core.steps.intake import Posted
from lead_core.wiring import QUEUE_NAME, services

if TYPE_CHECKING:
    from lead_core.steps.processing import Processed
    from lead_core.views.page import FollowUpPage

logger = logging.getLogger("leads")

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


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
        return answer_refusal(error, event_id)
    except (StorageUnavailableError, SettingsError) as error:
        logger.warning("lead not taken", extra={"event_id": event_id, "code": error.code})
        return answer_problem(HTTPStatus.SERVICE_UNAVAILABLE, "The lead could not be taken", error)
    logger.info("lead accepted", extra={"event_id": event_id})
    return answer_json(HTTPStatus.ACCEPTED, {"id": event_id})


# As text, the host would refuse what is not UTF-8 before we saw it, and again from the poison queue.
@app.queue_trigger("message", queue_name=QUEUE_NAME, connection=STORAGE_SETTING, data_type=func.DataType.BINARY)
async def process_lead(message: func.QueueMessage) -> None:
    """Store one enqueued lead. A second delivery changes nothing. Transient errors rise to the host."""
    _report(await services().rest.processing.process(message.get_body(), **_origin(message)))


@app.queue_trigger(
    "message", queue_name=f"{QUEUE_NAME}-poison", connection=STORAGE_SETTING, data_type=func.DataType.BINARY
)
async def park_poisoned_lead(message: func.QueueMessage) -> None:
    """Keep what the host gave up on where people see it."""
    _report(await services().rest.processing.park(message.get_body(), **_origin(message)))


@app.timer_trigger("timer", schedule=find_schedule("REMINDER_SCHEDULE"))
async def send_reminders(timer: func.TimerRequest) -> None:  # noqa: ARG001 -- the host hands it over
    """Tell owners of their leads, remind them, and give rejected leads another try if that was asked for."""
    now, outcomes = datetime.now(UTC), Counter[str]()
    try:
        outcomes += await services().rest.confirming.tick(now=now, new_id=_new_id)
        outcomes += await services().rest.reminding.tick(now=now, new_id=_new_id)
    except SettingsError as error:
        logger.error("no reminders: %s", error.explanation, extra={"code": error.code})  # noqa: TRY400 -- no traceback: the setting is what is wrong
    finally:  # Neither needs the other.
        outcomes["retried"] = await services().rest.retrying.tick(now=now)
    if any(outcomes.values()):
        logger.info("reminders", extra=outcomes)


@app.timer_trigger("timer", schedule=find_schedule("CHECK_SCHEDULE"))
async def check_leads(timer: func.TimerRequest) -> None:  # noqa: ARG001 -- the host hands it over
    """Write down what people edited, correct the to-do list, count what rests."""
    try:
        logger.info("leads checked", extra=await services().rest.reconciling.check())
    finally:
        await services().rest.retrying.check()


@app.route("follow-up/{token}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def show_follow_up(req: func.HttpRequest) -> func.HttpResponse:
    """Show the lead behind a link. Mail scanners follow links, so this changes nothing."""
    return await answer_page(req, _show)


@app.route("follow-up/{token}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
async def record_follow_up(req: func.HttpRequest) -> func.HttpResponse:
    """Record what a person says of the lead behind a link."""
    return await answer_page(req, _record)


@app.route("health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 -- the host hands it over
    """Say whether storage answers and every setting is right. If not, say what to do."""
    faults = await find_faults(services().settings.mistakes, services().list_probes())
    if not faults:
        return answer_json(HTTPStatus.OK, {"status": "healthy"})
    error = LeadError("unhealthy", " ".join(f"{fault.name}: {fault.advice.rstrip('.')}." for fault in faults))
    logger.warning("unhealthy", extra={"faults": [fault.name for fault in faults]})
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
    logger.info("lead %s", processed.outcome, extra=ids)


async def _show(req: func.HttpRequest) -> "FollowUpPage":
    token = req.route_params["token"]
    return await services().rest.answering.show(token, now=datetime.now(UTC), click=_new_id())


async def _record(req: func.HttpRequest) -> "FollowUpPage":
    token = req.route_params["token"]
    page = await services().rest.answering.record(token, read_form(req), now=datetime.now(UTC), click=_new_id())
    logger.info("answer %s", "refused" if page.problem else "recorded", extra={"choice": str(page.chosen or "")})
    return page


def _new_id() -> str:
    return uuid.uuid4().hex
