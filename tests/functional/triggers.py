"""What the worker calls, and the rows that it leaves in Azurite."""

from typing import Any

from azure.core.exceptions import ResourceNotFoundError

import function_app
from lead_core.wiring import Services


def trigger(function: Any) -> Any:
    """Give what the worker calls."""
    return function.build().get_user_function()


ACCEPT = trigger(function_app.accept_lead)
PROCESS = trigger(function_app.process_lead)
PARK = trigger(function_app.park_poisoned_lead)
HEALTH = trigger(function_app.health)
REMIND = trigger(function_app.send_reminders)
CHECK = trigger(function_app.check_leads)
SUMMARISE = trigger(function_app.send_summary)
CANARY = trigger(function_app.send_canary)
SHOW = trigger(function_app.show_follow_up)
SHOW_MY_LEADS = trigger(function_app.show_my_leads)
RECORD = trigger(function_app.record_follow_up)
REPORT = trigger(function_app.show_report)


async def rows(services: Services, table: str) -> list[dict[str, Any]]:
    try:
        return [dict(row) async for row in services.rest.table(table)._client.list_entities()]
    except ResourceNotFoundError:
        return []
