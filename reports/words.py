"""Text in the four languages of the product, and the packaged phrases a report is written with."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

from reports.packaged import packaged

Language = Literal["fr", "nl", "de", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Words:
    """One text in four languages; the French is the original."""

    fr: str
    nl: str
    de: str
    en: str

    def to(self, language: Language) -> str:
        """Returns the text in `language`."""
        texts = {"fr": self.fr, "nl": self.nl, "de": self.de, "en": self.en}
        return texts[language]

    def fill(self, **values: object) -> Words:
        """Returns the text with each `{name}` replaced by a value; KeyError if one is not given."""
        return Words(**{language: self.to(language).format_map(values) for language in LANGUAGES})

    def fill_each(self, **values: Words) -> Words:
        """Returns the text with each `{name}` replaced by a text of the same language."""
        return Words(
            **{
                language: self.to(language).format_map({name: text.to(language) for name, text in values.items()})
                for language in LANGUAGES
            }
        )


def same(text: str) -> Words:
    """Returns a text that reads alike in every language: a code, a year, a proper name."""
    return Words(text, text, text, text)


@cache
def phrasebook(name: str) -> Mapping[str, Words]:
    """Returns the packaged phrases of `reports/<name>.toml`; nested tables give dotted keys."""
    return MappingProxyType(dict(_flatten(tomllib.loads(packaged(f"{name}.toml")))))


def _flatten(table: Mapping[str, object], prefix: str = "") -> list[tuple[str, Words]]:
    if set(table) == set(LANGUAGES):
        return [(prefix, Words(**{language: str(table[language]) for language in LANGUAGES}))]
    found: list[tuple[str, Words]] = []
    for key, value in table.items():
        if not isinstance(value, dict):
            raise KeyError(f"{prefix}.{key}: a phrase needs exactly {', '.join(LANGUAGES)}")
        found += _flatten(value, f"{prefix}.{key}" if prefix else key)
    return found


def phrase(key: str) -> Words:
    """Returns the phrase `key` of `phrases.toml`; KeyError if there is none."""
    return phrasebook("phrases")[key]
