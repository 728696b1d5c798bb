"""When a request that comes in pieces is whole. The worker around it is tried in tests/processes."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.gathering import LONGEST_BODY, LONGEST_HEAD, TooMuchError, is_whole

HEAD = b"POST /voice/france HTTP/1.1\r\nHost: helpline.example.org\r\n"


def request(body: bytes, head: bytes = HEAD) -> bytes:
    """A request as the carrier sends it."""
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


@given(st.binary(max_size=300), st.binary(max_size=20))
def test_a_request_is_whole_from_its_last_byte_on(body: bytes, more: bytes) -> None:
    """Not one byte earlier, and whatever comes after it; without a body with its head."""
    whole = request(body)
    assert [is_whole(whole[:n]) for n in range(len(whole))] == [False] * len(whole)
    assert is_whole(whole)
    assert is_whole(whole + more)
    assert is_whole(HEAD + b"\r\n")


@pytest.mark.parametrize("name", [b"content-length", b"CONTENT-LENGTH", b"Content-Length "])
@pytest.mark.parametrize("value", [b"5", b" 5", b"\t5 "])
def test_a_length_is_read_as_it_may_be_written(name: bytes, value: bytes) -> None:
    """Small or capital letters, with or without blanks."""
    head = HEAD + name + b":" + value + b"\r\n\r\n"
    assert not is_whole(head + b"1234")
    assert is_whole(head + b"12345")


def test_of_two_lengths_the_longer_counts() -> None:
    """Nobody gets a thread to wait by saying two things; the parser refuses it."""
    assert not is_whole(HEAD + b"Content-Length: 1\r\nContent-Length: 9\r\n\r\n12345678")


@pytest.mark.parametrize("length", [b"", b"-5", b"five", b"5, 5", b"+5"])
def test_a_length_that_is_none_is_the_parsers_business(length: bytes) -> None:
    """It refuses such a request without waiting for a body."""
    assert is_whole(HEAD + b"Content-Length: " + length + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (HEAD + b"Content-Length: %d\r\n\r\n" % (LONGEST_BODY + 1), "413"),
        (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", "413"),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", "411"),
        (HEAD + b"X: " + b"x" * LONGEST_HEAD, "431"),
    ],
)
def test_what_will_never_be_gathered_is_refused_at_once(data: bytes, status: str) -> None:
    """Before any of its body has come."""
    with pytest.raises(TooMuchError, match=status):
        is_whole(data)


@given(st.one_of(st.binary(max_size=200), st.text("content-length: 019\r\n", max_size=200).map(str.encode)))
def test_any_bytes_are_judged(data: bytes) -> None:
    """Yes, no or too much, and no other error."""
    with suppress(TooMuchError):
        assert is_whole(data) in {True, False}
