"""The templates, filled in. What comes from a customer is escaped, whatever it looks like."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, **values: object) -> str:
    """Fill in ``<template>.html.j2``; a value that it names and nobody gives is an error."""
    return _environment().get_template(f"{template}.html.j2").render(values)


@cache
def _environment() -> "Environment":
    # Intake's cold start does not pay for it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
