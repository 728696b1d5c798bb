"""What a flow file says, as frozen values. `load.py` reads them, `check.py` proves them safe."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Language = Literal["fr", "nl", "de", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "nl", "de", "en")


def as_language(text: object) -> Language:
    """`text` as one of the four languages; ValueError if it is none of them."""
    for language in LANGUAGES:
        if language == text:
            return language
    raise ValueError(f"{text!r} is not one of {', '.join(LANGUAGES)}")


EMERGENCY_KEY = "9"
"""Speaks the crisis numbers wherever a key can be pressed, and never costs a caller their place."""


@dataclass(frozen=True, slots=True)
class Voice:
    """How a language is spoken on a line: the carrier's locale (`fr-BE`) and voice name."""

    locale: str
    name: str


@dataclass(frozen=True, slots=True)
class SayStep:
    """Speaks a prompt, then goes on. A key of `keys` leads there, any other skips it; 9 speaks the crisis numbers."""

    name: str
    prompt: str
    next: str
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LanguageStep:
    """Each language offers itself in its own voice; silence keeps the line's default language."""

    name: str
    prompt: str
    keys: Mapping[str, Language]
    next: str


@dataclass(frozen=True, slots=True)
class MenuStep:
    """A choice by one key. An unknown key repeats the menu once, then counts as silence."""

    name: str
    prompt: str
    keys: Mapping[str, str]
    silence: str


@dataclass(frozen=True, slots=True)
class AskStep:
    """A self-declared category, always skippable; told to the psychologist, never stored."""

    name: str
    prompt: str
    answers: Mapping[str, str]
    """Key -> prompt that names the answer in the psychologist's language."""
    next: str


@dataclass(frozen=True, slots=True)
class RingStep:
    """Psychologists are rung while the caller waits; `unanswered` is where a finished plan leads."""

    name: str
    unanswered: str


@dataclass(frozen=True, slots=True)
class CallbackStep:
    """The caller may ask to be called back. A menu's key leads here, and is spoken only while callbacks are possible.

    `next` follows when they don't want it after all, or it can't be done.
    """

    name: str
    next: str


@dataclass(frozen=True, slots=True)
class DirectoryStep:
    """Help near the caller is read out: `prompt` asks where they are. A key leads here; silence leads on to `next`."""

    name: str
    prompt: str
    next: str


@dataclass(frozen=True, slots=True)
class ForwardStep:
    """The caller is put through to a partner's `number` (E.164); `prompt` says to whom. A key leads here.

    `next` follows when nobody answers there, or they stay on the line afterwards.
    """

    name: str
    number: str
    prompt: str
    next: str


@dataclass(frozen=True, slots=True)
class GoodbyeStep:
    """Speaks a prompt and ends the call."""

    name: str
    prompt: str


Step = SayStep | LanguageStep | MenuStep | AskStep | RingStep | CallbackStep | DirectoryStep | ForwardStep | GoodbyeStep


@dataclass(frozen=True, slots=True)
class Flow:
    """One line's flow. `languages[0]` is its default; `crisis` is the prompt of its crisis numbers."""

    name: str
    languages: tuple[Language, ...]
    start: str
    crisis: str
    crisis_verified: str
    """ISO date on which the crisis numbers were last verified; the operator does so before opening."""
    spoken: Mapping[Language, str]
    """The line's name as the psychologist hears it, in all four languages."""
    voices: Mapping[Language, Voice]
    """All four languages: callers hear the line's own, psychologists may hear any."""
    steps: Mapping[str, Step]

    @property
    def default_language(self) -> Language:
        """The language of a caller who has not chosen one."""
        return self.languages[0]

    @property
    def digest(self) -> str:
        """Eight hex digits that change when a step does: sealed tokens carry it."""
        text = repr((self.name, self.languages, self.start, self.crisis, sorted(self.steps.items())))
        return hashlib.sha256(text.encode()).hexdigest()[:8]
