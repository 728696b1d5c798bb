"""What the demonstration's page says, in four languages. The French is the original; `texts.toml` has them all."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType

from helpline.pages.texts import Say
from reports.words import Language, Words


@cache
def load_texts() -> Mapping[str, Words]:
    """Every text of the page by its key."""
    table = tomllib.loads(resources.files("helpline.demo").joinpath("texts.toml").read_text(encoding="utf-8"))
    return MappingProxyType({key: Words(**entry) for key, entry in table.items()})


def speaker(language: Language) -> Say:
    """What says the page's texts in `language`."""
    texts = load_texts()

    def say(key: str, /, **values: object) -> str:
        return texts[key].to(language).format_map(values)

    return say
