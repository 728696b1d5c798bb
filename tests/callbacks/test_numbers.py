"""Which numbers may be called back, and how they are spoken."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.calls.numbers import dialable, spoken
from helpline.lines import Line
from tests.shell import lines_in

LINES = lines_in(Path("/"))


@pytest.fixture(params=["france", "belgium"])
def line(request: pytest.FixtureRequest) -> Line:
    """Each of the lines."""
    return LINES[request.param]


@pytest.mark.parametrize(
    ("name", "keyed", "number"),
    [
        ("france", "0199009055", "+33199009055"),
        ("france", "0612345678", "+33612345678"),
        ("france", "0033612345678", "+33612345678"),
        ("france", "0032475123456", "+32475123456"),
        ("france", "00262692123456", "+262692123456"),
        ("france", "00590690123456", "+590690123456"),
        ("belgium", "0475123456", "+32475123456"),
        ("belgium", "025123456", "+3225123456"),
        ("belgium", "0033612345678", "+33612345678"),
        ("france", "+33199009055", "+33199009055"),
        ("belgium", "+33199009055", "+33199009055"),
    ],
)
def test_what_is_keyed_as_one_dials_it_is_understood(name: str, keyed: str, number: str) -> None:
    """In the national form of the line's country, and with 00 from anywhere; a + is the network's."""
    assert dialable(keyed, LINES[name]) == number


@pytest.mark.parametrize("keyed", ["15", "112", "3114", "107", "1813", "0826000401", "0899123456", "0800123456", "9"])
def test_special_and_emergency_numbers_are_refused(line: Line, keyed: str) -> None:
    """Nobody answers there who asked for a call, and some cost a fortune."""
    assert dialable(keyed, line) is None


@pytest.mark.parametrize("keyed", ["+881612345678", "+882121234567", "+80012345678", "+447012345678", "+33899123456"])
def test_numbers_that_cost_a_fortune_abroad_are_refused(line: Line, keyed: str) -> None:
    """Satellites, personal numbers, premium numbers with a country code."""
    assert dialable(keyed, line) is None


@pytest.mark.parametrize("keyed", ["0596123456", "0269123456", "0692123456", "0690123456", "0639123456", "0508123456"])
def test_french_overseas_numbers_need_their_country_code(keyed: str) -> None:
    """Keyed without it some would be taken for numbers of the mainland: somebody else's."""
    assert dialable(keyed, LINES["france"]) is None
    assert dialable("0033" + keyed[1:], LINES["france"]) is None


@pytest.mark.parametrize("number", ["0695123456", "0698123456", "0699123456"])
def test_mobiles_of_the_mainland_that_look_alike_are_not_refused(number: str) -> None:
    """Not every 069 is overseas."""
    assert dialable(number, LINES["france"]) == "+33" + number[1:]


@pytest.mark.parametrize("shown", ["", "anonymous", "Restricted", "+266696687", "+7378742833", "+2562533", "+8656696"])
def test_a_withheld_number_is_none(line: Line, shown: str) -> None:
    """However a network spells it."""
    assert dialable(shown, line) is None


def test_the_lines_own_numbers_are_refused(line: Line) -> None:
    """It would call itself."""
    settings = line.settings
    for number in (settings.published, settings.outbound_caller_id, *settings.inbound):
        assert dialable(number, line) is None


@pytest.mark.parametrize("keyed", ["06*12345678", "+33 6 12 34 56 78", "0800FLOWERS", "٠٦١٢٣٤٥٦٧٨", "++33612345678"])
def test_only_digits_are_read(line: Line, keyed: str) -> None:
    """The library would take letters for the keys they stand on."""
    assert dialable(keyed, line) is None


@given(st.text(st.characters(codec="utf-8"), max_size=24) | st.text("0123456789+*#", max_size=24))
def test_anything_may_come_in(text: str) -> None:
    """What comes out is a number that the same question accepts again, and that can be spoken."""
    number = dialable(text, LINES["france"])
    if number is not None:
        assert dialable(number, LINES["france"]) == number
        assert set(spoken(number, LINES["france"])) <= set("0123456789 ,")


@pytest.mark.parametrize(
    ("name", "number", "words"),
    [
        ("france", "+33612345678", "0 6, 1 2, 3 4, 5 6, 7 8"),
        ("belgium", "+3225123456", "0 2, 5 1, 2 3, 4 5, 6"),
        ("france", "+32475123456", "0 0, 3 2, 4 7, 5 1, 2 3, 4 5, 6"),
    ],
)
def test_a_number_is_spoken_digit_by_digit(name: str, number: str, words: str) -> None:
    """As one dials it in the line's country, in pairs."""
    assert spoken(number, LINES[name]) == words
