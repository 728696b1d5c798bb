from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpline.carrier.seal import Payload, Seal, _key_id
from helpline.errors import BadToken

OLD, NEW = b"an old key of these tests", b"a new key of these tests"
SEAL = Seal([OLD])
PURPOSES = st.sampled_from(["caller", "wait", "leg", "bridge", "status"])
LINES = st.sampled_from(["france", "belgium", "a-third"])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.text(max_size=40))
PAYLOADS: st.SearchStrategy[Payload] = st.lists(VALUES, max_size=8)


def refused(seal: Seal, token: str, purpose: str = "caller", line: str = "france") -> bool:
    """Whether the token is refused; any other error than `BadToken` fails the test."""
    try:
        seal.open(purpose, line, token)
    except BadToken:
        return True
    return False


@given(PURPOSES, LINES, PAYLOADS)
def test_a_token_opens_as_it_was_closed(purpose: str, line: str, payload: Payload) -> None:
    """Every value comes back with its type, whatever it is."""
    assert repr(SEAL.open(purpose, line, SEAL.close(purpose, line, payload))) == repr(payload)


@given(PURPOSES, LINES, PAYLOADS)
def test_the_same_state_gives_the_same_token(purpose: str, line: str, payload: Payload) -> None:
    """In every process: a webhook that the carrier repeats is answered byte for byte alike."""
    assert SEAL.close(purpose, line, payload) == Seal([OLD]).close(purpose, line, payload)


@given(PURPOSES, LINES, PURPOSES, LINES, PAYLOADS)
def test_a_token_opens_only_where_it_was_handed_out(
    purpose: str, line: str, other_purpose: str, other_line: str, payload: Payload
) -> None:
    """Another purpose or another line can't use it."""
    assume((purpose, line) != (other_purpose, other_line))
    assert refused(SEAL, SEAL.close(purpose, line, payload), other_purpose, other_line)


@given(PAYLOADS)
def test_a_token_is_made_for_a_url(payload: Payload) -> None:
    """It holds letters, digits, hyphens and underscores: nothing that a proxy or the carrier rewrites."""
    token = SEAL.close("caller", "france", payload)
    assert token.replace("-", "").replace("_", "").isalnum()
    assert token.isascii()


@given(PAYLOADS)
def test_a_new_key_seals_and_the_old_one_still_opens(payload: Payload) -> None:
    """While a key is rotated, calls in progress go on; who has only the old key can't read what the new one sealed."""
    rotated = Seal([NEW, OLD])
    assert rotated.open("wait", "france", SEAL.close("wait", "france", payload)) == payload
    fresh = rotated.close("wait", "france", payload)
    assert Seal([NEW]).open("wait", "france", fresh) == payload
    assert refused(SEAL, fresh, "wait")


def test_two_keys_that_look_alike_both_open() -> None:
    """A token names its key by one byte, which two keys may share: then both are tried."""
    twin = next(key for key in (b"key %d" % n for n in range(5000)) if _key_id(key) == _key_id(OLD))
    rotated = Seal([twin, OLD])
    for seal in (SEAL, Seal([twin])):
        assert rotated.open("leg", "france", seal.close("leg", "france", ["kept", 1])) == ["kept", 1]


@given(PAYLOADS, st.integers(0, 10_000), st.characters(codec="utf-8"))
def test_a_token_with_one_wrong_character_is_refused(payload: Payload, place: int, wrong: str) -> None:
    """Whatever it is changed to, and also where the change only touches bits that encode nothing."""
    token = SEAL.close("caller", "france", payload)
    place %= len(token)
    assume(token[place] != wrong)
    assert refused(SEAL, token[:place] + wrong + token[place + 1 :])


@given(PAYLOADS)
def test_a_token_has_one_spelling(payload: Payload) -> None:
    """Its last character can't be another one that encodes the same bytes."""
    token = SEAL.close("caller", "france", payload)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/"
    assert all(refused(SEAL, token[:-1] + last) for last in alphabet if last != token[-1])


JUNK = st.text(st.sampled_from("!=.~ \n\t%+/"), min_size=1, max_size=4)


@given(PAYLOADS, st.integers(0, 10_000), st.one_of(JUNK, st.text(min_size=1, max_size=3)))
def test_a_token_with_something_in_it_is_refused(payload: Payload, place: int, more: str) -> None:
    """Only what we handed out, to the letter, is ours: padding, blanks and foreign letters are not."""
    token = SEAL.close("caller", "france", payload)
    place %= len(token) + 1
    assume(token[:place] + more + token[place:] != token)
    assert refused(SEAL, token[:place] + more + token[place:])


@given(PAYLOADS, st.integers(0, 10_000))
def test_a_cut_token_is_refused(payload: Payload, length: int) -> None:
    """However little is missing."""
    token = SEAL.close("caller", "france", payload)
    assert refused(SEAL, token[: length % len(token)])


@given(st.text(max_size=80))
def test_any_text_is_refused_as_a_token(text: str) -> None:
    """Garbage is a bad token and never another error."""
    assert refused(SEAL, text)


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_as_a_token(data: bytes) -> None:
    """Also when they are well encoded and name a key that we have."""
    assert refused(SEAL, urlsafe_b64encode(_key_id(OLD) + data).rstrip(b"=").decode())


def test_a_token_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of what tokens mean, old ones are unreadable rather than misread."""
    old = SEAL.close("caller", "france", ["start", 1])
    monkeypatch.setattr("helpline.carrier.seal.VERSION", 2)
    assert refused(SEAL, old)


@given(st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=5, max_size=40))
def test_nothing_in_a_token_can_be_read(word: str) -> None:
    """Neither the token nor its bytes hold what was sealed, the line, the purpose or the key."""
    token = SEAL.close("caller", "france", [word])
    raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for secret in (word.encode(), b"france", b"caller", OLD):
        assert secret not in raw
        assert secret.decode() not in token


@given(st.lists(st.text(max_size=20), max_size=3), st.lists(st.text(max_size=20), max_size=3))
def test_a_name_follows_from_its_parts(one: list[str], other: list[str]) -> None:
    """The same parts give the same 32 hex digits, other parts others."""
    assume("\0" not in "".join(one + other))
    assert (SEAL.name("call", *one) == SEAL.name("call", *other)) is (one == other)
    assert len(SEAL.name(*one)) == 32
    assert int(SEAL.name(*one), 16) >= 0


def test_names_outlive_a_rotation() -> None:
    """A call in progress is found again after a key was added, and only by who has the first one."""
    assert Seal([NEW, OLD]).name("call", "CA1") == SEAL.name("call", "CA1")
    assert Seal([NEW]).name("call", "CA1") != SEAL.name("call", "CA1")


def test_a_seal_needs_a_key() -> None:
    """Without one nothing could be sealed."""
    with pytest.raises(ValueError, match="at least one key"):
        Seal([])
