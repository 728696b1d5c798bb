"""Where the pages for everybody are, in each language's own words: they stand on posters, so they never change."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reports.words import Language

HELP: Mapping[Language, str] = MappingProxyType({"fr": "/aide", "nl": "/hulp", "de": "/hilfe", "en": "/help"})
"""All lines; a line's page is one step below, by its name."""
DIRECTORY: Mapping[Language, str] = MappingProxyType(
    {"fr": "annuaire", "nl": "wegwijzer", "de": "verzeichnis", "en": "directory"}
)
"""Below a line's page."""
POSTER: Mapping[Language, str] = MappingProxyType({"fr": "affiche", "nl": "affiche", "de": "plakat", "en": "poster"})
CARDS: Mapping[Language, str] = MappingProxyType({"fr": "carte", "nl": "kaartje", "de": "karte", "en": "card"})
