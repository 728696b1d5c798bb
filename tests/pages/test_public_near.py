"""The directory by region: whatever its size, everybody who helps is on the page, and nobody nearer stands behind."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.directory.entries import Entry, Kind
from helpline.directory.territories import COUNTRIES, Country, place, territories
from helpline.figures.shelf import Volume
from helpline.pages.public.about import crisis
from helpline.pages.public.latest import newest
from helpline.pages.public.near import guide
from ivr_flows.model import LANGUAGES, Language
from tests.directory.test_nearest import entries


@given(entries(), st.sampled_from(COUNTRIES), st.sampled_from(LANGUAGES))
def test_everybody_who_helps_is_on_the_page(found: list[Entry], country: Country, language: Language) -> None:
    """Each entry of the country at least once, none of another, and no line for immediate danger among them."""
    known = guide(found, country, language)
    groups = [group for area in known.areas for group in area.groups]
    shown = {entry.key for group in groups for entry in group.entries} | {entry.key for entry in known.national}
    assert shown == {entry.key for entry in found if entry.country == country and entry.kind is not Kind.CRISIS}


@given(entries(), st.sampled_from(COUNTRIES), st.sampled_from(LANGUAGES))
def test_what_is_near_stands_first(found: list[Entry], country: Country, language: Language) -> None:
    """In each list nobody stands before somebody nearer, and what serves the whole country isn't in one of a region."""
    for area in guide(found, country, language).areas:
        for group in area.groups:
            here = place(group.id)
            far = [here.distance(entry.territories) for entry in group.entries]
            assert None not in far
            assert far == sorted(each for each in far if each is not None)
            assert max(each for each in far if each is not None) < len(here.tiers) - 1


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_region_can_be_chosen(country: Country) -> None:
    """Also where nothing is known: each place of the country is in just one of the areas, or is one."""
    areas = guide([], country, "fr").areas
    names = [each for area in areas for each in (area.members or (area.name,))]
    places = {each.code: each for each in territories().values() if each.country == country}
    expected = {code if country == "FR" else each.names["fr"] for code, each in places.items() if each.level == 0}
    assert len(names) == len(set(names))
    assert set(names) == expected


@given(entries(), st.sampled_from(COUNTRIES), st.sampled_from(LANGUAGES))
def test_who_speaks_the_language_is_called_first(found: list[Entry], country: Country, language: Language) -> None:
    """Of the numbers for danger: the reader's language before others; those of the country, and no others."""
    numbers = crisis(found, country, language)
    foreign = [language not in each.languages for each in numbers]
    assert foreign == sorted(foreign)
    assert len(numbers) == sum(each.kind is Kind.CRISIS and each.country == country for each in found)


def test_the_newest_figures_are_the_latest_years() -> None:
    """A quarter of this year before all of last year; a whole year before its quarters; nothing that was replaced."""
    year = Volume("france", "2024", 1, 0, public=True, newest=1)
    quarter = replace(year, period="2025-Q1")
    later = replace(year, period="2025-Q2")
    whole, replaced = replace(year, period="2025"), replace(year, period="2026", newest=2)
    assert newest([]) is None
    assert newest([year, later, quarter]) == later
    assert newest([whole, later, replaced]) == whole
