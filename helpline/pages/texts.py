"""What the pages say, in four languages. The French is the original; `texts.toml` holds them side by side."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Protocol

from reports.words import LANGUAGES, Language, Words

ENDONYMS: Mapping[Language, str] = MappingProxyType(
    {"fr": "Français", "nl": "Nederlands", "de": "Deutsch", "en": "English"}
)
"""Each language as its own speakers call it."""


class Say(Protocol):
    """Says the text of a key in the reader's language, its `{placeholders}` filled."""

    def __call__(self, key: str, /, **values: object) -> str:
        """The text."""
        ...


@cache
def load_texts() -> Mapping[str, Words]:
    """Every text of the pages by its key."""
    table = tomllib.loads(resources.files("helpline.pages").joinpath("texts.toml").read_text(encoding="utf-8"))
    return MappingProxyType({key: Words(**entry) for key, entry in table.items()})


def speaker(language: Language) -> Say:
    """What says the pages' texts in `language`."""
    texts = load_texts()

    def say(key: str, /, **values: object) -> str:
        return texts[key].to(language).format_map(values)

    return say


def known_language(text: str | None) -> Language | None:
    """`text` if it is one of the four languages."""
    return next((language for language in LANGUAGES if language == text), None)
