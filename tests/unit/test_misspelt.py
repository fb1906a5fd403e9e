"""Which offers look like a typing error of another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.lead.misspelt import Misspelt, count_typing_errors, find_misspelt, is_alike

WORDS = st.text("abcd", max_size=6)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("contoso.cmr", "contoso.crm"),
        ("contoso.contoso-crn", "contoso.contoso-crm"),
        ("contoso.contso-cmr", "contoso.contoso-crm"),
        ("contoso.contosocrm", "contoso.contoso-crm"),
        ("contoso.backups", "contoso.backup"),
        ("contso.contoso-crm", "contoso.contoso-crm"),
        ("cotnoso.erp", "contoso.erp"),
        ("contoso-cmr", "contoso-crm"),
        ("contoso crn", "contoso crm"),
        ("contoso.crm2-previw", "contoso.crm2-preview"),
    ],
)
def test_offers_that_differ_by_a_typing_error_are_alike(one: str, other: str) -> None:
    assert is_alike(one, other)
    assert is_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("contoso.crm", "contoso.crm"),
        ("contoso.crm", "contoso.erp"),
        ("contoso.crm", "contoso.crs"),
        ("contoso.crm", "contoso.crmm"),
        ("contoso.contoso-crm", "contoso.contoso-crm2"),
        ("contoso.crm-v1", "contoso.crm-v2"),
        ("contoso.report-2025", "contoso.report-2026"),
        ("contoso.suite-plan-a", "contoso.suite-plan-b"),
        ("contoso.contoso-backup", "contoso.contoso-archive"),
        ("contoso.contoso-crm", "fabrikam.contoso-crm"),
        ("contoso.cmr", "contso.crm"),
        ("contoso.contoso-crm", "contoso-crm"),
        ("", "a"),
        ("x" * 200, "x" * 199),
    ],
)
def test_offers_that_differ_otherwise_are_not_alike(one: str, other: str) -> None:
    assert not is_alike(one, other)


def test_the_offer_with_few_leads_is_the_misspelt_one() -> None:
    found = find_misspelt({"contoso.crm": 40, "contoso.cmr": 2, "contoso.erp": 1})
    assert found == [Misspelt("contoso.cmr", 2, "contoso.crm", 40)]


def test_two_offers_with_many_leads_each_are_two_offers() -> None:
    assert find_misspelt({"contoso.backup": 40, "contoso.backups": 9}) == []
    assert find_misspelt({"contoso.backup": 45, "contoso.backups": 9}) != []


def test_of_two_likely_offers_the_one_with_more_leads_was_meant() -> None:
    found = find_misspelt({"contoso.backupp": 1, "contoso.backups": 6, "contoso.backup": 70})
    assert {(each.offer, each.likely) for each in found} == {
        ("contoso.backupp", "contoso.backup"),
        ("contoso.backups", "contoso.backup"),
    }


def test_without_leads_nothing_is_misspelt() -> None:
    assert find_misspelt({}) == []


@given(WORDS, WORDS)
def test_typing_errors_are_the_same_both_ways_and_none_between_equals(one: str, other: str) -> None:
    errors = count_typing_errors(one, other)
    assert errors == count_typing_errors(other, one)
    assert (errors == 0) == (one == other)
    assert errors <= max(len(one), len(other))


@pytest.mark.parametrize(
    ("one", "other", "errors"), [("crm", "cmr", 1), ("crm", "crmm", 1), ("crm", "", 3), ("abcd", "badc", 2)]
)
def test_a_swap_counts_once(one: str, other: str, errors: int) -> None:
    assert count_typing_errors(one, other) == errors
