"""One bad lead, address, row or provider holds up nobody. ``make stress`` prints these as a table."""

import pytest

from tests.stress.mail_faults import MAIL_FAULTS, MailFault, run_mail_fault


@pytest.mark.usefixtures("node_programs")
@pytest.mark.parametrize("fault", MAIL_FAULTS, ids=lambda fault: fault.name)
def test_whatever_goes_wrong_every_other_lead_is_told_within_two_ticks(fault: MailFault) -> None:
    outcome = run_mail_fault(fault)
    assert outcome.is_good, outcome
