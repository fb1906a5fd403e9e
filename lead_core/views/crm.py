"""Leads with the columns that the import of a CRM maps by itself, and in its own words.

The words are those that each CRM has when it is new. A team that renamed them maps them once, in the import.
"""

from collections.abc import Callable, Mapping
from typing import Final

from lead_core.lead.values import Status
from lead_core.views.exported import NOT_KNOWN, Columns, ExportedLead


def _say(words: Mapping[Status, str]) -> Callable[[ExportedLead], str]:
    return lambda each: words[each.lead.status]


def _say_opt_out(yes: str, no: str) -> Callable[[ExportedLead], str]:
    return lambda each: yes if each.lead.status is Status.DO_NOT_CONTACT else no


# https://learn.microsoft.com/dynamics365/developer/reference/entities/lead
# There, a lead that is Qualified is closed and has an opportunity. Only a person can make one, so ours stays open.
DYNAMICS: Final[Columns] = {
    "Topic": lambda each: each.topic,
    "First Name": lambda each: each.first_name,
    "Last Name": lambda each: each.last_name,
    "Company Name": lambda each: each.lead.shown.company,
    "Job Title": lambda each: each.lead.shown.title,
    "Email": lambda each: each.email,
    "Business Phone": lambda each: each.lead.shown.phone,
    "Country/Region": lambda each: each.country,
    "Lead Source": lambda _: "Web",
    "Rating": lambda each: "Hot" if each.lead.status is Status.QUALIFIED else "Warm",
    "Status": _say(
        {
            Status.NEW: "Open",
            Status.CONTACTED: "Open",
            Status.QUALIFIED: "Open",
            Status.DISQUALIFIED: "Disqualified",
            Status.DO_NOT_CONTACT: "Disqualified",
        }
    ),
    "Status Reason": _say(
        {
            Status.NEW: "New",
            Status.CONTACTED: "Contacted",
            Status.QUALIFIED: "Contacted",
            Status.DISQUALIFIED: "Lost",
            Status.DO_NOT_CONTACT: "Cannot Contact",
        }
    ),
    "Description": lambda each: each.story,
    "Do not allow Emails": _say_opt_out("Do Not Allow", "Allow"),
    "Do not allow Phone Calls": _say_opt_out("Do Not Allow", "Allow"),
}

# https://help.salesforce.com/s/articleView?id=xcloud.field_mapping_for_importing_leads.htm
# A last name and a company are required. "Closed - Converted" can't be imported: only a person can convert a lead.
SALESFORCE: Final[Columns] = {
    "First Name": lambda each: each.first_name,
    "Last Name": lambda each: each.last_name,
    "Company": lambda each: each.lead.shown.company or NOT_KNOWN,
    "Title": lambda each: each.lead.shown.title,
    "Email": lambda each: each.email,
    "Phone": lambda each: each.lead.shown.phone,
    "Country": lambda each: each.country,
    "Lead Source": lambda _: "Web",
    "Lead Status": _say(
        {
            Status.NEW: "Open - Not Contacted",
            Status.CONTACTED: "Working - Contacted",
            Status.QUALIFIED: "Working - Contacted",
            Status.DISQUALIFIED: "Closed - Not Converted",
            Status.DO_NOT_CONTACT: "Closed - Not Converted",
        }
    ),
    "Rating": lambda each: "Hot" if each.lead.status is Status.QUALIFIED else "Warm",
    "Description": lambda each: each.story,
    "Email Opt Out": _say_opt_out("1", "0"),
    "Do Not Call": _say_opt_out("1", "0"),
}

# https://knowledge.hubspot.com/import-and-export/set-up-your-import-file
# A contact is known by their address. Who opted out is imported there as a list of its own.
HUBSPOT: Final[Columns] = {
    "First Name": lambda each: each.lead.shown.first_name,
    "Last Name": lambda each: each.lead.shown.last_name,
    "Email": lambda each: each.email,
    "Phone Number": lambda each: each.lead.shown.phone,
    "Company Name": lambda each: each.lead.shown.company,
    "Job Title": lambda each: each.lead.shown.title,
    "Country/Region": lambda each: each.country,
    "Lifecycle Stage": lambda each: "Sales Qualified Lead" if each.lead.status is Status.QUALIFIED else "Lead",
    "Lead Status": _say(
        {
            Status.NEW: "New",
            Status.CONTACTED: "Connected",
            Status.QUALIFIED: "Connected",
            Status.DISQUALIFIED: "Unqualified",
            Status.DO_NOT_CONTACT: "Unqualified",
        }
    ),
    "Contact Owner": lambda each: each.facts.owner,
    "Message": lambda each: each.story,
}
