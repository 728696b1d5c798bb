"""What the rota's messages say, in four languages, and times as their readers' clocks show them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType

from helpline.lines import Line
from reports.words import LANGUAGES, Language, Words

SHORT_OF_A_DAY = timedelta(days=1)


@cache
def load_texts() -> Mapping[str, Words]:
    """Every text of the messages by its key."""
    table = tomllib.loads(resources.files("helpline.messages").joinpath("texts.toml").read_text(encoding="utf-8"))
    return MappingProxyType({key: Words(**entry) for key, entry in table.items()})


def say(language: Language, key: str, /, **values: object) -> str:
    """The text of `key`, its `{placeholders}` filled."""
    return load_texts()[key].to(language).format_map(values)


def first_language(spoken: Sequence[str], line: Line) -> Language:
    """The language in which somebody is written to: the first that they speak, else the line's."""
    return next((language for code in spoken[:1] for language in LANGUAGES if language == code), None) or (
        line.flow.default_language
    )


def where(line: Line, tier: int, language: Language) -> str:
    """The line's name, with the tier where there are several."""
    name = line.flow.spoken[language]
    return say(language, "tier", line=name, tier=tier) if line.settings.tiers > 1 else name


def day(line: Line, instant: int, language: Language) -> str:
    """`Tue 10/03`, in the line's zone."""
    local = line.local(instant)
    return f"{say(language, 'weekdays').split()[local.weekday()]} {local:%d/%m}"


def when(line: Line, start: int, end: int, language: Language) -> str:
    """`Tue 10/03 20:00-08:00`, in the line's zone, for `[start, end)` in UTC seconds.

    From a day on, the end has its date; where the clocks change meanwhile, the real length is told.
    """
    first, last = line.local(start), line.local(end)
    shown = last.replace(tzinfo=None) - first.replace(tzinfo=None)
    until = f"{last:%H:%M}" if timedelta() < shown < SHORT_OF_A_DAY else f"{day(line, end, language)} {last:%H:%M}"
    text = f"{day(line, start, language)} {first:%H:%M}-{until}"
    if shown == timedelta(seconds=end - start):
        return text
    hours, minutes = divmod((end - start) // 60, 60)
    real = f"{hours}:{minutes:02}" if minutes else str(hours)
    return f"{text} ({say(language, 'hours', hours=real)})"
