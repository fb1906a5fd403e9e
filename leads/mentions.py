"""Where a person is named in what is kept about others."""

from collections.abc import Sequence
from typing import Final

from rich.console import Group

from lead_core.lead.search import name_person
from lead_core.lead.values import LeadKey
from lead_core.operations.mentions import Mention
from lead_core.views.safe_text import show_line
from leads.documents import describe_key
from leads.printing import make_table, tell_rest

_MAX_CHARACTERS: Final = 60
_KEY_CHARACTERS: Final = 12
_MAX_SHOWN: Final = 50


def list_mentions(mentions: Sequence[Mention], *, title: str = "") -> Group:
    """Return where a person is named as a table."""
    rows = map(_make_row, mentions[:_MAX_SHOWN])
    return Group(make_table(("table", "in", "of", "row"), rows, title=title), *tell_rest(mentions, _MAX_SHOWN))


def describe_mention(mention: Mention) -> dict[str, object]:
    """Return for a JSON document where a person is named."""
    row = mention.row
    return {"table": row.table, **describe_key(LeadKey(*row.keys)), "about": row.about, "cells": mention.columns}


def _make_row(mention: Mention) -> tuple[str, str, str, str]:
    row = mention.row
    partition, key = row.keys
    # The keys of other tables than Leads are long, and begin with what is enough to find them.
    name = name_person(LeadKey(partition, key)) if row.lead == row.keys else f"{partition} {key[:_KEY_CHARACTERS]}"
    return row.table, ", ".join(mention.columns), show_line(row.about, _MAX_CHARACTERS), name
