"""``Digests``: what is told once in a mail of its own. A row for each occasion."""

from collections.abc import Mapping
from typing import Any, Final

from lead_core.adapters.tables.cells import is_yes, read_time
from lead_core.adapters.tables.table import Entity
from lead_core.ports.outgoing import Occasion

OCCASIONS_PARTITION: Final = "occasions"


def occasion_to_row(occasion: Occasion) -> Entity:
    """Write an occasion."""
    return {
        "PartitionKey": OCCASIONS_PARTITION,
        "RowKey": occasion.key,
        **({"SentAt": occasion.sent_at} if occasion.sent_at else {}),
        **({"IsRefused": True} if occasion.is_refused else {}),
    }


def read_occasion(row: Mapping[str, Any]) -> Occasion:
    """Read an occasion. If a person emptied the time, it is told once more."""
    return Occasion(row["RowKey"], read_time(row, "SentAt"), is_yes(row.get("IsRefused")))
