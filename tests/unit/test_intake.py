import pytest

from lead_core.errors import LeadError, StorageUnavailableError, UnreadableLeadError
from lead_core.lead.received import Envelope, RejectedLead
from lead_core.marketplace.envelope import MAX_BODY_BYTES, decode_envelope
from lead_core.steps.intake import MAX_KEPT_BODY_BYTES, Intake, Posted
from tests.conftest import Memory
from tests.examples import NOON, body

ID = "a" * 32


async def accept(memory: Memory, content: bytes, *, offer: str = "", is_chunked: bool = False) -> str:
    try:
        await memory.intake.accept(Posted(content, offer, is_chunked), event_id=ID, now=NOON)
    except LeadError as error:
        return error.code
    return "accepted"


async def test_a_lead_is_queued_as_it_came(memory: Memory) -> None:
    assert await accept(memory, body(), offer="Contoso.CRM") == "accepted"
    assert [decode_envelope(message) for message in memory.queue.messages] == [
        Envelope(ID, NOON, "contoso.crm", body())
    ]
    assert memory.rejects.rows == []


@pytest.mark.parametrize(
    "content", [b"{}", b'\xef\xbb\xbf{"a": 1}', b' {"a": "\\ud800"}\n', b"[{}]", b'"{}"', b'{"a": NaN}']
)
async def test_any_json_object_is_accepted(memory: Memory, content: bytes) -> None:
    assert await accept(memory, content) == "accepted"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"{", "not-json"), (b"[]", "not-an-object"), (b"\xff\x00\x01", "not-utf-8"), (b"[" * 40_000, "too-complex")],
)
async def test_a_body_that_is_no_object_is_refused_and_kept(memory: Memory, content: bytes, code: str) -> None:
    assert await accept(memory, content, offer="contoso.crm") == code
    assert memory.queue.messages == []
    (row,) = memory.rejects.rows
    assert (row["PartitionKey"], row["RowKey"]) == ("2026-11-22", ID)
    assert (row["Reason"], row["From"], row["Offer"]) == (code, "http", "contoso.crm")
    assert (row["Retry"], row["Retries"]) == (False, 0)
    assert row["Explanation"]


@pytest.mark.parametrize(("is_chunked", "code"), [(False, "empty-body"), (True, "chunked-body")])
async def test_an_empty_body_leaves_nothing_to_keep(memory: Memory, is_chunked: bool, code: str) -> None:
    assert await accept(memory, b"", is_chunked=is_chunked) == code
    assert memory.rejects.rows == []


def object_of(size: int) -> bytes:
    return b'{"a": "' + b"x" * (size - 9) + b'"}'


@pytest.mark.parametrize(
    ("size", "code", "kept"),
    [
        (MAX_BODY_BYTES, "accepted", 0),
        (MAX_BODY_BYTES + 1, "too-large", 1),
        (MAX_KEPT_BODY_BYTES, "too-large", 1),
        (MAX_KEPT_BODY_BYTES + 1, "too-large", 0),
    ],
)
async def test_a_body_has_a_limit_and_what_is_kept_of_larger_ones_too(
    memory: Memory, size: int, code: str, kept: int
) -> None:
    assert await accept(memory, object_of(size)) == code
    assert len(memory.rejects.rows) == kept


class Silent:
    """A store that does not answer."""

    async def enqueue(self, message: bytes) -> None:
        raise StorageUnavailableError("test")

    async def upsert(self, rejected: RejectedLead) -> None:
        raise StorageUnavailableError("test")


@pytest.mark.parametrize("content", [body(), b"no JSON"])
async def test_a_post_that_cannot_be_kept_stays_with_its_sender(content: bytes) -> None:
    with pytest.raises(StorageUnavailableError):
        await Intake(Silent(), Silent()).accept(Posted(content, "", is_chunked=False), event_id=ID, now=NOON)


async def test_a_queue_that_is_down_does_not_stop_a_refusal(memory: Memory) -> None:
    intake = Intake(Silent(), memory.processing.rejects)
    with pytest.raises(UnreadableLeadError):
        await intake.accept(Posted(b"no JSON", "", is_chunked=False), event_id=ID, now=NOON)
