"""Fill in the templates. Every text of a customer is escaped."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lead_core.messages import Mail

if TYPE_CHECKING:
    from jinja2 import Environment

MAX_HTML_BYTES = 98_000
"""Gmail cuts off a mail at some 100 KB."""
TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: object) -> str:
    """Return ``<template>.html.j2``, filled in. A missing value is an error."""
    return _environment().get_template(f"{template}.html.j2").render(values)


def fits(mail: Mail) -> bool:
    """Whether a mail is shown as a whole."""
    return len(mail.html.encode()) <= MAX_HTML_BYTES


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 -- no cold start pays for it

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
