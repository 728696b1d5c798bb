"""What somebody keys or types, as a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.directory.territories import COUNTRIES, Country, Level, named, place, place_of, territories


@pytest.mark.parametrize(
    ("keyed", "tiers"),
    [
        ("75", (("75",), ("FR-IDF",), ("FR",))),
        ("20", (("2A", "2B"), ("FR-COR",), ("FR",))),
        ("201", (("2A",), ("FR-COR",), ("FR",))),
        ("20200", (("2B",), ("FR-COR",), ("FR",))),
        ("2b", (("2B",), ("FR-COR",), ("FR",))),
        ("974", (("974",), ("FR-OM",), ("FR",))),
        ("97400", (("974",), ("FR-OM",), ("FR",))),
        ("988", (("988",), ("FR-OM",), ("FR",))),
        ("31000", (("31",), ("FR-OCC",), ("FR",))),
    ],
)
def test_in_france(keyed: str, tiers: tuple[tuple[str, ...], ...]) -> None:
    """A department, also overseas or of Corsica; a postcode is in one."""
    found = place_of(keyed, "FR")
    assert found is not None
    assert found.tiers == tiers


@pytest.mark.parametrize(
    ("keyed", "tiers"),
    [
        ("1000", (("BE-BRU",), ("BE-FR", "BE-NL"), ("BE",))),
        ("4000", (("BE-WLG",), ("BE-FR",), ("BE",))),
        ("4700", (("BE-DE",), ("BE-WLG",), ("BE",))),
        ("9000", (("BE-VOV",), ("BE-NL",), ("BE",))),
    ],
)
def test_in_belgium(keyed: str, tiers: tuple[tuple[str, ...], ...]) -> None:
    """A postcode is in a province and a community; Brussels is in two of these, Eupen in its own."""
    found = place_of(keyed, "BE")
    assert found is not None
    assert found.tiers == tiers


@pytest.mark.parametrize(
    ("keyed", "country"),
    [
        *((keyed, "FR") for keyed in ("", "3", "96", "97", "979", "1000", "99999", "٣١", "BE-WLG")),
        *((keyed, "BE") for keyed in ("75", "31000", "0999", "100", "2A", "1*00")),
    ],
)
def test_no_place(keyed: str, country: Country) -> None:
    """Half a number, one of nowhere or of another country, anything that isn't a number."""
    assert place_of(keyed, country) is None


@given(st.text(max_size=8), st.sampled_from(COUNTRIES))
def test_whatever_is_typed_is_a_place_or_none(typed: str, country: Country) -> None:
    """Nothing breaks, and a place ends with its country."""
    for found in (*filter(None, [place_of(typed, country)]), *named(typed, [country])):
        assert found.tiers[-1] == (country,)
        assert found.country == country


def test_every_place_lies_in_something_wider() -> None:
    """A department in a region, a province in a community, and each in its country."""
    for code, territory in territories().items():
        here = place(code)
        assert here.distance([code]) == 0
        assert here.distance([territory.country]) == len(here.tiers) - 1
        if territory.level is Level.PLACE and code != "BE-DE":
            assert territory.within


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("haute garonne", "Haute-Garonne"),
        ("ILE DE FRANCE", "Île-de-France"),
        ("Luik", "Liège"),
        ("réunion", "La Réunion"),
        ("31", "Haute-Garonne"),
        ("lüttich", "Liège"),
    ],
)
def test_a_name_is_found_as_it_is_typed(typed: str, name: str) -> None:
    """Without accents, capitals or hyphens, in any of the four languages."""
    assert named(typed)[0].name("fr") == name
