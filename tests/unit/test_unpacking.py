"""What was packed is unpacked, and never more of it than the limit."""

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_core.errors import UnreadableLeadError
from lead_core.marketplace.unpacking import unpack

LIMIT = 1_000


def pack_gzip(content: bytes) -> bytes:
    """Pack as gzip, without the time at which it was packed: all workers of a test run must see the same bytes."""
    return gzip.compress(content, mtime=0)


def deflate(content: bytes) -> bytes:
    """Pack without a header, as many programs do."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", pack_gzip),
        (" X-GZip ", pack_gzip),
        ("gzip, utf-8", pack_gzip),
        ("gzip", zlib.compress),
        ("deflate", zlib.compress),
        ("deflate", deflate),
        ("deflate", pack_gzip),
    ],
)
@given(content=st.binary(min_size=1, max_size=LIMIT))
def test_what_was_packed_comes_out_as_it_was(coding: str, pack: Callable[[bytes], bytes], content: bytes) -> None:
    assert unpack(pack(content), coding, limit=2 * LIMIT) == content


def test_gzip_in_several_parts_is_one_body() -> None:
    assert unpack(pack_gzip(b"a") + pack_gzip(b"b"), "gzip", limit=LIMIT) == b"ab"


def test_zeros_behind_gzip_are_no_part() -> None:
    assert unpack(pack_gzip(b"a") + b"\0" * 20, "gzip", limit=LIMIT) == b"a"


@pytest.mark.parametrize("coding", ["", "identity", " , identity", "UTF-8", "none"])
def test_what_is_not_packed_stays(coding: str) -> None:
    assert unpack(b"{}", coding, limit=LIMIT) == b"{}"


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@given(lead=st.dictionaries(st.text(), st.text()), indent=st.sampled_from([None, 0, 1]))
def test_a_body_that_was_unpacked_on_the_way_stays(coding: str, lead: dict[str, str], indent: int | None) -> None:
    body = json.dumps(lead, indent=indent).encode()
    assert unpack(body, coding, limit=LIMIT * LIMIT) == body


@pytest.mark.parametrize(
    ("body", "coding", "code"),
    [
        (pack_gzip(b"x" * LIMIT)[:-9], "gzip", "broken-encoding"),
        (pack_gzip(b"x") + b"rest", "gzip", "broken-encoding"),
        (zlib.compress(b"x") + b"rest", "deflate", "broken-encoding"),
        (b"broken", "deflate", "broken-encoding"),
        (b"broken", "br", "unknown-encoding"),
        (b"broken", "zstd", "unknown-encoding"),
        (pack_gzip(pack_gzip(b"{}")), "gzip, gzip", "unknown-encoding"),
        (pack_gzip(b"x" * (LIMIT + 1)), "gzip", "too-large"),
        (deflate(b"x" * (LIMIT + 1)), "deflate", "too-large"),
        (pack_gzip(b"x" * LIMIT) * 2, "gzip", "too-large"),
        (pack_gzip(b"") * 40, "gzip", "broken-encoding"),
        (pack_gzip(b"") * 40_000, "gzip", "too-large"),
        (b"x" * (LIMIT + 1), "deflate", "too-large"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(body: bytes, coding: str, code: str) -> None:
    with pytest.raises(UnreadableLeadError, match=code):
        unpack(body, coding, limit=LIMIT)


def test_the_limit_itself_is_taken() -> None:
    assert len(unpack(pack_gzip(b"x" * LIMIT), "gzip", limit=LIMIT)) == LIMIT


def test_a_bomb_is_refused_without_unpacking_it() -> None:
    bomb = pack_gzip(b"\x00" * 50_000_000)
    tracemalloc.start()
    with pytest.raises(UnreadableLeadError, match="too-large"):
        unpack(bomb, "gzip", limit=LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@given(st.binary(max_size=99), st.text(max_size=20) | st.sampled_from(["gzip", "deflate", "br", "gzip,", ",deflate"]))
def test_any_body_is_unpacked_or_refused(body: bytes, coding: str) -> None:
    try:
        unpack(body, coding, limit=LIMIT)
    except UnreadableLeadError as error:
        assert error.explanation.endswith(".")
