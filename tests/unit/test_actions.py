"""The codes of what a customer did."""

import pytest

from lead_core.lead.actions import ActionCode, is_action_code, is_own_action, rank_wish


def test_the_strongest_wish_comes_first_and_what_is_no_wish_comes_last() -> None:
    codes = ["WALLET", "DNC", "INS", "Create", "StartTestDrive", "PLT"]
    assert sorted(codes, key=rank_wish) == ["PLT", "StartTestDrive", "Create", "INS", "WALLET", "DNC"]
    assert rank_wish("WALLET") == rank_wish("DNC") == rank_wish("") == rank_wish("plt")


@pytest.mark.parametrize("code", ActionCode)
def test_a_documented_code_is_known_in_any_letter_case(code: ActionCode) -> None:
    assert all(is_action_code(word) for word in (code, code.lower(), code.upper()))
    assert not is_action_code(f"{code}x")


@pytest.mark.parametrize("code", [*ActionCode, "WALLET", ""])
def test_only_a_notice_about_another_partner_is_no_action_of_the_customers_own(code: str) -> None:
    assert is_own_action(code) is (code != "DNC")
