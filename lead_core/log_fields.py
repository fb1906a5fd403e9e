"""Fields of log records. Azure keeps a record's message alone, so they stand in it. Never a person's data."""

import json


def fields(**values: object) -> str:
    """Write the fields of a record at the end of its message: ``{"event_id": "3f…"}``.

    Kusto reads them with ``parse_json(substring(message, indexof(message, "{")))``.
    """
    return json.dumps(values, ensure_ascii=False, default=str)
