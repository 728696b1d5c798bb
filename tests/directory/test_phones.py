"""Numbers as people write them, as they are kept, printed and spoken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.directory.phones import PhoneFault, connectable, is_short, normal, printed, spoken
from helpline.directory.territories import COUNTRIES, Country


@pytest.mark.parametrize(
    ("text", "country", "kept"),
    [
        ("01 99 00 12 34", "FR", "+33199001234"),
        ("01.99.00.12.34", "FR", "+33199001234"),
        ("+33 (0)1 99 00 12 34", "FR", "+33199001234"),
        ("0033 199 001 234", "BE", "+33199001234"),
        ("0826 000 401", "FR", "+33826000401"),
        ("0 805 23 23 36", "FR", "+33805232336"),
        ("02 538 73 65", "BE", "+3225387365"),
        ("0800 23 460", "BE", "+3280023460"),
        ("3114", "FR", "3114"),
        ("31 14", "FR", "3114"),
        ("15", "FR", "15"),
        ("112", "BE", "112"),
        ("1813", "BE", "1813"),
        ("+687 25 12 34", "FR", "+687251234"),
    ],
)
def test_a_number_is_kept_as_it_is_dialled_from_anywhere(text: str, country: Country, kept: str) -> None:
    """E.164, or a short number as its digits."""
    assert normal(text, country) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0596 49 00 01", "+596596490001"),
        ("0269 60 00 01", "+262269600001"),
        ("0262 90 00 01", "+262262900001"),
        ("0590 48 00 01", "+590590480001"),
        ("0594 29 00 01", "+594594290001"),
        ("0692 85 00 01", "+262692850001"),
    ],
)
def test_an_overseas_number_is_not_taken_for_one_of_the_mainland(text: str, kept: str) -> None:
    """Dialled like the others in France, it is of another numbering plan: 0596 isn't +33 5 96."""
    assert normal(text, "FR") == kept


@pytest.mark.parametrize(
    ("text", "country"),
    [
        *((text, "FR") for text in ("", "+", "0", "1813", "99", "01 99 00 12", "01 99 00 12 34 5", "0508 41 00 01")),
        *((text, "FR") for text in ("0800 SUIZIDE", "3114 ou 15", "٣١١٤", "01 99 00 12 34, poste 5", "+33")),
        *((text, "BE") for text in ("15", "01 99 00 12 34", "02 538 73", "0000")),
    ],
)
def test_what_cannot_be_dialled_is_refused(text: str, country: Country) -> None:
    """Half a number, one of another country, letters, two at once: with a word on how one is written."""
    with pytest.raises(PhoneFault, match="; write "):
        normal(text, country)


@pytest.mark.parametrize(
    ("phone", "dialled"),
    [
        ("+33199001234", True),
        ("+33608282589", True),
        ("+596596490001", True),
        ("+3225387365", True),
        ("3114", False),
        ("112", False),
        ("+33826000401", False),
        ("+33805232336", False),
        ("+3280023460", False),
        ("+3290212345", False),
    ],
)
def test_a_carrier_dials_ordinary_numbers_only(phone: str, *, dialled: bool) -> None:
    """Short, free and special-rate numbers are spoken, and nobody is put through to them."""
    assert connectable(phone) == dialled


def test_a_number_is_printed_as_the_country_writes_it() -> None:
    """Nationally at home, with its country code elsewhere; four short digits as a pair of pairs."""
    assert printed("+33199001234", "FR") == "01 99 00 12 34"
    assert printed("+33199001234", "BE") == "+33 1 99 00 12 34"
    assert printed("+3225387365", "BE") == "02 538 73 65"
    assert (printed("3114", "FR"), printed("112", "FR")) == ("3114", "112")


def test_a_number_is_spoken_in_pairs() -> None:
    """With a breath between them; from another country as it is dialled there."""
    assert spoken("+33199001234", "FR") == "0 1, 9 9, 0 0, 1 2, 3 4"
    assert spoken("+33199001234", "BE").startswith("0 0, 3 3, 1 9")
    assert (spoken("3114", "FR"), spoken("112", "FR")) == ("31 14", "112")


@given(st.text(max_size=16) | st.from_regex(r"\A\+?[0-9 .-]{1,16}\Z"), st.sampled_from(COUNTRIES))
def test_whatever_is_written_is_a_number_or_refused(text: str, country: Country) -> None:
    """Nothing else is raised, and what is kept is kept as it is when it is read again."""
    try:
        kept = normal(text, country)
    except PhoneFault:
        return
    assert normal(kept, country) == kept
    assert normal(printed(kept, country), country) == kept
    assert is_short(kept) == (not kept.startswith("+"))
