"""Find the leads in a body: one object, an object inside a wrapper, or an array of several."""

from dataclasses import replace
from itertools import islice
from typing import Final

from lead_core.errors import RejectCode, UnreadableLeadError
from lead_core.lead.received import Envelope
from lead_core.lead.values import format_digest
from lead_core.marketplace.body import Members, Source, list_parts, open_text, parse_json
from lead_core.marketplace.charset import decode_text, encode_text
from lead_core.marketplace.members import (
    fold_name,
    has_user_details,
    is_of_marketplace,
    says_lead,
    says_person,
    says_whole_lead,
)

MAX_LEADS: Final = 100
"""How many leads one body may hold. Each costs four requests to storage."""
MAX_DEPTH: Final = 3
"""How deep a lead may stand: a wrapper, in it an array, in it wrappers."""
_MAX_MEMBERS: Final = 200
"""How many members of a wrapper are looked at."""
_OUR_OWN_PEOPLE: Final = {
    "owner", "assignee", "assignedto", "createdby", "modifiedby", "sender", "from", "to", "recipient", "seller",
    "salesperson", "salesrep", "accountmanager", "partner", "publisher", "agent", "actor", "initiator",
    "user", "account", "identity", "principal", "caller", "author", "creator", "manager", "approver", "reporter",
    "updatedby", "lastmodifiedby", "submittedby", "triggeredby", "initiatedby", "requestedby", "approvedby",
    "leadowner", "contactowner", "accountowner", "ownerdetails", "ownerinfo", "replyto", "headers", "metadata",
    "employee", "admin", "administrator", "support",
}  # fmt: skip
"""Members that may describe a person who is not the customer. Only what the marketplace wrote is read out of them."""


def split(envelope: Envelope) -> list[Envelope]:
    """Return an envelope for each lead in *envelope*. If there is one, it is *envelope*, with its body as it came.

    Of several, each has its own text as body. The first keeps the event id, and the ids of the others follow from it.

    Raises: UnreadableLeadError (``not-utf-8``, ``not-json``, ``too-complex``, ``not-an-object``, ``too-many-leads``).
    """
    read = decode_text(envelope.body, envelope.charset)
    leads = find_leads(read.text)
    if len(leads) == 1:
        return [envelope]
    bodies = [encode_text(lead.text, read.charset) for lead in leads]
    ids = [envelope.event_id, *(format_digest(envelope.event_id, str(n)) for n in range(1, len(leads)))]
    return [replace(envelope, event_id=each, body=body) for each, body in zip(ids, bodies, strict=True)]


def find_leads(text: str) -> list[Source]:
    """Return each lead in a JSON text, without the wrapper that it may have. There is at least one.

    An object in which nothing is found stands for itself. Raises: UnreadableLeadError as `split`.
    """
    whole = open_text(parse_json(text))
    try:
        leads = _find(whole, MAX_DEPTH)
    except RecursionError as error:
        raise UnreadableLeadError(RejectCode.TOO_COMPLEX, "The body is JSON, but it is nested too deeply.") from error
    if len(leads) > MAX_LEADS:
        raise _too_many(len(leads))
    if not leads and not _holds_object(whole.value):
        raise UnreadableLeadError(
            RejectCode.NOT_AN_OBJECT,
            "The body is JSON, but not an object: a lead is one {…} with its members, or an array of such.",
        )
    return leads or [whole]


def _find(source: Source, depth: int) -> list[Source]:
    """Return the leads in *source*. An element of an array that says nothing of a lead comes as it is."""
    if isinstance(source.value, Members):
        if has_user_details(source.value) or (says_person(source.value) and says_whole_lead(source.value)):
            return [source]
        wrapped = _find_wrapped(source, depth) if depth else []
        if not says_lead(source.value):
            return wrapped
        # What stands beside a whole lead is the wrapper's. Beside anything less, it is the lead's.
        return wrapped if len(wrapped) == 1 and says_whole_lead(wrapped[0].value) else [source]
    if isinstance(source.value, list) and depth:
        return _find_listed(source, source.value, depth)
    return []


def _find_wrapped(wrapper: Source, depth: int) -> list[Source]:
    """Return the leads under the one member that has any. If several differ, nobody can know which is meant.

    Whole leads come before the rest: what says only a person may be the sender.
    """
    found: list[list[Source]] = []
    whole: list[list[Source]] = []
    for name, part in islice(list_parts(wrapper), _MAX_MEMBERS):
        leads = _find(open_text(part), depth - 1)
        if fold_name(name) in _OUR_OWN_PEOPLE:
            leads = [lead for lead in leads if is_of_marketplace(lead.value)]
        if any(says_whole_lead(lead.value) for lead in leads):
            whole.append(leads)
        elif leads:
            found.append(leads)
    found = whole or found
    # Some gateways hand over the same body twice, as an object and as text.
    is_one = all([lead.value for lead in leads] == [lead.value for lead in found[0]] for leads in found)
    return found[0] if found and is_one else []


def _find_listed(source: Source, elements: list[object], depth: int) -> list[Source]:
    parts = [open_text(part) for _, part in islice(list_parts(source), MAX_LEADS + 1)]
    found = [_find(part, depth - 1) for part in parts]
    if any(found) and len(elements) > MAX_LEADS:
        raise _too_many(len(elements))
    return [lead for part, leads in zip(parts, found, strict=True) for lead in leads or [part]] if any(found) else []


def _too_many(count: int) -> UnreadableLeadError:
    return UnreadableLeadError(
        RejectCode.TOO_MANY_LEADS,
        f"The body holds {count:,} leads. One post may hold at most {MAX_LEADS}: send the rest in others.",
    )


def _holds_object(value: object) -> bool:
    return isinstance(value, Members) or (
        isinstance(value, list) and any(isinstance(element, Members) for element in value)
    )
