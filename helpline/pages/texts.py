"""What the pages say, in four languages side by side; the French is the original.

`texts.toml` has what stands on pages that a link opens, `words/<area>.toml` what stands on those of one area.
"""

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
    folder = resources.files("helpline.pages")
    found: dict[str, Words] = {}
    areas = sorted(folder.joinpath("words").iterdir(), key=lambda path: path.name)
    for path in (folder.joinpath("texts.toml"), *areas):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if twice := found.keys() & table.keys():
            raise ValueError(f"{path.name}: {', '.join(sorted(twice))}: another file has a text of this name")
        found |= {key: Words(**entry) for key, entry in table.items()}
    return MappingProxyType(found)


def speaker(language: Language) -> Say:
    """What says the pages' texts in `language`."""
    texts = load_texts()

    def say(key: str, /, **values: object) -> str:
        return texts[key].to(language).format_map(values)

    return say


def known_language(text: str | None) -> Language | None:
    """`text` if it is one of the four languages."""
    return next((language for language in LANGUAGES if language == text), None)
