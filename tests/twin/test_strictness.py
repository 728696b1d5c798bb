import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helpline.twin import Twin
from helpline.twin.twiml import TwimlError, parse
from helpline.twin.verbs import Context
from tests.twin.product import ANNE, BASE, CALLER_NUMBER, LINE, SHOWN, Product, Raw

CONTEXTS: list[Context] = ["call", "wait", "screen", "whisper"]
NEVER = ["Record", "Start", "Stream", "Siprec", "Transcription", "Connect", "Conference", "Sms", "Pay", "say"]


def refused(inside: str, context: Context = "call") -> TwimlError:
    """The error a document is refused with."""
    with pytest.raises(TwimlError) as caught:
        parse(f"<Response>{inside}</Response>".encode(), "text/xml", context, f"{BASE}/voice")
    return caught.value


@pytest.mark.parametrize("verb", NEVER)
@pytest.mark.parametrize("context", CONTEXTS)
def test_verbs_that_record_or_are_unknown_are_refused_everywhere(verb: str, context: Context) -> None:
    """What is not in the grammar doesn't exist."""
    assert f"<{verb}> is not allowed here" in refused(f"<{verb}/>", context).reason


@pytest.mark.parametrize(
    ("context", "verb"),
    [
        ("wait", "<Enqueue>x</Enqueue>"),
        ("wait", f'<Dial callerId="{SHOWN}"><Number>{ANNE}</Number></Dial>'),
        ("wait", "<Reject/>"),
        ("screen", '<Pause length="1"/>'),
        ("screen", "<Redirect>/x</Redirect>"),
        ("screen", "<Leave/>"),
        ("screen", '<Gather action="/x"><Pause/></Gather>'),
        ("whisper", "<Gather/>"),
        ("whisper", "<Hangup/>"),
        ("whisper", "<Redirect>/x</Redirect>"),
        ("call", "<Leave/>"),
        ("call", "<Number>+33612345678</Number>"),
    ],
)
def test_a_verb_out_of_its_context_is_refused(context: Context, verb: str) -> None:
    """Wait, screening and announcement documents know fewer verbs than a call."""
    assert "not allowed here" in refused(verb, context).reason


@pytest.mark.parametrize(
    "verb",
    [
        '<Say colour="red">x</Say>',
        '<Say voice="Polly.Nobody">x</Say>',
        '<Say language="tlh">x</Say>',
        '<Say voice="Polly.Lea-Neural" language="nl-BE">x</Say>',
        '<Say loop="-1">x</Say>',
        "<Say></Say>",
        "<Say>a<break/>b</Say>",
        f"<Say>{'x' * 4097}</Say>",
        "<Play></Play>",
        '<Play digits="1">/x.wav</Play>',
        '<Play digits="abc"/>',
        "<Play>ftp://x.example/y</Play>",
        '<Pause length="0"/>',
        '<Pause length="1.5"/>',
        '<Gather input="speech"/>',
        '<Gather input="dtmf speech"/>',
        '<Gather speechTimeout="auto"/>',
        '<Gather numDigits="0"/>',
        '<Gather numDigits="one"/>',
        '<Gather finishOnKey="ab"/>',
        '<Gather actionOnEmptyResult="yes"/>',
        '<Gather action=""/>',
        '<Gather method="PUT"/>',
        "<Gather><Hangup/></Gather>",
        "<Gather><Gather/></Gather>",
        "<Gather>speak</Gather>",
        '<Dial record="record-from-answer"><Queue>x</Queue></Dial>',
        '<Dial timeout="4"><Queue>x</Queue></Dial>',
        '<Dial timeout="601"><Queue>x</Queue></Dial>',
        "<Dial>+33612345678</Dial>",
        "<Dial></Dial>",
        f"<Dial callerId='{SHOWN}'><Number>{ANNE}</Number><Queue>x</Queue></Dial>",
        "<Dial><Queue>x</Queue><Queue>y</Queue></Dial>",
        "<Dial><Queue></Queue></Dial>",
        "<Dial><Sip>sip:x</Sip></Dial>",
        f"<Dial callerId='{SHOWN}'><Number>0612345678</Number></Dial>",
        f"<Dial callerId='{SHOWN}'>{f'<Number>{ANNE}</Number>' * 11}</Dial>",
        f"<Dial callerId='{SHOWN}'><Number statusCallbackEvent='started'>{ANNE}</Number></Dial>",
        f"<Dial callerId='0187000401'><Number>{ANNE}</Number></Dial>",
        f"<Enqueue>{'q' * 65}</Enqueue>",
        "<Enqueue></Enqueue>",
        '<Enqueue waitUrl="">x</Enqueue>',
        '<Enqueue workflowSid="WW1">x</Enqueue>',
        "<Redirect></Redirect>",
        "<Redirect>http://user:secret@line.example/x</Redirect>",
        "<Redirect>/a b</Redirect>",
        "<Redirect>/é</Redirect>",
        "<Redirect>/x#ct=1</Redirect>",
        "<Redirect>/x#rc=6</Redirect>",
        "<Redirect>/x#rp=sometimes</Redirect>",
        "<Redirect>/x#zz=1</Redirect>",
        "<Redirect>/x#rc=1&amp;rc=2</Redirect>",
        "<Redirect>/x#top</Redirect>",
        '<Reject reason="tired"/>',
        "<Hangup>now</Hangup>",
        "hello",
        "<Say>x</Say>hello",
    ],
)
def test_a_bad_attribute_value_or_child_is_refused(verb: str) -> None:
    """Whatever the carrier might not run as meant is an error here."""
    refused(verb)


@pytest.mark.parametrize(
    "verbs",
    [
        "<Hangup/><Say>x</Say>",
        "<Redirect>/x</Redirect><Say>x</Say>",
        "<Reject/><Say>x</Say>",
        '<Say loop="0">x</Say><Hangup/>',
        '<Gather action="/x" actionOnEmptyResult="true"/><Say>x</Say>',
        '<Dial action="/x"><Queue>x</Queue></Dial><Say>x</Say>',
        '<Enqueue action="/x">x</Enqueue><Say>x</Say>',
        "<Say>x</Say><Reject/>",
    ],
)
def test_verbs_that_can_never_run_are_refused(verbs: str) -> None:
    """Dead TwiML is a mistake of whoever wrote it."""
    assert refused(verbs).code == 12200


@pytest.mark.parametrize(
    ("body", "media_type", "code"),
    [
        (b"<Response/>", "text/html", 12300),
        (b"<Response/>", "application/json", 12300),
        (b"<Response/>", "", 12300),
        (b"", "text/xml", 12100),
        (b"<Response>", "text/xml", 12100),
        (b"<response/>", "text/xml", 12100),
        (b"<Response version='1'/>", "text/xml", 12100),
        (b"<!DOCTYPE x><Response/>", "text/xml", 12100),
        (b"<Response><Say>\xff</Say></Response>", "text/xml", 12100),
        (b"<Response>" + b" " * 70_000 + b"</Response>", "text/xml", 11750),
    ],
)
def test_what_is_not_a_document_is_refused(body: bytes, media_type: str, code: int) -> None:
    """Content type, well-formedness, root and size are the carrier's."""
    with pytest.raises(TwimlError) as caught:
        parse(body, media_type, "call", f"{BASE}/voice")
    assert caught.value.code == code


@given(body=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)), context=st.sampled_from(CONTEXTS))
@example(body=b'<?xml version="1.0" encoding="utf-7"?><Response/>', context="call")
@example(body=b'<?xml version="1.0" encoding="nonsense"?><Response/>', context="call")
def test_no_bytes_bring_the_reader_down(body: bytes, context: Context) -> None:
    """Whatever a product sends is either a document or refused."""
    for wrapped in (body, b"<Response><Say>" + body + b"</Say></Response>"):
        with contextlib.suppress(TwimlError):
            parse(wrapped, "text/xml", context, f"{BASE}/voice")


@pytest.mark.parametrize("media_type", ["text/xml", "application/xml"])
def test_comments_declarations_and_both_content_types_are_fine(media_type: str) -> None:
    """Strict is not petty."""
    body = b'<?xml version="1.0" encoding="UTF-8"?><!-- a note -->\n<Response>\n  <Say>x</Say>\n</Response>'
    assert len(parse(body, media_type, "call", f"{BASE}/voice").verbs) == 1


@pytest.mark.parametrize(
    ("dial", "reason"),
    [
        (f"<Dial><Number>{ANNE}</Number></Dial>", "without callerId"),
        (f'<Dial callerId="{CALLER_NUMBER}"><Number>{ANNE}</Number></Dial>', "the caller's number"),
        (f'<Dial callerId="{LINE}"><Number>{ANNE}</Number></Dial>', "08 or premium"),
        (f'<Dial callerId="+3280023460"><Number>{ANNE}</Number></Dial>', "08 or premium"),
        (f'<Dial callerId="+33187999999"><Number>{ANNE}</Number></Dial>', "not owned"),
        (f'<Dial callerId="{SHOWN}"><Number>+33826000401</Number></Dial>', "can't be dialled out to"),
    ],
)
def test_a_dial_that_shows_or_calls_a_wrong_number_is_a_violation(
    twin: Twin, product: Product, dial: str, reason: str
) -> None:
    """A psychologist never sees the caller's number, and French networks never see an 08 one."""
    product.on("/voice", dial)
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert reason in twin.violations[0].reason
    assert call.status == "failed"


def test_a_violation_keeps_the_document_and_where_it_came_from(twin: Twin, product: Product) -> None:
    """Whoever reads the report can mend it."""
    product.on("/voice", "<Record/>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    violation = twin.violations[0]
    assert (violation.call_sid, violation.kind) == (call.sid, "voice")
    assert violation.url.startswith(f"{BASE}/voice")
    assert "<Record/>" in violation.document
    assert "Record" in violation.reason


def test_a_reject_after_the_answer_is_a_violation(twin: Twin, product: Product) -> None:
    """Only a ringing call can be refused."""
    product.on("/voice", "<Say>Hello</Say><Redirect>/no</Redirect>")
    product.on("/no", "<Reject/>")
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert "answered" in twin.violations[0].reason


@pytest.mark.parametrize(("verb", "status"), [("<Reject/>", "no-answer"), ('<Reject reason="busy"/>', "busy")])
def test_a_rejected_call_is_never_answered(twin: Twin, product: Product, verb: str, status: str) -> None:
    """Reject costs nothing and lasts nothing."""
    product.on("/voice", verb)
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert (call.status, call.call.duration) == (status, 0)
    assert product.got("/status")[0]["CallStatus"] == status


def test_a_callback_answered_with_an_error_is_a_violation(twin: Twin, product: Product) -> None:
    """Callbacks want 2xx."""
    product.on("/voice", "<Say>Hello</Say>")
    product.on("/status", 404)
    twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert [violation.reason for violation in twin.violations] == ["a callback answered 404"]


def test_a_document_must_be_answered_200(twin: Twin, product: Product) -> None:
    """A 204, a redirect or a 403 is no document."""
    product.on("/voice", Raw(b"<Response/>", status=204))
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.status == "failed"
    assert "204" in twin.violations[0].reason


def test_documents_that_lead_to_each_other_for_ever_are_stopped(twin: Twin, product: Product) -> None:
    """A loop that takes no verb's time is a mistake, and ends the call."""
    product.on("/voice", "<Redirect>/voice</Redirect>")
    call = twin.dial(CALLER_NUMBER, LINE)
    assert twin.run_until_idle()
    assert call.status == "failed"
    assert "for ever" in twin.violations[0].reason
