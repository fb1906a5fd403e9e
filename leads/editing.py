"""Correct the body of a rejected lead in the person's own editor."""

from dataclasses import replace

import click
from rich.console import Group

from lead_core.marketplace.charset import encode_text
from lead_core.operations.listing_rejects import ReadReject, judge
from leads.asking import NobodyAnswersError, ask
from leads.command import Desk
from leads.printing import print_view
from leads.rejects import shorten_id, show_fault


def edit_body(desk: Desk, reject: ReadReject) -> bytes | None:
    """Return the body as the person corrected it, once it can be read. None if they gave up.

    The file that the editor opens is readable by its owner alone, and is removed.
    """
    if reject.text is None:
        desk.say(f"{shorten_id(reject)} is no text, so it can't be edited here.")
        return None
    print_view(show_fault(reject), desk.messages)
    text, corrected = reject.text, reject
    while True:
        try:
            edited = click.edit(text, extension=".json")
        except click.ClickException as error:  # There is no such editor, or it ended with an error.
            desk.say(f"{error.message}. The setting EDITOR says which editor is opened.")
            return None
        except ValueError as error:
            desk.say(f"What the editor saved is not UTF-8, or EDITOR can't be read: {error}.")
            return None
        if edited is None and corrected.fault is None:  # They looked at it, and saved nothing.
            return None
        if edited is not None:
            text = edited
            body = encode_text(text, reject.envelope.charset or "utf-8")
            corrected = judge(reject.stored, replace(reject.envelope, body=body))
        if corrected.fault is None:
            return corrected.envelope.body
        print_view(Group("It still cannot be read:", show_fault(corrected)), desk.messages)
        if not _wants_more():
            return None


def _wants_more() -> bool:
    try:
        return ask("Edit again?", default=True)
    except NobodyAnswersError:  # What was retried before is still reported.
        return False
