"""What a callback adds to our TwiML: a number ended by #, and a phone that the shell names at the last moment."""

import xml.etree.ElementTree as ET

import pytest
from twilio.twiml.voice_response import Gather, VoiceResponse

from helpline.carrier.twiml import Renderer
from helpline.twin import twiml as strict
from helpline.twin import verbs
from ivr_flows import callback, calling_back
from ivr_flows.actions import Listen
from ivr_flows.callback import NUMBER
from ivr_flows.load import shipped_flow, shipped_prompts
from ivr_flows.model import LANGUAGES
from tests.ivr_flows.test_callback import every_document as every_question
from tests.ivr_flows.test_calling_back import every_document as every_call_back

BASE = "https://helpline.example.org"
RENDERER = Renderer(shipped_prompts(), shipped_flow("belgium").voices, lambda seconds: f"{BASE}/audio/{seconds}.wav")


def url(place: object) -> str:
    """The URL of any place."""
    return f"{BASE}/voice/france/{type(place).__name__}/token"


def test_a_number_is_listened_for_until_the_hash_key() -> None:
    """As the carrier's own library spells it."""
    place = callback.Place(callback.Stage.KEY, "callback", "fr")
    gather = Gather(
        input="dtmf",
        num_digits=17,
        timeout=8,
        finish_on_key="#",
        action_on_empty_result=True,
        method="POST",
        action=url(place),
    )
    response = VoiceResponse()
    response.append(gather)
    ours = RENDERER.render((Listen((), place, 8, 17, "#"),), url)
    assert ET.canonicalize(ours) == ET.canonicalize(str(response))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_is_one_that_the_carrier_plays(language: str) -> None:
    """With the number in its place, on the leg where it is played."""
    for document in (*every_question(), *every_call_back()):
        text = RENDERER.render(document, url, {"caller_id": "+33199000401"}).replace(NUMBER, "+33199009055")
        strict.parse(text.encode(), "text/xml", "call", f"{BASE}/here")
    hello = calling_back.greet(calling_back.Hello(language), "")  # type: ignore[arg-type] # one of the four
    screened = RENDERER.render(hello, url)
    assert strict.parse(screened.encode(), "text/xml", "screen", f"{BASE}/here").verbs


def test_the_phone_that_is_called_is_screened_and_shows_the_lines_number() -> None:
    """Nothing is recorded, and the talk has an end."""
    view = calling_back.View(mine=True, line="", held_in="fr")
    turn = calling_back.step(calling_back.Place(calling_back.Stage.WHISPER, "fr"), calling_back.Keyed("1"), view)
    text = RENDERER.render(turn.document, url, {"caller_id": "+33199000401"}).replace(NUMBER, "+33199009055")
    dial = strict.parse(text.encode(), "text/xml", "call", f"{BASE}/here").verbs[-1]
    assert isinstance(dial, verbs.Dial)
    (number,) = dial.numbers
    assert (number.number, number.url) == ("+33199009055", f"{BASE}/voice/france/Hello/token")
    assert (dial.caller_id, dial.action) == ("+33199000401", f"{BASE}/voice/france/Place/token")
    assert dial.time_limit <= 7200
