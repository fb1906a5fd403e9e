"""What the same person did on other offers, in plain words."""

from collections.abc import Sequence

from lead_core.lead.lead import Lead
from lead_core.views.words import describe_action, describe_status


def describe_others(others: Sequence[Lead]) -> tuple[str, ...]:
    """Describe what the same person did on other offers: ``Contoso ERP: started a test drive, contacted``."""
    return tuple(
        f"{other.shown.offer_title or other.shown.offer_id}: "
        f"{describe_action(other.shown.action_code, other.shown.source)}, {describe_status(other.status)}"
        for other in others
    )
