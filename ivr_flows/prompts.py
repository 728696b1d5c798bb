"""What is said: one text for every prompt in every language, and what a line says differently.

A prompt file is flat TOML, `key = "text"`, one file for each language. A text is plain words with
`{placeholders}`: no markup, because it is put into the carrier's document and read by a voice.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ivr_flows.model import LANGUAGES, Language

_KEY = re.compile(r"[a-z][a-z0-9-]*\Z")
_PLACEHOLDER = re.compile(r"[a-z]+\Z")
_UNSPEAKABLE = re.compile(r"[<>&\x00-\x1f\x7f]")


class PromptError(ValueError):
    """Prompts that can't be used. `problems` are whole sentences that name the file, the key and how to mend it."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Prompts:
    """Texts by language and key, already proven well-formed by `parse_prompts`."""

    texts: Mapping[Language, Mapping[str, str]]

    def text(self, key: str, language: Language, /, **values: str) -> str:
        """The prompt in a language with its placeholders filled; further values are ignored.

        Raises PromptError when the prompt doesn't exist in that language, or a placeholder has no value.
        """
        text = self.texts.get(language, {}).get(key)
        if text is None:
            raise PromptError((f"{language}: there is no prompt {key!r}",))
        try:
            return text.format_map(values)
        except KeyError as missing:
            raise PromptError((f"{language}: prompt {key} needs a value for {{{missing.args[0]}}}",)) from None

    def has(self, key: str, language: Language) -> bool:
        """Whether the prompt exists in that language."""
        return key in self.texts.get(language, {})

    def placeholders(self, key: str, language: Language) -> frozenset[str]:
        """Names of the values the prompt needs. Raises PromptError when it doesn't exist in that language."""
        text = self.texts.get(language, {}).get(key)
        if text is None:
            raise PromptError((f"{language}: there is no prompt {key!r}",))
        return _names(text)

    def overridden(self, by: Mapping[str, Mapping[str, str]], source: str) -> Prompts:
        """These prompts with a line's own texts, by language and key, in place of ours; new keys are added.

        A replaced text keeps the placeholders of ours, because the call fills them. Raises PromptError with
        every fault in `by`, named after `source`.
        """
        problems: list[str] = []
        merged = {language: dict(self.texts.get(language, {})) for language in LANGUAGES}
        for name, texts in by.items():
            language = _language(name)
            if language is None:
                problems.append(f"{source}: {name!r} is not a language; use one of {', '.join(LANGUAGES)}")
                continue
            where = f"{source}, {language}"
            problems += _text_faults(texts, where)
            merged[language].update(texts)
        if not problems:
            problems += self._changed_placeholders(merged, source)
        if problems:
            raise PromptError(tuple(problems))
        return _frozen(merged)

    def _changed_placeholders(self, merged: Mapping[Language, Mapping[str, str]], source: str) -> Iterator[str]:
        for language, texts in merged.items():
            for key, text in texts.items():
                ours = self.texts.get(language, {}).get(key)
                if ours is not None and _names(ours) != _names(text):
                    yield (
                        f"{source}, {language}: prompt {key} must have exactly the placeholders "
                        f"{_listed(_names(ours))}, and has {_listed(_names(text))}"
                    )


def parse_prompts(files: Mapping[Language, str]) -> Prompts:
    """The prompts of the four files' texts, which must have the same keys and, per key, the same placeholders.

    Raises PromptError with every problem of every file; a TOML error keeps its line.
    """
    problems: list[str] = []
    texts: dict[Language, dict[str, str]] = {}
    for language in LANGUAGES:
        where = f"{language}.toml"
        try:
            content = tomllib.loads(files[language])
        except KeyError:
            problems.append(f"{where}: this file is missing; every language needs one")
            continue
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{where}: not valid TOML: {error}")
            continue
        problems += _text_faults(content, where)
        texts[language] = {key: text for key, text in content.items() if isinstance(text, str)}
    problems += _differences(texts)
    if problems:
        raise PromptError(tuple(problems))
    return _frozen(texts)


def _frozen(texts: Mapping[Language, Mapping[str, str]]) -> Prompts:
    return Prompts(MappingProxyType({language: MappingProxyType(dict(each)) for language, each in texts.items()}))


def _language(name: str) -> Language | None:
    return next((language for language in LANGUAGES if language == name), None)


def _text_faults(texts: Mapping[str, object], where: str) -> Iterator[str]:
    """One sentence for every text that a voice couldn't speak or the code couldn't fill."""
    for key, text in texts.items():
        here = f"{where}: prompt {key}"
        if not _KEY.match(key):
            yield f"{here}: a key is small letters, digits and hyphens"
        if not isinstance(text, str):
            yield f"{here}: must be a text between quotes"
        elif not text.strip():
            yield f"{here}: is empty; write what is to be said"
        elif found := _UNSPEAKABLE.search(text):
            yield f"{here}: contains {found.group()!r}; write plain words on one line, without markup"
        elif (fault := _brace_fault(text)) is not None:
            yield f"{here}: {fault}"


def _brace_fault(text: str) -> str | None:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        return f"braces don't pair up ({error}); a placeholder is written {{name}}"
    for _, name, spec, conversion in parts:
        if name is not None and (spec or conversion or not _PLACEHOLDER.match(name)):
            return f"{{{name}...}} can't be filled; a placeholder is one word in small letters, like {{name}}"
    return None


def _differences(texts: Mapping[Language, Mapping[str, str]]) -> Iterator[str]:
    """One sentence for every key that a file lacks, and for every placeholder that differs between files."""
    for key in sorted({key for each in texts.values() for key in each}):
        having = {language: each[key] for language, each in texts.items() if key in each}
        for language in texts:
            if language not in having:
                yield f"{language}.toml: prompt {key} is missing, and {', '.join(having)} has it; translate it"
        if any(_brace_fault(text) for text in having.values()):
            continue
        names = {language: _names(text) for language, text in having.items()}
        if len(set(names.values())) > 1:
            told = "; ".join(f"{language} has {_listed(found)}" for language, found in names.items())
            yield f"prompt {key}: the placeholders differ ({told}); give every language the same"


def _names(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _listed(names: frozenset[str]) -> str:
    return " ".join(f"{{{name}}}" for name in sorted(names)) or "none"
