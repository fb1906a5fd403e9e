"""Leads as rows of a file: for a spreadsheet, for another program, or for the import of a CRM."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from lead_core.views.crm import DYNAMICS, HUBSPOT, SALESFORCE
from lead_core.views.exported import Columns


class Format(StrEnum):
    """For whom the rows are."""

    CSV = "csv"
    JSON = "json"
    DYNAMICS = "dynamics"
    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"

    @property
    def columns(self) -> Columns:
        """What stands in each column, by its title."""
        return _COLUMNS.get(self, _TABLE)

    @property
    def is_for_crm(self) -> bool:
        """Whether salespeople work on with the rows in another system."""
        return self in _COLUMNS

    @property
    def is_of_people(self) -> bool:
        """Whether a row is a person. In the other formats, it is a person's interest in one offer."""
        return self is Format.HUBSPOT

    @property
    def can_object(self) -> bool:
        """Whether a row can say that its person asked not to be contacted."""
        return self is not Format.HUBSPOT


_TABLE: Final[Columns] = {
    "FirstName": lambda each: each.lead.shown.first_name,
    "LastName": lambda each: each.lead.shown.last_name,
    "Company": lambda each: each.lead.shown.company,
    "Email": lambda each: each.lead.shown.email,
    "Phone": lambda each: each.lead.shown.phone,
    "Title": lambda each: each.lead.shown.title,
    "Country": lambda each: each.lead.shown.country,
    "OfferTitle": lambda each: each.lead.shown.offer_title,
    "PublisherId": lambda each: each.lead.shown.publisher_id,
    "OfferId": lambda each: each.lead.shown.offer_id,
    "Source": lambda each: each.lead.shown.source,
    "ActionCode": lambda each: each.lead.shown.action_code,
    "ActionCount": lambda each: each.lead.history.count,
    "Description": lambda each: each.lead.shown.description,
    "Status": lambda each: each.facts.status,
    "Owner": lambda each: each.facts.owner,
    "Note": lambda each: each.facts.note,
    "DisqualifiedReason": lambda each: each.facts.disqualified_reason,
    "Qualification": lambda each: each.facts.qualification,
    "FirstSeenAt": lambda each: each.lead.history.first_at,
    "LastSeenAt": lambda each: each.lead.history.last_at,
    "WaitingSince": lambda each: each.lead.waiting_since,
    "NextReminderAt": lambda each: each.lead.next_reminder_at,
    "RemindersSent": lambda each: each.lead.reminders_sent,
    "SnoozedUntil": lambda each: each.lead.snoozed_until,
    "Attempts": lambda each: each.lead.attempts,
    "FirstContactedAt": lambda each: each.lead.first_contacted_at,
    "ContactedBy": lambda each: each.lead.contacted_by,
    "IsTest": lambda each: each.lead.is_test,
    "IsInternal": lambda each: each.lead.is_internal,
    "PartitionKey": lambda each: each.lead.key.partition,
    "RowKey": lambda each: each.lead.key.row,
}
"""The columns of ``Leads``."""

_COLUMNS: Final[Mapping[Format, Columns]] = {
    Format.DYNAMICS: DYNAMICS,
    Format.SALESFORCE: SALESFORCE,
    Format.HUBSPOT: HUBSPOT,
}
