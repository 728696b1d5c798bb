"""Public holidays, by the `holidays` library: of a country such as "FR", or of a part of it such as "FR-57"."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from datetime import date
from functools import lru_cache

import holidays

from rota.model import RotaError

NONE: frozenset[date] = frozenset()


def holidays_of(region: str, years: Collection[int]) -> frozenset[date]:
    """The public holidays of `region` in these years, those moved to another day included; "" has none.

    `region` is a country's two letters, and perhaps a part of it after a hyphen as the library spells it: "FR",
    "FR-57" (Moselle), "FR-6AE" (Alsace), "FR-974" (Reunion). Raises `RotaError` that lists what is known.
    """
    if not region:
        return NONE
    country, part = check_region(region)
    return frozenset(day for year in years for day in _year(country, part, year))


def check_region(region: str) -> tuple[str, str]:
    """A region's country and part, "" for the whole. Raises `RotaError` when there is none of this name."""
    country, _, part = region.partition("-")
    known = _known()
    if country not in known:
        near = difflib.get_close_matches(country.upper(), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known countries are {' '.join(sorted(known))}"
        raise RotaError(f"there is no region {region!r}: {hint}")
    if ("-" in region and not part) or (part and part not in known[country]):
        parts = " ".join(f"{country}-{name}" for name in known[country]) or "none"
        raise RotaError(
            f"there is no region {region!r}: write {country!r} for all of it; known parts of it are {parts}"
        )
    return country, part


@lru_cache(maxsize=1)
def _known() -> dict[str, tuple[str, ...]]:
    """Countries and their parts, without those of several words: in France they are zones of school holidays."""
    supported = holidays.list_supported_countries(include_aliases=False)
    return {country: tuple(part for part in parts if " " not in part) for country, parts in supported.items()}


@lru_cache(maxsize=1024)
def _year(country: str, part: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=year))
