"""Figures and sentences in a language: Babel's numbers, and the spaces a language wants."""

from __future__ import annotations

import re

from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from reports.document import Listing, Sentence
from reports.periods import LOCALES
from reports.rounding import Figure, Hours, HoursShare, Minutes, Published, Remainder, Reported
from reports.words import Language, Words

UNIT = re.compile(r"(\d) (s|min|h)\b")
MASKED = "<10"
NOT_GIVEN = "–"
FRENCH_SPACES = (
    (" ;", "\u202f;"),
    (" :", "\u00a0:"),
    (" ?", "\u202f?"),
    (" !", "\u202f!"),
    ("« ", "«\u00a0"),
    (" »", "\u00a0»"),
)


def figure(value: Figure, language: Language) -> str:
    """Returns a figure as printed: `1 800`, `26 %`, `29 min`; `<10` for a masked count, `–` for what has no value."""
    locale = LOCALES[language]
    if value.value is None:
        return MASKED if isinstance(value, Published) else NOT_GIVEN
    if isinstance(value, Reported):
        return _reported(value, locale)
    if isinstance(value, HoursShare):
        return format_percent((value.tenths or 0) / 1000, locale=locale, decimal_quantization=False)
    if isinstance(value, (Published, Remainder)):
        return format_decimal(value.value, locale=locale)
    if isinstance(value, Minutes):
        return f"{value.value}\u00a0min"
    if isinstance(value, Hours):
        return f"{format_decimal(value.value, locale=locale)}\u00a0h"
    return format_percent(value.value / 100, locale=locale)


def _reported(value: Reported, locale: str) -> str:
    if value.unit == "percent":
        return format_percent(value.value / 100, locale=locale)
    number = format_decimal(value.value, locale=locale)
    return f"{number}\u00a0min" if value.unit == "minutes" else number


def words(text: Words, language: Language) -> str:
    """Returns a text with the spaces its language wants."""
    return spaced(text.to(language), language)


def spaced(text: str, language: Language) -> str:
    """Returns `text` with typographic apostrophes; units and French punctuation stay on their word's line."""
    text = UNIT.sub("\\1\u00a0\\2", text.replace("'", "’"))
    if language == "fr":
        for plain, kept in FRENCH_SPACES:
            text = text.replace(plain, kept)
    return text


def sentence(text: Sentence, language: Language) -> str:
    """Returns a sentence with its figures in place."""
    values = {name: _value(value, language) for name, value in text.values}
    return words(text.words, language).format_map(values)


def _value(value: Figure | Listing, language: Language) -> str:
    if not isinstance(value, Listing):
        return _long(value, language)
    return ", ".join(f"{inline(label, language)} ({figure(share, language)})" for label, share in value.items)


def _long(value: Figure, language: Language) -> str:
    if isinstance(value, Minutes) and value.value is not None:
        return format_unit(value.value, "minute", locale=LOCALES[language])
    return figure(value, language)


def inline(label: Words, language: Language) -> str:
    """Returns a label as it stands inside a sentence: a small first letter, but for German and for initials."""
    text = words(label, language)
    if language == "de" or text[1:2].isupper():
        return text
    return text[0].lower() + text[1:]
