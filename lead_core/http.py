"""Answers over HTTP: JSON, problems and pages, and the headers that go with them."""

import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import azure.functions as func

from lead_core.errors import (
    AnswerError,
    ExpiredLinkError,
    ExpiredListLinkError,
    ForgedLinkError,
    IncompleteLinkError,
    LeadErasedError,
    LeadError,
    LeadGoneError,
    RejectCode,
    RowRefusedError,
    SomeoneWasFirstError,
    UnreadableLeadError,
)
from lead_core.log_fields import fields

if TYPE_CHECKING:
    from typing import TypeAlias

    from lead_core.views.page import FollowUpPage

    Made: TypeAlias = "FollowUpPage | NextPage | Rendered | Message"

RETRY_AFTER_SECONDS = 30

logger = logging.getLogger("leads")

_REFUSALS = {
    RejectCode.CHUNKED: (HTTPStatus.LENGTH_REQUIRED, "The length is missing"),
    RejectCode.TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The lead is too large"),
    RejectCode.TOO_MANY_LEADS: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "These are too many leads"),
    RejectCode.UNKNOWN_ENCODING: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The lead is packed in an unknown way"),
}
_NO_LEAD = (HTTPStatus.BAD_REQUEST, "This is not a lead")
_PAGE_TROUBLES = {
    ForgedLinkError: (HTTPStatus.FORBIDDEN, "This link does not work"),
    IncompleteLinkError: (HTTPStatus.FORBIDDEN, "This link is incomplete"),
    ExpiredLinkError: (HTTPStatus.GONE, "This link has expired"),
    ExpiredListLinkError: (HTTPStatus.GONE, "This link has expired"),
    LeadErasedError: (HTTPStatus.GONE, "This lead was erased"),
    LeadGoneError: (HTTPStatus.NOT_FOUND, "This lead is gone"),
    SomeoneWasFirstError: (HTTPStatus.CONFLICT, "Please try again"),
    RowRefusedError: (HTTPStatus.CONFLICT, "This cannot be stored"),
}
_LATER = (HTTPStatus.SERVICE_UNAVAILABLE, "Please try again")
_PRIVATE_PAGE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


class NextPage(NamedTuple):
    """Where a browser goes after a post, so that loading the page again posts nothing."""

    url: str
    cookie: str = ""
    """The ``Set-Cookie`` header that goes with it."""


class Rendered(NamedTuple):
    """A page or a file as it is sent."""

    body: str
    mimetype: str = "text/html"
    filename: str = ""
    """The name under which a browser keeps a file. ``""`` for a page."""


class Message(NamedTuple):
    """A page that says one thing."""

    title: str
    text: str


def answer_json(
    status: HTTPStatus, members: dict[str, object], mimetype: str = "application/json"
) -> func.HttpResponse:
    """Answer with a JSON object."""
    return _respond(status, json.dumps(members), mimetype)


def answer_problem(status: HTTPStatus, title: str, error: LeadError, **members: object) -> func.HttpResponse:
    """Answer with a problem of RFC 9457. https://www.rfc-editor.org/rfc/rfc9457"""
    problem = {"title": title, "status": status, "detail": error.explanation, "code": error.code, **members}
    return answer_json(status, problem, mimetype="application/problem+json")


def answer_refusal(error: UnreadableLeadError, event_id: str) -> func.HttpResponse:
    """Answer the sender of a body that is not a lead."""
    status, title = _REFUSALS.get(RejectCode(error.code), _NO_LEAD)
    return answer_problem(status, title, error, id=event_id)


def answer_wrong_method(req: func.HttpRequest, error: LeadError, *, allowed: str) -> func.HttpResponse:
    """Answer a method that an address does not take: with a page for browsers, with a problem for other clients."""
    from lead_core.views.page import render_message  # noqa: PLC0415 -- see `answer_page`
    from lead_core.views.style import CONTENT_SECURITY_POLICY  # noqa: PLC0415 -- see `answer_page`

    status, title = HTTPStatus.METHOD_NOT_ALLOWED, "This address takes leads"
    is_browser = _names_html(req.headers.get("accept", ""))
    html = render_message(title, error.explanation) if is_browser else ""
    response = _answer_html(status, html) if is_browser else answer_problem(status, title, error)
    response.headers.update({"Allow": allowed, "Content-Security-Policy": CONTENT_SECURITY_POLICY, **_PRIVATE_PAGE})
    return response


async def answer_page(
    req: func.HttpRequest, make: "Callable[[func.HttpRequest, datetime], Awaitable[Made]]"
) -> func.HttpResponse:
    """Answer with what *make* gives. On errors, browsers get an HTML page; others get ``application/problem+json``."""
    # Intake's cold start does not pay for the pages.
    from lead_core.views.page import render_message  # noqa: PLC0415 -- see above
    from lead_core.views.style import CONTENT_SECURITY_POLICY  # noqa: PLC0415 -- see above

    is_browser = _names_html(req.headers.get("accept", ""))
    try:
        page = await make(req, datetime.now(UTC))
    except LeadError as error:
        logger.warning("no page %s", fields(code=error.code))
        status, title = _PAGE_TROUBLES.get(type(error), _LATER)
        html = render_message(title, error.explanation, can_renew=isinstance(error, ExpiredLinkError))
        response = _answer_html(status, html) if is_browser else answer_problem(status, title, error)
    else:
        response = _answer_made(page, is_browser=is_browser)
    response.headers.update({"Content-Security-Policy": CONTENT_SECURITY_POLICY, **_PRIVATE_PAGE})
    return response


def _answer_made(made: "Made", *, is_browser: bool) -> func.HttpResponse:
    from lead_core.views.page import render_follow_up, render_message  # noqa: PLC0415 -- see `answer_page`

    if isinstance(made, NextPage):
        response = _answer_html(HTTPStatus.SEE_OTHER, render_message("Go on", "The page of the lead has the rest."))
        response.headers["Location"] = made.url
        if made.cookie:
            response.headers["Set-Cookie"] = made.cookie
        return response
    if isinstance(made, Rendered):
        response = _respond(HTTPStatus.OK, made.body, made.mimetype)
        if made.filename:
            response.headers["Content-Disposition"] = f'attachment; filename="{made.filename}"'
        return response
    if isinstance(made, Message):
        return _answer_html(HTTPStatus.ACCEPTED, render_message(*made))
    if made.problem and not is_browser:
        wrong = AnswerError(made.problem, made.wrong_field)
        return answer_problem(HTTPStatus.BAD_REQUEST, "Nothing was recorded", wrong, field=wrong.field)
    return _answer_html(HTTPStatus.BAD_REQUEST if made.problem else HTTPStatus.OK, render_follow_up(made))


def _names_html(accept: str) -> bool:
    """Whether a client asks for HTML by name, as every browser does. ``*/*`` names nothing."""
    return "text/html" in {kind.partition(";")[0].strip().lower() for kind in accept.split(",")}


def _answer_html(status: HTTPStatus, page: str) -> func.HttpResponse:
    return _respond(status, page, "text/html")


def _respond(status: HTTPStatus, body: str, mimetype: str) -> func.HttpResponse:
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return func.HttpResponse(body, status_code=status, mimetype=mimetype, charset="utf-8", headers=headers)
