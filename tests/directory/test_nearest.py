"""Nearest first, the whole country after, crisis lines last: for every place there is."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.directory.entries import Audience, Entry, Kind
from helpline.directory.nearest import nearest
from helpline.directory.seeding import shipped
from helpline.directory.territories import Level, place, place_of, territories
from ivr_flows.model import LANGUAGES, Language

TODAY = dt.date(2026, 3, 10)
PLACES = [code for code, found in territories().items() if found.level is Level.PLACE]
CODES = sorted(territories())


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """A directory of any size and shape, each entry in one country."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        country = draw(st.sampled_from(["FR", "BE"]))
        codes = draw(
            st.lists(
                st.sampled_from([code for code in CODES if territories()[code].country == country]),
                min_size=1,
                max_size=4,
                unique=True,
            )
        )
        found.append(
            Entry(
                f"entry-{number}",
                draw(st.sampled_from(["Un", "Deux", "Trois"])),
                draw(st.sampled_from(Kind)),
                frozenset({draw(st.sampled_from(Audience))}),
                tuple(codes),
                (draw(st.sampled_from(LANGUAGES)),),
                "+33199001234",
            )
        )
    return found


@given(entries(), st.sampled_from(PLACES), st.sampled_from(LANGUAGES))
def test_the_nearest_come_first(found: list[Entry], code: str, language: Language) -> None:
    """No entry stands before one that is nearer; crisis lines stand behind all others."""
    here = place(code)
    ordered = nearest(found, here, language)
    far = [(entry.kind is Kind.CRISIS, here.distance(entry.territories)) for entry in ordered]
    assert far == sorted(far, key=lambda each: (each[0], each[1] or 0))
    assert {entry.key for entry in ordered} == {
        entry.key for entry in found if here.distance(entry.territories) is not None
    }


@given(st.permutations(shipped(TODAY)), st.sampled_from(PLACES), st.sampled_from(LANGUAGES))
def test_nobody_is_left_without(shuffled: list[Entry], code: str, language: Language) -> None:
    """With what we ship there is help everywhere, in an order that doesn't depend on the file's."""
    ordered = nearest(shuffled, place(code), language)
    assert ordered == nearest(shipped(TODAY), place(code), language)
    assert any(entry.kind is not Kind.CRISIS for entry in ordered)


@pytest.mark.parametrize(
    ("keyed", "country", "language", "first"),
    [
        ("31", "FR", "fr", "mots"),
        ("75", "FR", "fr", "aapms"),
        ("4000", "BE", "fr", "modes"),
        ("4700", "BE", "de", "medecins-en-difficulte"),
    ],
)
def test_who_comes_first_of_what_we_ship(keyed: str, country: str, language: Language, first: str) -> None:
    """In Toulouse its own association; where there is none of the place, one for the whole country."""
    here = place_of(keyed, "BE" if country == "BE" else "FR")
    assert here is not None
    assert nearest(shipped(TODAY), here, language)[0].key == first
