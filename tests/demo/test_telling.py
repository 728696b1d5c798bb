import pytest

from helpline.demo.telling import readable, tell
from helpline.demo.texts import speaker
from helpline.twin import CALLER, Entry


def _told(*entries: Entry) -> list[tuple[str, str]]:
    story = tell("CA1", entries, "+33199000401", speaker("en"), lambda name: name.title())
    return [(line.kind, line.text) for line in story]


def _entry(event: str, text: str = "", who: str = "anne") -> Entry:
    return Entry(0.0, who, event, text)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (_entry("dials"), ("did", "Dials the number")),
        (_entry("rings"), ("did", "Rings. Shows 01 99 00 04 01")),
        (_entry("picks up"), ("did", "Picks up")),
        (_entry("hears", "Bonjour."), ("said", "Bonjour.")),
        (_entry("hears audio", "/audio/12.wav"), ("did", "Hold music")),
        (_entry("hears ringing"), ("did", "Ringing tone")),
        (_entry("presses", "1"), ("key", "1")),
        (_entry("presses", "# (nobody listens)"), ("key", "#")),
        (_entry("bridged", CALLER), ("did", "Talking with the caller")),
        (_entry("bridged", "anne"), ("did", "Talking with Anne")),
        (_entry("hangs up"), ("did", "Hangs up")),
        (_entry("hangs up", who="line"), ("did", "The line hangs up")),
        (_entry("is hung up", who="line"), ("did", "The line hangs up")),
        (_entry("refuses"), ("did", "Refuses the call")),
        (_entry("call ends", "canceled"), ("did", "Stops ringing")),
        (_entry("call ends", "no-answer"), ("did", "Didn’t pick up")),
    ],
)
def test_what_happens_is_told_in_words(entry: Entry, expected: tuple[str, str]) -> None:
    """Each event that a person at the phone would notice has its line."""
    assert _told(entry) == [expected]


@pytest.mark.parametrize("event", ["queued", "leaves the queue", "something new"])
def test_what_nobody_at_the_phone_notices_is_left_out(event: str) -> None:
    """Queues are the carrier's affair; so is an event we have no words for, and the end of an ordinary call."""
    assert _told(_entry(event), _entry("call ends", "completed")) == []


def test_music_that_goes_on_is_told_once() -> None:
    """Each tick of the wait plays the same music again; after an announcement it is told of anew."""
    music, words = _entry("hears audio", "/audio/12.wav"), _entry("hears", "Restez en ligne.")
    assert [text for _, text in _told(music, music, words, music)] == ["Hold music", "Restez en ligne.", "Hold music"]


def test_a_line_keeps_its_id() -> None:
    """A page recognises a line that it shows already, whatever has been added since."""
    entries = [_entry("dials"), _entry("queued"), _entry("hears", "Bonjour.")]

    def ids(upto: int) -> list[str]:
        return [line.id for line in tell("CA1", entries[:upto], "", speaker("fr"), str)]

    assert ids(1) == ids(3)[:1]
    assert len(set(ids(3))) == 2


@pytest.mark.parametrize(
    ("number", "written"),
    [("+33199000401", "01 99 00 04 01"), ("+3280023460", "0800 23 460"), ("anonymous", "anonymous"), ("", "")],
)
def test_numbers_are_written_as_people_write_them(number: str, written: str) -> None:
    """A number is shown the national way; what isn't one is left alone."""
    assert readable(number) == written
