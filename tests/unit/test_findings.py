"""The verdict of an examination, and what to do first."""

from lead_core.lead.findings import Finding, Section, Verdict, find_first, find_verdict

FINE = Finding(Section.STORAGE, "storage", Verdict.OK, "it answers")
REJECTED = Finding(Section.LEADS, "rejected", Verdict.LOOK, "2 rejects", "look")
MISSPELT = Finding(Section.OFFERS, "misspelt-offer", Verdict.LOOK, "cmr", "look")
LOGIN = Finding(Section.MAILS, "mail-login", Verdict.WRONG, "no login", "act")
TABLE = Finding(Section.STORAGE, "table-missing", Verdict.WRONG, "missing", "act")


def test_the_worst_finding_is_the_verdict() -> None:
    assert find_verdict([]) is Verdict.OK
    assert find_verdict([FINE]) is Verdict.OK
    assert find_verdict([FINE, REJECTED]) is Verdict.LOOK
    assert find_verdict([REJECTED, LOGIN, FINE]) is Verdict.WRONG


def test_what_is_wrong_comes_first_and_what_others_depend_on_before_all() -> None:
    assert find_first([FINE]) is None
    assert find_first([FINE, MISSPELT, REJECTED]) == REJECTED
    assert find_first([REJECTED, LOGIN, TABLE]) == TABLE
