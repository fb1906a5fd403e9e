"""What an answer of the storage account means."""

from pathlib import Path

import pytest

from lead_core.adapters.azure.refusals import ROLES, judge
from lead_core.errors import RowRefusedError, StorageRefusedError, StorageUnavailableError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("writes_row", [True, False])
@pytest.mark.parametrize(
    ("status", "word"),
    [
        (408, "OperationTimedOut"), (409, "TableBeingDeleted"), (409, "QueueBeingDeleted"), (412, "ConditionNotMet"),
        (429, "TooManyRequests"), (500, "InternalError"), (500, "OperationTimedOut"), (502, ""), (503, "ServerBusy"),
        (504, ""), (0, ""), (302, ""),
    ],
)  # fmt: skip
def test_what_may_pass_by_itself_is_an_outage(status: int, word: str, writes_row: bool) -> None:
    error = judge(status, word, writes_row=writes_row)
    assert type(error) is StorageUnavailableError
    assert "Try again later" in error.explanation


@pytest.mark.parametrize("writes_row", [True, False])
@pytest.mark.parametrize(
    ("status", "word", "advice"),
    [
        (401, "", "LEADS_STORAGE"),
        (401, "InvalidAuthenticationInfo", "current connection string"),
        (403, "", "firewall"),
        (403, "AuthenticationFailed", "current connection string"),
        (403, "AuthorizationFailure", "firewall"),
        (403, "AuthorizationPermissionMismatch", "Storage Table Data Contributor"),
        (403, "AccountIsDisabled", "turn it on"),
        (403, "KeyBasedAuthenticationNotPermitted", "LEADS_STORAGE__accountName"),
        (404, "ResourceNotFound", "account's name"),
        (404, "", "account's name"),
        (400, "InvalidResourceName", "names of the tables"),
        (400, "InvalidHeaderValue", "LEADS_STORAGE"),
        (400, "InvalidAuthenticationInfo", "current connection string"),
        (405, "UnsupportedHttpVerb", "LEADS_STORAGE"),
    ],
)
def test_what_a_person_must_settle_is_a_refusal_that_says_what_to_do(
    status: int, word: str, advice: str, writes_row: bool
) -> None:
    error = judge(status, word, writes_row=writes_row)
    assert isinstance(error, StorageRefusedError)
    assert error.code == "storage-refused"
    assert f"({status} {word})".replace(" )", ")") in error.explanation
    assert advice in error.explanation


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (400, "EntityTooLarge"), (400, "PropertyValueTooLarge"), (400, "KeyValueTooLarge"), (400, "OutOfRangeInput"),
        (400, "TooManyProperties"), (400, "PropertyNameInvalid"), (400, "InvalidInput"), (400, ""),
        (413, "RequestBodyTooLarge"), (413, ""),
    ],
)  # fmt: skip
def test_what_meets_one_row_alone_is_that_rows_trouble(status: int, word: str) -> None:
    assert isinstance(judge(status, word, writes_row=True), RowRefusedError)
    assert isinstance(judge(status, word, writes_row=False), StorageRefusedError)


def test_the_guide_grants_the_roles_that_a_refusal_asks_for() -> None:
    guide = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    assert all(role in guide for role in ROLES)
