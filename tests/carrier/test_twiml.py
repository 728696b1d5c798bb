"""Our TwiML against the carrier's own builder, and against the strict reader of the twin."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from helpline.carrier.twiml import BRIDGE_TIMEOUT, EMPTY, Renderer, spoken_wait
from helpline.twin import twiml as strict
from helpline.twin import verbs
from ivr_flows import actions
from ivr_flows.actions import (
    Action,
    Ask,
    Bridge,
    Conference,
    Goto,
    Hangup,
    LeaveQueue,
    Listen,
    Music,
    Pause,
    Phone,
    Queue,
    Say,
    Sound,
)
from ivr_flows.load import shipped_flow, shipped_prompts
from ivr_flows.model import LANGUAGES, Language
from ivr_flows.prompts import Prompts

PROMPTS = shipped_prompts()
VOICES = shipped_flow("belgium").voices
BASE = "https://helpline.example.org"
EXTRAS = {
    "wait": f"{BASE}/wait?a=1&b=2#rc=1",
    "announce": f"{BASE}/announce?a=1&b=<2>",
    "room": f'{BASE}/room?a=1&b="2"',
    "caller_id": "+33199000401",
}
SECONDS = st.integers(1, 600)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
SPEAKABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Zs", "Zl", "Zp"]), min_size=1, max_size=60
)
"""Without what a reader of XML may turn into other white space."""
SPOKEN = st.sampled_from(LANGUAGES)
KEYS = sorted(PROMPTS.texts["fr"])
SAYS = st.deferred(lambda: st.builds(filled, st.sampled_from(KEYS), SPOKEN))
SOUNDS: st.SearchStrategy[Sound] = st.one_of(SAYS, st.builds(Music, SECONDS), st.builds(Pause, SECONDS))
PLACES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
"""A place can be anything: its URL is made by the function that the shell gives."""


def renderer(prompts: Prompts = PROMPTS) -> Renderer:
    """A line's renderer."""
    return Renderer(prompts, VOICES, lambda seconds: f"{BASE}/audio/{seconds}.wav")


def url(place: str) -> str:
    """The URL of a place: with everything that has a meaning in XML."""
    return f"{BASE}/voice/{place}?a=1&b='2'&c=\"3\"<&amp;>#ct=1000&rp=ct,rt,5xx"


def filled(key: str, language: Language) -> Say:
    """A prompt with every placeholder filled."""
    names = sorted(PROMPTS.placeholders(key, language))
    return Say(key, language, tuple((name, "@wait:75" if name == "wait" else f"a {name} & more") for name in names))


def same(ours: str, theirs: VoiceResponse) -> bool:
    """Whether two documents say the same, element by element."""
    return ET.canonicalize(ours) == ET.canonicalize(str(theirs))


def add_sound(parent: Any, sound: Sound) -> None:  # noqa: ANN401 - the library has no types
    """What the library makes of a sound."""
    match sound:
        case Say(language=language):
            voice = VOICES[language]
            parent.say(renderer().text(sound), language=voice.locale, voice=voice.name)
        case Music(seconds=seconds):
            parent.play(f"{BASE}/audio/{seconds}.wav")
        case Pause(seconds=seconds):
            parent.pause(length=seconds)


def read(document: str, context: verbs.Context = "call") -> tuple[verbs.Verb, ...]:
    """The document's verbs as the carrier reads them; a fault fails the test."""
    return strict.parse(document.encode(), "text/xml", context, f"{BASE}/here").verbs


@given(st.lists(SOUNDS, max_size=5))
def test_sounds(sounds: list[Sound]) -> None:
    """Speech, music and silence, as the library would build them."""
    response = VoiceResponse()
    for sound in sounds:
        add_sound(response, sound)
    ours = renderer().render(tuple(sounds), url)
    assert same(ours, response)
    assert len(read(ours)) == len(sounds)


@given(st.lists(SOUNDS, max_size=3), PLACES, SECONDS, st.integers(1, 32))
def test_a_listen(sounds: list[Sound], place: str, timeout: int, digits: int) -> None:
    """Keys only, no speech; silence comes back too, so that no document is played twice."""
    gather = Gather(
        input="dtmf",
        num_digits=digits,
        timeout=timeout,
        finish_on_key="",
        action_on_empty_result=True,
        method="POST",
        action=url(place),
    )
    for sound in sounds:
        add_sound(gather, sound)
    response = VoiceResponse()
    response.append(gather)
    ours = renderer().render((Listen(tuple(sounds), place, timeout, digits),), url)
    assert same(ours, response)


@given(st.lists(SAYS, max_size=3), PLACES, SECONDS)
def test_an_ask(sounds: list[Say], place: str, timeout: int) -> None:
    """One key, and after silence whatever the document says next: a hang-up, where a machine may have picked up."""
    gather = Gather(
        input="dtmf",
        num_digits=1,
        timeout=timeout,
        finish_on_key="",
        action_on_empty_result=False,
        method="POST",
        action=url(place),
    )
    for sound in sounds:
        add_sound(gather, sound)
    response = VoiceResponse()
    response.append(gather)
    response.hangup()
    ours = renderer().render((Ask(tuple(sounds), place, timeout), Hangup()), url)
    assert same(ours, response)


@given(PLACES)
def test_a_goto(place: str) -> None:
    """The next request, at once."""
    response = VoiceResponse()
    response.redirect(url(place), method="POST")
    assert same(renderer().render((Goto(place),), url), response)


@given(SPEAKABLE, PLACES)
def test_a_queue(name: str, place: str) -> None:
    """The caller waits; what they hear, and what comes after, have URLs of their own."""
    response = VoiceResponse()
    response.enqueue(name, action=url(place), method="POST", wait_url=EXTRAS["wait"], wait_url_method="POST")
    assert same(renderer().render((Queue(name, place),), url, EXTRAS), response)


@given(SPEAKABLE, PLACES, st.integers(1, 86_400))
def test_a_bridge(name: str, place: str, limit: int) -> None:
    """To the caller at the front of a queue: never recorded, ended by *, showing the line's own number."""
    dial = Dial(
        action=url(place),
        method="POST",
        timeout=BRIDGE_TIMEOUT,
        time_limit=limit,
        caller_id=EXTRAS["caller_id"],
        hangup_on_star=True,
        record="do-not-record",
    )
    dial.queue(name, url=EXTRAS["announce"], method="POST")
    response = VoiceResponse()
    response.append(dial)
    assert same(renderer().render((Bridge(name, place, limit),), url, EXTRAS), response)


@given(PLACES, SPEAKABLE.filter(str.strip), st.integers(1, 86_400), st.booleans(), st.booleans())
def test_a_conference(place: str, name: str, limit: int, starts: bool, star: bool) -> None:
    """Never recorded, without a beep; whoever leaves ends it for all, and its wait document is ours."""
    dial = Dial(action=url(place), method="POST", time_limit=limit, hangup_on_star=star, record="do-not-record")
    dial.conference(
        name,
        beep="false",
        start_conference_on_enter=starts,
        end_conference_on_exit=True,
        record="do-not-record",
        wait_method="POST",
        wait_url=EXTRAS["room"],
    )
    response = VoiceResponse()
    response.append(dial)
    ours = renderer().render((Conference(name, place, limit, starts=starts, star=star),), url, EXTRAS)
    assert same(ours, response)


def test_a_bridge_without_a_star() -> None:
    """A service's: it has nobody to hand the caller to."""
    rendered = renderer().render((Bridge("q", "then", 60, star=False),), url, EXTRAS)
    assert 'hangupOnStar="false"' in rendered
    assert read(rendered)


@given(PLACES, PLACES, st.integers(5, 600), st.integers(1, 86_400))
def test_a_phone(place: str, screen: str, seconds: int, limit: int) -> None:
    """Never recorded, never unscreened, showing the line's number; the caller hears it ring until it is accepted."""
    dial = Dial(
        action=url(place),
        method="POST",
        timeout=seconds,
        time_limit=limit,
        caller_id=EXTRAS["caller_id"],
        answer_on_bridge=True,
        record="do-not-record",
    )
    dial.number("+33199000101", url=url(screen), method="POST")
    response = VoiceResponse()
    response.append(dial)
    ours = renderer().render((Phone("+33199000101", place, screen, seconds, limit),), url, EXTRAS)
    assert same(ours, response)


def test_a_phone_that_nobody_screens() -> None:
    """Whoever picks up talks at once."""
    dial = Dial(
        action=url("over"), method="POST", timeout=30, time_limit=7200, caller_id=EXTRAS["caller_id"],
        answer_on_bridge=True, record="do-not-record",
    )  # fmt: skip
    dial.number("+33199000101")
    response = VoiceResponse()
    response.append(dial)
    assert same(renderer().render((Phone("+33199000101", "over", None, 30, 7200),), url, EXTRAS), response)


@pytest.mark.parametrize("action", [LeaveQueue(), Hangup()])
def test_an_end(action: Action[str]) -> None:
    """Out of the queue, and out of the call."""
    response = VoiceResponse()
    (response.leave if isinstance(action, LeaveQueue) else response.hangup)()
    assert same(renderer().render((action,), url), response)


def test_nothing_to_do() -> None:
    """An answer to a webhook that changes nothing."""
    assert same(EMPTY, VoiceResponse())
    assert read(EMPTY) == ()


def test_every_action_has_a_test_here() -> None:
    """A new kind of action needs one."""
    known = {"Say", "Music", "Pause", "Listen", "Goto", "Queue", "Bridge", "LeaveQueue", "Hangup", "Ask", "Phone"}
    known |= {"Conference"}
    assert {name for name, kind in vars(actions).items() if hasattr(kind, "__dataclass_fields__")} == known


DOCUMENTS: dict[str, tuple[tuple[Action[str], ...], verbs.Context]] = {
    "a greeting": ((Listen((Say("greeting-france", "fr"),), "ring"),), "call"),
    "a farewell": ((Say("goodbye", "nl"), Hangup()), "call"),
    "a queue": ((Queue("q" * 64, "ring"),), "call"),
    "a hold document": ((Listen((Say("hold-1", "de"), Music(5)), "wait"),), "wait"),
    "leaving the queue": ((LeaveQueue(),), "wait"),
    "a pick-up": ((Pause(1), Goto("whisper")), "call"),
    "a bridge": ((Bridge("q" * 64, "over", 7200),), "call"),
    "an announcement": ((Say("connecting", "en"),), "whisper"),
    "a phone": ((Say("degraded", "fr"), Phone("+33199000101", "over", "screen", 20, 7200)), "call"),
    "a phone that nobody screens": (
        (Say("directory-shown", "fr"), Phone("+33199000101", "over", None, 30, 7200)),
        "call",
    ),
    "a screening": ((Ask((Say("whisper-accept", "de"),), "accept", 3), Hangup()), "screen"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_carrier_runs_it(name: str) -> None:
    """The twin's reader, as strict as the carrier at its strictest, finds no fault in any kind of document."""
    document, context = DOCUMENTS[name]
    assert len(read(renderer().render(document, url, EXTRAS), context)) == len(document)


@given(TEXTS)
def test_a_hostile_value_stays_text(value: str) -> None:
    """Markup, quotes and control characters in a label are spoken or dropped; they never become a verb."""
    texts = {language: {"hostile": "{what}"} for language in LANGUAGES}
    rendered = renderer(Prompts(texts)).render((Say("hostile", "fr", (("what", f"x{value}"),)),), url)
    (say,) = strict.parse(rendered.encode(), "text/xml", "call", BASE).verbs
    assert isinstance(say, verbs.Say)
    kept = [letter for letter in value if letter.isprintable() and not letter.isspace()]
    assert [letter for letter in say.text[1:] if letter.isprintable() and not letter.isspace()] == kept


@given(PLACES)
def test_a_hostile_url_stays_a_url(place: str) -> None:
    """Whatever a token or a public URL holds, the carrier asks exactly for it."""
    (gather,) = ET.fromstring(renderer().render((Listen((), place),), url))  # noqa: S314 - our own document
    assert gather.get("action") == url(place)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_every_prompt_can_be_spoken(key: str, language: Language) -> None:
    """In its language's voice, nothing left unfilled, to the letter."""
    say = filled(key, language)
    (spoken,) = read(renderer().render((say,), url))
    assert isinstance(spoken, verbs.Say)
    assert (spoken.locale, spoken.voice) == (VOICES[language].locale, VOICES[language].name)
    assert spoken.text == renderer().text(say).strip()
    assert not {"{", "}", "@"} & set(spoken.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_value_may_be_another_prompt(language: Language) -> None:
    """`@key` is spoken as that prompt in the same language."""
    said = renderer().text(Say("whisper-category", language, (("category", "@category-doctor"),)))
    assert PROMPTS.text("category-doctor", language) in said


@given(st.integers(0, 100_000), SPOKEN)
def test_a_wait_is_spoken_as_one_says_it(seconds: int, language: Language) -> None:
    """Tens of seconds, a minute, whole minutes: never more than was waited, but for the first ten seconds."""
    said = spoken_wait(PROMPTS, seconds, language)
    number = int("".join(letter for letter in said if letter.isdigit()) or 1)
    if seconds < 60:
        assert said == PROMPTS.text("wait-seconds", language, n=str(number))
        assert number % 10 == 0
        assert max(0, seconds - 10) <= number <= max(10, seconds)
    elif seconds < 120:
        assert said == PROMPTS.text("wait-minute", language)
    else:
        assert said == PROMPTS.text("wait-minutes", language, n=str(seconds // 60))
    assert renderer().text(Say("whisper", language, (("line", "l"), ("language", "x"), ("wait", f"@wait:{seconds}"))))
