import string
import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.lines import Line
from helpline.messages.confirming import ShiftLinks
from helpline.messages.gsm import ONE_MESSAGE, in_alphabet, length, spelt
from helpline.messages.texts import load_texts, say, when, where
from reports.words import LANGUAGES, Language
from tests.rota.strategies import FIRST, LAST, ZONES
from tests.shell import CONFIG, PUBLIC, lines_in

HOUR = 3600
TIERS = CONFIG.replace('flow = "belgium"', 'flow = "belgium"\ntiers = 2')


@cache
def line_in(zone: str) -> Line:
    """The Belgian line, somewhere else, with two tiers."""
    return lines_in(Path(), TIERS.replace('timezone = "Europe/Brussels"', f'timezone = "{zone}"'))["belgium"]


def at(local: str, zone: str = "Europe/Brussels") -> int:
    """A local time as UTC seconds."""
    return int(datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).timestamp())


def test_every_text_has_four_languages_and_the_same_blanks() -> None:
    """No language is missing, and what one language fills in, all do."""
    source = resources.files("helpline.messages").joinpath("texts.toml").read_text(encoding="utf-8")
    for key, entry in tomllib.loads(source).items():
        assert list(entry) == list(LANGUAGES), key
        blanks = {
            frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in entry.values()
        }
        assert len(blanks) == 1, key


def test_every_text_is_used() -> None:
    """Nothing is left of what messages once said, but for what is put together from parts."""
    folders = (Path(str(resources.files("helpline.messages"))), Path(str(resources.files("helpline.cli"))))
    sources = "".join(path.read_text() for folder in folders for path in folder.glob("*.py"))
    made = {"sms-reminder", "sms-reminder-confirmed", "sms-come", "sms-gone"} | {
        f"sms-gap-{kind}" for kind in ("nobody", "tier", "few", "language")
    }
    missing = {key for key in load_texts() if f'"{key}"' not in sources and f"'{key}'" not in sources}
    assert missing <= made


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_messages_keep_to_their_alphabet(language: Language) -> None:
    """What the texts add themselves never makes a message longer than its signs."""
    for key, words in load_texts().items():
        if key.startswith(("sms-", "weekdays", "hours", "tier")):
            assert in_alphabet(words.to(language)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reminder_is_one_message(language: Language) -> None:
    """With a link on a usual address, on a line of two tiers, even on a night that is longer than usual."""
    line, start, end = line_in("Europe/Brussels"), at("2026-10-24T20:00"), at("2026-10-25T08:00")
    values = {
        "when": when(line, start, end, language),
        "where": where(line, 2, language),
        "link": ShiftLinks(b"key", PUBLIC).url(12_345, 12_345, 1),
    }
    text = spelt(say(language, "sms-reminder", **values))
    assert in_alphabet(text)
    assert length(text) <= ONE_MESSAGE
    assert values["link"] in text


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2026-03-10T20:00", "2026-03-11T08:00", "mar 10/03 20:00-08:00"),
        ("2026-03-28T20:00", "2026-03-29T08:00", "sam 28/03 20:00-08:00 (11 h)"),
        ("2026-10-24T20:00", "2026-10-25T08:00", "sam 24/10 20:00-08:00 (13 h)"),
        ("2026-10-24T20:30", "2026-10-25T08:15", "sam 24/10 20:30-08:15 (12:45 h)"),
        ("2026-03-10T08:00", "2026-03-11T08:00", "mar 10/03 08:00-mer 11/03 08:00"),
        ("2026-03-13T18:00", "2026-03-16T08:00", "ven 13/03 18:00-lun 16/03 08:00"),
    ],
)
def test_2_a_shift_is_told_by_the_clocks_on_the_wall(start: str, end: str, shown: str) -> None:
    """A night reads the same all year; on the two nights that are longer or shorter, its real length is told."""
    assert when(line_in("Europe/Brussels"), at(start), at(end), "fr") == shown


@given(st.sampled_from(ZONES), st.integers(FIRST // 900, LAST // 900), st.integers(1, 96), st.sampled_from(LANGUAGES))
def test_15_what_is_told_leads_back_to_the_instants(zone: str, start: int, quarters: int, language: Language) -> None:
    """Read with a calendar and the length that is told, or else the clocks' own: begin and end, to the minute."""
    line, begin, end = line_in(zone), start * 900, (start + quarters) * 900
    text = when(line, begin, end, language)
    local = datetime.fromtimestamp(begin, UTC).astimezone(line.zone)
    assert f"{local:%d/%m %H:%M}-" in text
    clock, _, told = text.partition("-")[2].partition(" (")
    last = datetime.strptime(clock[-5:], "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    if told:
        hours, _, minutes = told.split(" ")[0].partition(":")
        assert int(hours) * 60 + int(minutes or 0) == quarters * 15
    else:
        day = local.replace(tzinfo=None)
        shown = timedelta(hours=last.hour - day.hour, minutes=last.minute - day.minute)
        days = quarters * 15 // (24 * 60) if len(clock) > 5 else 0
        assert (shown % timedelta(days=1)) + timedelta(days=days) == timedelta(minutes=quarters * 15)
