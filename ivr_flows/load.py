"""Reads flow files and the packaged prompts.

A flow file is TOML; `flows/france.toml` is the smallest complete example. Everything that is wrong with a file is
reported at once. Nothing here opens a path: a text and its name come in, and only this package's own data is read.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TypeVar

from ivr_flows.check import FlowError, Problem, check
from ivr_flows.model import (
    EMERGENCY_KEY,
    LANGUAGES,
    AskStep,
    CallbackStep,
    DirectoryStep,
    Flow,
    ForwardStep,
    GoodbyeStep,
    Language,
    LanguageStep,
    MenuStep,
    RingStep,
    SayStep,
    Step,
    Voice,
)
from ivr_flows.prompts import Prompts, parse_prompts
from ivr_flows.tables import NAME, Table

__all__ = ["FlowError", "Problem", "load_flow", "parse_flow", "shipped_flow", "shipped_names", "shipped_prompts"]

FORMAT = 1
KINDS = ("say", "language", "menu", "ask", "ring", "callback", "directory", "forward", "goodbye")
KEYS = frozenset("012345678")

T = TypeVar("T")

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}\Z")
_LOCALE = re.compile(r"[a-z]{2}-[A-Z]{2}\Z")
_VOICE = re.compile(r"[A-Za-z0-9.-]+\Z")
_SPOKEN = re.compile(r"[^<>&{}\x00-\x1f\x7f]*[^<>&{}\x00-\x1f\x7f\s][^<>&{}\x00-\x1f\x7f]*\Z")


def load_flow(text: str, source: str, prompts: Prompts) -> Flow:
    """The flow in a file's text, proven safe with these prompts. `source` names it in errors.

    Raises FlowError with every problem: of the file's form if it has any, else of what could strand a caller.
    """
    flow = parse_flow(text, source)
    if problems := check(flow, prompts, source):
        raise FlowError(problems)
    return flow


def shipped_names() -> tuple[str, ...]:
    """Names of the flows that come with the product, sorted."""
    folder = resources.files("ivr_flows").joinpath("flows")
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))


def shipped_flow(name: str, prompts: Prompts | None = None) -> Flow:
    """A flow that comes with the product, proven safe with `prompts` (the shipped ones by default).

    Raises FlowError when there is none of that name, or when `prompts` make it unsafe.
    """
    names = shipped_names()
    if name not in names:
        raise FlowError((Problem(name, "", f"no such flow; there are {', '.join(names)}"),))
    return load_flow(_packaged("flows", f"{name}.toml"), f"{name}.toml", prompts or shipped_prompts())


@cache
def shipped_prompts() -> Prompts:
    """The prompts that come with the product, in all four languages; read once."""
    return parse_prompts({language: _packaged("prompts", f"{language}.toml") for language in LANGUAGES})


def _packaged(folder: str, name: str) -> str:
    return resources.files("ivr_flows").joinpath(folder, name).read_text(encoding="utf-8")


def parse_flow(text: str, source: str) -> Flow:
    """The flow in a file's text, well-formed but not yet proven safe: that is `check`.

    Raises FlowError with every problem of the file's form; a TOML error keeps its line.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FlowError((Problem(source, "", f"not valid TOML: {error}"),)) from None
    problems: list[Problem] = []
    flow = _flow(Table(content, source, "", "", problems))
    if problems:
        raise FlowError(tuple(problems))
    return flow


def _flow(file: Table) -> Flow:
    file.only("format", "name", "languages", "start", "crisis", "spoken", "voices", "steps")
    file.value("format", lambda it: FORMAT if type(it) is int and it == FORMAT else None, f"{FORMAT}", FORMAT)
    crisis, spoken, voices, steps = (file.table(key) for key in ("crisis", "spoken", "voices", "steps"))
    crisis.only("prompt", "verified")
    for table in (spoken, voices):
        table.only(*LANGUAGES)
    if not steps.content:
        steps.fault("has no step; write at least a ring and a goodbye")
    return Flow(
        name=file.name("name", "the flow's name"),
        languages=_languages(file),
        start=file.name("start", "the name of the first step"),
        crisis=crisis.name("prompt", "the prompt that speaks the crisis numbers"),
        crisis_verified=_verified(crisis),
        spoken=_each(lambda language: spoken.match(language, _SPOKEN, "the line's name as it is spoken, plain words")),
        voices=_each(lambda language: _voice(voices, language)),
        steps=MappingProxyType({name: _step(steps, name) for name in steps.content}),
    )


def _each(one: Callable[[Language], T]) -> Mapping[Language, T]:
    return MappingProxyType({language: one(language) for language in LANGUAGES})


def _languages(file: Table) -> tuple[Language, ...]:
    def read(found: object) -> tuple[Language, ...] | None:
        if not isinstance(found, list):
            return None
        known = tuple(language for one in found for language in LANGUAGES if one == language)
        return known if known and len(known) == len(found) == len(set(known)) else None

    wanted = f"a list of different languages of {', '.join(LANGUAGES)}, the line's default first"
    return file.value("languages", read, wanted, ())


def _verified(crisis: Table) -> str:
    def read(found: object) -> str | None:
        return found.isoformat() if isinstance(found, dt.date) and not isinstance(found, dt.datetime) else None

    wanted = "the date on which the numbers were last verified, like 2026-01-31 without quotes"
    return crisis.value("verified", read, wanted, "")


def _voice(voices: Table, language: Language) -> Voice:
    table = voices.table(language, wanted=f'like {{ locale = "{language}-BE", name = "..." }}')
    table.only("locale", "name")
    wanted = f"{language} and a country, like {language}-BE"
    locale = table.match("locale", _LOCALE, wanted)
    if locale and not locale.startswith(f"{language}-"):
        table.fault(f"locale = {locale!r} is another language; it must be {wanted}")
    return Voice(locale, table.match("name", _VOICE, "the carrier's name of a voice"))


def _step(steps: Table, name: str) -> Step:
    table = steps.table(name, name)
    if not NAME.match(name):
        table.fault("a step's name is small letters, digits and hyphens, 60 at most")
    kind = table.content.get("kind")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is not None:
        return reader(table)
    known = f"use one of {', '.join(KINDS)}"
    if kind is None:
        table.fault(f"kind is missing; {known}")
    else:
        table.fault(f"there is no kind {kind!r}, and none that records a voice; {known}")
    return RingStep(name, "")


def _say(table: Table) -> Step:
    table.only("kind", "prompt", "next", "keys")
    keys = _keys(table, "keys", "the name of a step") if "keys" in table.content else MappingProxyType({})
    return SayStep(table.step, _prompt(table), _next(table), keys)


def _language(table: Table) -> Step:
    table.only("kind", "prompt", "keys", "next")
    named = _keys(table, "keys", "a language of the line", LANGUAGES)
    keys = {key: language for key, name in named.items() for language in LANGUAGES if name == language}
    return LanguageStep(table.step, _prompt(table), MappingProxyType(keys), _next(table))


def _menu(table: Table) -> Step:
    table.only("kind", "prompt", "keys", "silence")
    keys = _keys(table, "keys", "the name of a step")
    return MenuStep(table.step, _prompt(table), keys, table.name("silence", "the step that follows silence, a name"))


def _ask(table: Table) -> Step:
    table.only("kind", "prompt", "answers", "next")
    answers = _keys(table, "answers", "the prompt that names the answer")
    return AskStep(table.step, _prompt(table), answers, _next(table))


def _ring(table: Table) -> Step:
    table.only("kind", "unanswered")
    return RingStep(table.step, table.name("unanswered", "the step that follows when nobody answers, a name"))


def _callback(table: Table) -> Step:
    table.only("kind", "next")
    return CallbackStep(table.step, _next(table))


def _directory(table: Table) -> Step:
    table.only("kind", "prompt", "next")
    return DirectoryStep(table.step, _prompt(table), _next(table))


def _forward(table: Table) -> Step:
    table.only("kind", "number", "prompt", "next")
    number = table.match("number", _NUMBER, "a partner's number between quotes, with + and the country, without spaces")
    return ForwardStep(table.step, number, _prompt(table), _next(table))


def _goodbye(table: Table) -> Step:
    table.only("kind", "prompt")
    return GoodbyeStep(table.step, _prompt(table))


_READERS: Mapping[str, Callable[[Table], Step]] = {
    "say": _say,
    "language": _language,
    "menu": _menu,
    "ask": _ask,
    "ring": _ring,
    "callback": _callback,
    "directory": _directory,
    "forward": _forward,
    "goodbye": _goodbye,
}


def _prompt(table: Table) -> str:
    return table.name("prompt", "the key of a prompt")


def _next(table: Table) -> str:
    return table.name("next", "the step that follows, a name")


def _keys(table: Table, key: str, wanted: str, known: Collection[str] = ()) -> Mapping[str, str]:
    """What each key leads to, in the file's order; the emergency key can't be bound."""
    inner = table.table(key)
    if key in table.content and not inner.content:
        inner.fault(f"is empty; write at least one key, like 1 = ({wanted})")
    for digit in inner.content:
        if digit == EMERGENCY_KEY:
            inner.fault(f"{EMERGENCY_KEY} always speaks the crisis numbers; use a key from 0 to 8")
        elif digit not in KEYS:
            inner.fault(f"{digit!r} is not a key; use one from 0 to 8")
    wanted = f"{wanted}: one of {', '.join(known)}" if known else f"{wanted} in small letters, digits and hyphens"
    pattern = re.compile(rf"(?:{'|'.join(known)})\Z") if known else NAME
    return MappingProxyType({digit: inner.match(digit, pattern, wanted) for digit in inner.content})
