"""The made-up weeks: the same each time, plausible, and stored once."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from azure.data.tables import TableServiceClient

from lead_core.lead.follow_up import FollowUpPolicy
from lead_core.lead.owners import Owners
from lead_core.lead.values import Status
from local.azurite import Azurite
from local.history import WEEKS, imagine, store_history
from local.run_settings import RunSettings

NOW = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
POLICY = FollowUpPolicy(owners=Owners.parse("sales@contoso.example"))


def test_the_same_moment_gives_the_same_leads() -> None:
    assert [*imagine(now=NOW, policy=POLICY)] == [*imagine(now=NOW, policy=POLICY)]


def test_they_come_over_all_weeks_and_each_status_but_do_not_contact_is_there() -> None:
    past = [*imagine(now=NOW, policy=POLICY)]
    weeks = {each.lead.history.first_at.isocalendar()[:2] for each in past}
    assert WEEKS <= len(weeks) <= WEEKS + 1
    assert all(NOW - timedelta(weeks=WEEKS + 1) < each.lead.history.first_at < NOW for each in past)
    assert {each.lead.status for each in past} == {*Status} - {Status.DO_NOT_CONTACT}
    assert len({each.lead.key for each in past}) == len(past)


def test_no_two_customers_have_one_name_because_that_would_look_like_one_stored_twice() -> None:
    names = [each.lead.shown.name for each in imagine(now=NOW, policy=POLICY)]
    assert len(set(names)) == len(names)


def test_mails_that_were_due_count_as_sent_so_that_the_app_sends_none_about_the_past() -> None:
    past = [*imagine(now=NOW, policy=POLICY)]
    assert all(
        each.lead.next_reminder_at is None or each.lead.next_reminder_at > NOW - timedelta(hours=1) for each in past
    )
    waits = Counter(each.lead.reminders_sent for each in past if each.lead.is_unanswered)
    assert waits[len(POLICY.waits)] >= 1  # Some were never answered.


def test_storing_them_twice_stores_each_once_and_the_report_has_them(node_programs: None) -> None:
    with Azurite() as azurite:
        environment = {"LEADS_STORAGE": azurite.connection_string, "OWNERS": "sales@contoso.example"}
        number = store_history(environment, now=NOW)
        with TableServiceClient.from_connection_string(azurite.connection_string) as tables:
            before = [*tables.get_table_client("Leads").list_entities()]
            assert store_history(environment, now=NOW) == number == len(before)
            assert [*tables.get_table_client("Leads").list_entities()] == before
            assert len([*tables.get_table_client("MarketplaceLeads").list_entities()]) == number
            weeks = [*tables.get_table_client("Reports").query_entities("PartitionKey eq 'weeks'")]
    assert len(weeks) >= WEEKS
    assert number * 0.8 < sum(week["Leads"] for week in weeks) < number  # Spam is counted apart.


@pytest.mark.parametrize(("said", "makes_history"), [({}, True), ({"SAMPLE_HISTORY": "0"}, False)])
def test_it_can_be_left_out(said: dict[str, str], makes_history: bool) -> None:
    assert RunSettings.read(said).makes_history is makes_history
