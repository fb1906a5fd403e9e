"""The shapes that `leads send-test` posts are the documented ones, and each is a test."""

import json
from typing import Any

import pytest

from lead_core.lead.received import Envelope, Notification
from lead_core.marketplace.leads import split
from lead_core.marketplace.notification import read_notification
from leads.shapes import SHAPES
from tests.examples import NOON
from tests.posts import FOLDER

SAMPLES = {
    "validate": "documented-test-lead-hybrid-case",
    "contact-me": "composite-contact-me",
    "get-it-now": "observed-camel-case",
    "test-drive": "composite-test-drive",
    "other-partner": "do-not-contact",
    "business-central": "business-central-offer",
    "documented": "documented-pascal-case",
    "without-action": "documented-2018-without-action",
    "azure-table": "azure-table-row",
    "flat": "flat-person",
    "flow": "wrapper-of-a-flow",
    "array": "array-of-one",
}


def members(value: Any) -> Any:
    """Give the names of all members, and what kind of thing stands in each."""
    if isinstance(value, dict):
        return {name: members(each) for name, each in value.items()}
    if isinstance(value, list):
        return [members(each) for each in value]
    if isinstance(value, str) and value.startswith("{"):
        return members(json.loads(value))
    return type(value)


def read(name: str) -> Notification:
    (envelope,) = split(Envelope("0" * 32, NOON, "", SHAPES[name].body))
    return read_notification(envelope)


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_has_the_members_of_its_sample(name: str) -> None:
    sample = json.loads((FOLDER / f"{SAMPLES[name]}.json").read_text(encoding="utf-8"))
    assert members(SHAPES[name].document) == members(sample)


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_read_as_a_test(name: str) -> None:
    delivery = read(name).delivery
    assert delivery.is_test
    assert delivery.shown.last_name == name
    assert delivery.shown.offer_title == "Test of the connection"


def test_each_shape_is_a_person_of_its_own() -> None:
    assert len({read(name).delivery.key for name in SHAPES}) == len(SHAPES)


def test_every_sample_of_microsofts_own_documentation_has_its_shape() -> None:
    documented = {path.stem for path in FOLDER.glob("documented-*.json")}
    assert documented <= set(SAMPLES.values())
