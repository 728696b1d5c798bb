from hypothesis import given
from hypothesis import strategies as st

from helpline.accounts.sealing import HOUR, Drafts, Sealer, derive
from tests.shell import NOON

DRAFTS = Drafts(b"a key")
PLACE = "an invitation's token"


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=80), max_size=4), st.text(max_size=40))
def test_a_draft_opens_where_it_was_made(values: dict[str, str], place: str) -> None:
    """As often as it is sent, for an hour."""
    sealed = DRAFTS.close(values, place, NOON)
    assert DRAFTS.open(sealed, place, NOON) == values
    assert DRAFTS.open(sealed, place, NOON + HOUR - 1) == values
    assert DRAFTS.open(sealed, place, NOON + HOUR) is None


def test_a_draft_opens_nowhere_else() -> None:
    """Not for another place, not by another key; and two of the same don't look alike."""
    sealed = DRAFTS.close({"password": "x"}, PLACE, NOON)
    assert DRAFTS.open(sealed, "another token", NOON) is None
    assert Drafts(b"another key").open(sealed, PLACE, NOON) is None
    assert DRAFTS.close({"password": "x"}, PLACE, NOON) != sealed


@given(st.text(max_size=200))
def test_whatever_else_is_sent_is_no_draft(sent: str) -> None:
    """And nothing else happens."""
    assert DRAFTS.open(sent, PLACE, NOON) is None


@given(st.integers(0, 500), st.integers(1, 255))
def test_a_draft_with_a_byte_exchanged_is_none(place: int, other: int) -> None:
    """Wherever it was."""
    sealer = Sealer(b"a key", "draft")
    content = bytearray(sealer.close(b"something that somebody chose", PLACE))
    content[place % len(content)] ^= other
    assert sealer.open(bytes(content), PLACE) is None


def test_what_is_sealed_for_one_purpose_opens_for_no_other() -> None:
    """Keys for purposes differ, and differ from what they were derived from."""
    sealed = Sealer(b"a key", "totp").close(b"secret", "1")
    assert Sealer(b"a key", "draft").open(sealed, "1") is None
    assert len({derive(b"a key", "totp"), derive(b"a key", "draft"), derive(b"another", "totp")}) == 3
