from dataclasses import fields
from urllib.parse import parse_qsl, quote_from_bytes, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpline.carrier.hooks import FIELDS, FINAL, MAX_FIELDS, Hook, Refused, Tally, parse_form, read_hook
from helpline.carrier.signature import Signature

URL = "https://helpline.example.org/voice/france"
FORM = "application/x-www-form-urlencoded"
SIGNATURE = Signature(["a token of these tests"])
CALL = ("CallSid", "CA0123")
CALLER = "+33199009999"
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
OTHERS = st.text(max_size=12).filter(lambda name: name not in FIELDS)


def read(form: list[tuple[str, str]], content_type: str = FORM) -> Hook:
    """The hook of a form that is rightly signed."""
    return read_hook(SIGNATURE, URL, urlencode(form).encode(), content_type, SIGNATURE.sign(URL, form))


def refusal(body: bytes, given_: str = "", content_type: str = FORM) -> tuple[int, str]:
    """How a body is refused; any other error than `Refused` fails the test."""
    with pytest.raises(Refused) as caught:
        read_hook(SIGNATURE, URL, body, content_type, given_)
    return caught.value.status, caught.value.reason


def refused(form: list[tuple[str, str]]) -> tuple[int, str]:
    """How a form is refused that is rightly signed."""
    return refusal(urlencode(form).encode(), SIGNATURE.sign(URL, form))


@given(st.lists(st.tuples(OTHERS, st.text(max_size=20)), max_size=20), WORDS.filter(len), WORDS)
def test_only_known_fields_are_read(others: list[tuple[str, str]], call: str, digits: str) -> None:
    """Unknown fields are ignored, whatever they hold and however often: the carrier adds some without notice."""
    assert read([*others, ("CallSid", call), *others, ("Digits", digits)]) == Hook(call, digits=digits)


@pytest.mark.parametrize(
    "name", ["From", "Caller", "To", "Called", "CallerName", "FromCity", "CallToken", "ForwardedFrom"]
)
def test_who_called_is_not_in_the_hook(name: str) -> None:
    """The caller's number, name and town are dropped here, before anything could store or log them."""
    hook = read([CALL, (name, CALLER)])
    assert hook == Hook("CA0123")
    assert CALLER not in repr(hook)


def test_a_hook_has_no_room_for_a_number() -> None:
    """It holds the carrier's ids, the state, the keys and the queue's result, and nothing else."""
    assert {field.name for field in fields(Hook)} == set(FIELDS.values())
    assert not set(FIELDS) & {"From", "Caller", "To", "Called"}


def test_everything_known_is_read() -> None:
    """Each known field finds its place."""
    form = [CALL, ("CallStatus", "in-progress"), ("Digits", "12"), ("QueueResult", "bridged"), ("QueueSid", "QU1")]
    assert read(form) == Hook("CA0123", "in-progress", "12", "bridged", "QU1")


@pytest.mark.parametrize("name", sorted(FIELDS))
@pytest.mark.parametrize("second", ["another", "the same"])
def test_a_known_field_given_twice_is_refused(name: str, second: str) -> None:
    """The signature folds doubles, so a second one could be slipped in: it is refused, even if it says the same."""
    value = "CA0123" if name == "CallSid" else "1"
    form = [(name, value), (name, value if second == "the same" else "2")]
    assert refused(form if name == "CallSid" else [CALL, *form]) == (400, "given-twice")


@given(st.lists(st.tuples(WORDS, WORDS), max_size=6), st.text(max_size=40))
def test_an_unsigned_form_is_refused(form: list[tuple[str, str]], given_: str) -> None:
    """Without the carrier's signature nothing is looked at: 403."""
    assume(given_ != SIGNATURE.sign(URL, form))
    assert refusal(urlencode(form).encode(), given_) == (403, "signature")


@pytest.mark.parametrize(
    "form",
    [
        [],
        [("CallStatus", "ringing")],
        [("CallSid", "")],
        [("CallSid", "C" * 65)],
        [CALL, ("Digits", "1" * 33)],
        [CALL, ("QueueSid", "Q" * 65)],
    ],
)
def test_a_field_that_is_missing_or_too_long_is_refused(form: list[tuple[str, str]]) -> None:
    """What we keep has a known length, and a webhook that speaks of no call is none."""
    assert refused(form) == (400, "field")


@pytest.mark.parametrize("name", sorted(FIELDS))
@pytest.mark.parametrize("odd", ["\0", "a\nb", "1\x1b[2J", "é", "\u202e1"])
def test_a_known_field_holds_plain_characters(name: str, odd: str) -> None:
    """A database refuses some of the others, and a log would be torn by them."""
    form = [(name, odd)] if name == "CallSid" else [CALL, (name, odd)]
    assert refused(form) == (400, "field")


@pytest.mark.parametrize(
    "body",
    [
        b"CallSid=CA\xff",
        "CallSid=CAé".encode(),
        b"CallSid=CA%ff",
        b"CallSid=CA&From=%C3%28",
        b"a=1&" * (MAX_FIELDS + 1),
    ],
)
def test_a_malformed_body_is_refused(body: bytes) -> None:
    """Bytes beyond ASCII, percent-encoding that is no UTF-8, more fields than any webhook has."""
    assert refusal(body, "anything") == (400, "malformed")


@given(st.binary(max_size=60), st.text(max_size=40))
def test_any_bytes_are_refused_in_words(body: bytes, given_: str) -> None:
    """Garbage is 400 or 403 and never another error."""
    assert refusal(body, given_)[0] in {400, 403}


@given(st.one_of(st.binary(max_size=40), st.text("ab=&%+;0fcC3A9", max_size=40).map(str.encode)))
def test_a_form_is_read_as_everybody_reads_it(body: bytes) -> None:
    """Our reader and the standard library's find the same fields, and refuse the same bodies."""
    try:
        text = body.decode("ascii")
        expected = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            parse_form(body)
    else:
        assert parse_form(body) == expected


@given(st.binary(min_size=1, max_size=30))
def test_any_bytes_may_come_percent_encoded(value: bytes) -> None:
    """In a field that we don't read: what is UTF-8 passes, what isn't is refused."""
    body = b"CallSid=CA0123&CallerName=" + quote_from_bytes(value).encode()
    try:
        form = [CALL, ("CallerName", value.decode())]
    except UnicodeDecodeError:
        assert refusal(body, "anything") == (400, "malformed")
    else:
        assert read_hook(SIGNATURE, URL, body, FORM, SIGNATURE.sign(URL, form)) == Hook("CA0123")


@pytest.mark.parametrize("kind", ["", "application/json", "multipart/form-data", "text/plain", FORM + "2", "x" + FORM])
def test_another_content_type_is_refused(kind: str) -> None:
    """The carrier posts forms."""
    assert refusal(b"CallSid=CA0123", "anything", kind) == (400, "content-type")


@pytest.mark.parametrize("kind", [FORM, FORM + "; charset=utf-8", FORM + ";charset=UTF-8", FORM.upper()])
def test_a_form_may_say_its_alphabet(kind: str) -> None:
    """Parameters and capital letters of a content type mean nothing."""
    assert read([CALL], kind) == Hook("CA0123")


@pytest.mark.parametrize("status", ["queued", "initiated", "ringing", "in-progress", "", "something-new"])
def test_a_leg_in_progress_is_not_over(status: str) -> None:
    """A state that we don't know ends nothing."""
    assert not read([CALL, ("CallStatus", status)]).over


@pytest.mark.parametrize("status", sorted(FINAL))
def test_a_final_status_is_over(status: str) -> None:
    """The five ways in which a leg ends."""
    assert read([CALL, ("CallStatus", status)]).over
    assert {"completed", "busy", "failed", "no-answer", "canceled"} == FINAL


def test_refusals_are_tallied_by_reason() -> None:
    """The health page shows how many there were of each."""
    tally = Tally()
    for reason in ("signature", "field", "signature"):
        tally.add(reason)
    assert dict(tally.counts) == {"signature": 2, "field": 1}
