"""A lead in a JSON document, by the same names in every command."""

from typing import Any

from lead_core.lead.delivery import Shown
from lead_core.lead.follow_up import find_owner
from lead_core.lead.lead import Lead
from lead_core.lead.to_do import find_open_wait
from lead_core.lead.values import LeadKey
from leads.wording import name_offer


def describe_lead(lead: Lead) -> dict[str, Any]:
    """Return which lead it is, who it is from, and how it stands."""
    return {
        **describe_key(lead.key),
        **describe_customer(lead.shown),
        "offer": name_offer(lead),
        "status": lead.status,
        "owner": find_owner(lead),
        "waitingSince": find_open_wait(lead),
        "isTest": lead.is_test,
    }


def describe_key(key: LeadKey) -> dict[str, str]:
    """Return where a lead stands in ``Leads``."""
    return {"partitionKey": key.partition, "rowKey": key.row}


def describe_customer(shown: Shown) -> dict[str, str]:
    """Return who a lead is from."""
    return {
        "name": shown.name,
        "company": shown.company,
        "email": shown.email,
        "phone": shown.phone,
        "country": shown.country,
    }
