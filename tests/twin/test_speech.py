import io
import wave

import pytest

from helpline.twin import Twin
from helpline.twin.media import speech_seconds
from tests.twin.product import CALLER_NUMBER, LINE, Product, Raw


def test_speech_lasts_by_its_words() -> None:
    """At 150 words a minute 25 words take ten seconds, and nothing takes less than half a second."""
    assert speech_seconds("one " * 25) == pytest.approx(10.0)
    assert speech_seconds("Hi") == 0.5


def test_a_caller_hears_what_is_said_in_its_language_and_is_hung_up(twin: Twin, product: Product) -> None:
    """A document's sentences are heard in order, and its end is the call's."""
    product.on("/voice", '<Say voice="Polly.Lea-Neural">Bonjour</Say><Pause length="3"/><Say language="nl-BE">Ja</Say>')
    call = twin.dial(CALLER_NUMBER, LINE)
    assert twin.run_until_idle()
    assert [(e.text, e.locale) for e in call.transcript if e.event == "hears"] == [
        ("Bonjour", "fr-FR"),
        ("Ja", "nl-BE"),
    ]
    assert call.status == "completed"
    assert call.call.duration == 4
    assert twin.violations == []


def test_loops_are_played_that_often(twin: Twin, product: Product) -> None:
    """`loop` multiplies the time a text takes."""
    product.on("/voice", f'<Say loop="3">{"word " * 25}</Say>')
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.call.duration == 30


def test_an_endless_loop_lasts_until_the_caller_hangs_up(twin: Twin, product: Product) -> None:
    """`loop="0"` never ends by itself."""
    product.on("/voice", '<Say loop="0">Wait</Say>')
    call = twin.dial(CALLER_NUMBER, LINE, hang_up_after=90)
    twin.run_until_idle()
    assert call.call.duration == 90


def test_a_recording_lasts_as_its_header_says(twin: Twin, product: Product) -> None:
    """A Play is fetched once, and its WAV header tells how long it takes."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(8000)
        recording.writeframes(b"\0\0" * 8000 * 7)
    product.on("/hold.wav", Raw(sound.getvalue(), "audio/wav"))
    product.on("/voice", "<Play>/hold.wav</Play><Play>/hold.wav</Play>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.call.duration == 14
    assert call.first_sound == pytest.approx(0.05)
    assert product.unsigned.pop() == "https://line.example/hold.wav"  # media is fetched unsigned, and once


def test_a_recording_that_is_not_there_is_a_violation_and_the_call_goes_on(twin: Twin, product: Product) -> None:
    """A caller isn't lost over a missing sound, but the harness is told."""
    product.on("/voice", "<Play>/nothing.wav</Play><Say>Hello</Say>")
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert call.heard() == ["Hello"]
    assert [violation.kind for violation in twin.violations] == ["media"]
    product.unsigned.clear()


def test_tones_are_heard(twin: Twin, product: Product) -> None:
    """`Play digits` takes a quarter of a second a key."""
    product.on("/voice", '<Play digits="ww12"/>')
    call = twin.dial(CALLER_NUMBER, LINE)
    twin.run_until_idle()
    assert ("hears tones", "ww12") in [(e.event, e.text) for e in call.transcript]
