"""The documented shapes of a lead, each with a person that the app takes for a test.

The members of each are those of a sample in ``tests/samples``: a test compares them.
"""

import json
from dataclasses import dataclass
from typing import Any, Final

_OFFER: Final = "Test of the connection"
"""One title for all, so that the app confirms them in one mail."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One way in which a lead comes."""

    name: str
    what: str
    """Who sends it, in a few words."""
    document: Any

    @property
    def body(self) -> bytes:
        """What is posted."""
        return json.dumps(self.document).encode()


def _person(name: str, **more: str) -> dict[str, str]:
    """Return the person of a shape, another one in each. All the app needs to know a test is the ``MSFT_TEST``."""
    return {
        "FirstName": "MSFT_TEST",
        "LastName": name,
        "Email": f"msft_test_{name.replace('-', '_')}@contoso.example",
        "Phone": "",
        "Country": "US",
        "Company": "MSFT_TEST",
        "Title": "",
        **more,
    }


def _begin_small(members: dict[str, Any]) -> dict[str, Any]:
    return {f"{name[0].lower()}{name[1:]}": value for name, value in members.items()}


def _flat(name: str, source: str = "AzureMarketplace", action: str = "INS") -> dict[str, Any]:
    says = {"LeadSource": source, "ActionCode": action, "OfferTitle": _OFFER, "Description": "leads send-test"}
    return {**_person(name), **says}


def _small(name: str, source: str, action: str) -> dict[str, Any]:
    """Return a lead as the marketplace posts it today."""
    return {
        "userDetails": _begin_small(_person(name)),
        "leadSource": source,
        "actionCode": action,
        "offerTitle": _OFFER,
        "description": "leads send-test",
    }


def _pascal(name: str) -> dict[str, Any]:
    person = _person(name)
    return {"UserDetails": person, **{key: value for key, value in _flat(name).items() if key not in person}}


def _of_2018() -> dict[str, Any]:
    lead = _pascal("without-action")
    return {key: lead[key] for key in ("OfferTitle", "LeadSource", "UserDetails")}


def _validation() -> dict[str, Any]:
    lead = _pascal("validate")
    return {"userDetails": lead.pop("UserDetails"), **lead}


def _business_central() -> dict[str, Any]:
    source = "AppSource (SPZA)-INS|PUBID.contoso|AID.test|PAPPID.11111111-2222-3333-4444-555555555555"
    lead = _small("business-central", source, "INS")
    person = {key: lead["userDetails"][key] for key in ("firstName", "lastName", "email")}
    return {"userDetails": person, **{key: lead[key] for key in ("leadSource", "actionCode", "offerTitle")}}


def _azure_table() -> dict[str, Any]:
    return {
        "PartitionKey": "2026-01-12",
        "RowKey": "5b1a5f6e-0000-4000-8000-000000000001",
        "ProductId": "contoso.test",
        "ActionCode": "INS",
        "CreatedTime": "2026-01-12T08:15:00Z",
        "CustomerInfo": json.dumps(_person("azure-table")),
        "Description": "leads send-test",
        "LeadSource": "AzureMarketplace-INS|contoso.test",
        "OfferDisplayName": _OFFER,
    }


def _from_a_flow() -> dict[str, Any]:
    headers = {"Connection": "close", "From": "flow@contoso.example", "Host": "contoso.example"}
    return {"headers": headers, "body": _flat("flow")}


_STORE: Final = "AppSource (SPZA)-{}|contoso.test"
_ALL: Final = (
    Shape("validate", "Partner Center, on Validate and on Publish", _validation()),
    Shape("contact-me", "AppSource, contact me", _small("contact-me", _STORE.format("PLT"), "PLT")),
    Shape("get-it-now", "the marketplace, get it now", _small("get-it-now", "AzureMarketplace", "INS")),
    Shape(
        "test-drive",
        "a test drive",
        _small("test-drive", "TestDrive-StartTestDrive|contoso.test", "StartTestDrive"),
    ),
    Shape("other-partner", "a customer asks another partner", _small("other-partner", _STORE.format("DNC"), "DNC")),
    Shape("business-central", "an offer for Business Central", _business_central()),
    Shape("documented", "as Microsoft's documentation prints it", _pascal("documented")),
    Shape("without-action", "as it was documented in 2018", _of_2018()),
    Shape("azure-table", "a row of Microsoft's own Azure table", _azure_table()),
    Shape("flat", "a flow or a form, without userDetails", _flat("flat", action="PLT")),
    Shape("flow", "a flow that wraps what it got", _from_a_flow()),
    Shape("array", "a program that sends an array", [_small("array", _STORE.format("PLT"), "PLT")]),
)
SHAPES: Final = {shape.name: shape for shape in _ALL}
"""The shapes by name, in the order in which they are sent."""
