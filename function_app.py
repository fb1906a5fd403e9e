"""The triggers: each translates its event, calls one step and reports the outcome."""

import json
import logging
import uuid
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict

import azure.functions as func

from lead_core.errors import LeadError, RejectCode, SettingsError, StorageUnavailableError, UnreadableLeadError
from lead_core.health import find_faults
from lead_core.intake import Posted
from lead_core.settings import STORAGE_SETTING
from lead_core.wiring import QUEUE_NAME, services

if TYPE_CHECKING:
    from lead_core.processing import Processed

RETRY_AFTER_SECONDS = 30

logger = logging.getLogger("leads")

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)

_REFUSALS = {
    RejectCode.CHUNKED: (HTTPStatus.LENGTH_REQUIRED, "The length is missing"),
    RejectCode.TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The lead is too large"),
}
_NO_LEAD = (HTTPStatus.BAD_REQUEST, "This is no lead")


@app.route("leads/{offer?}", methods=["POST"])
async def accept_lead(req: func.HttpRequest) -> func.HttpResponse:
    """Take what the marketplace posts: 202 once it is in the queue."""
    event_id, body = uuid.uuid4().hex, req.get_body()
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
    _report(await services().processing.process(message.get_body(), **_origin(message)))


@app.queue_trigger(
    "message", queue_name=f"{QUEUE_NAME}-poison", connection=STORAGE_SETTING, data_type=func.DataType.BINARY
)
async def park_poisoned_lead(message: func.QueueMessage) -> None:
    """Keep what the host gave up on where somebody sees it."""
    _report(await services().processing.park(message.get_body(), **_origin(message)))


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


def _problem(status: HTTPStatus, title: str, error: LeadError, **members: object) -> func.HttpResponse:
    """Answer as RFC 9457 has it. https://www.rfc-editor.org/rfc/rfc9457"""
    problem = {"title": title, "status": status, "detail": error.explanation, "code": error.code, **members}
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return _json(status, problem, mimetype="application/problem+json", headers=headers)


def _json(
    status: HTTPStatus,
    members: dict[str, object],
    mimetype: str = "application/json",
    headers: dict[str, str] | None = None,
) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(members), status_code=status, mimetype=mimetype, headers=headers)
