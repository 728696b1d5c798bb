"""A flow's steps in words: what a caller hears there, and where each key leads. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from helpline.lines import Line
from helpline.pages.texts import Say
from ivr_flows.check import arrows
from ivr_flows.model import (
    AskStep,
    CallbackStep,
    DirectoryStep,
    ForwardStep,
    LanguageStep,
    MenuStep,
    RingStep,
    SayStep,
    Step,
)
from ivr_flows.picture import kind
from reports.words import Language

WAITING = ("hold-1", "hold-2", "hold-3", "hold-4", "hold-second", "hold-backup", "hold-again", "degraded")
"""What callers hear while they wait, in no order: which of it depends on what goes on."""
ASKING = ("callback-choose", "callback-key", "callback-noted")
TITLES = {
    "say": "flows-kind-say",
    "language": "flows-kind-language",
    "menu": "flows-kind-menu",
    "ask": "flows-kind-ask",
    "ring": "flows-kind-ring",
    "callback": "flows-kind-callback",
    "directory": "flows-kind-directory",
    "forward": "flows-kind-forward",
    "goodbye": "flows-kind-goodbye",
}
NAMES = {"then": "flows-way-then", "silence": "flows-way-silence", "unanswered": "flows-way-unanswered"}
LONGEST = 76
"""Characters of a prompt that stand in the picture."""

Quote = tuple[Language, str]
"""What is said, and in which language."""


@dataclass(frozen=True, slots=True)
class Way:
    """What leads on, to which step, in words; `to` is its number."""

    by: str
    to: int
    title: str


@dataclass(frozen=True, slots=True)
class Told:
    """A step in words. `brief` is what the picture says; `speaks`: that is a prompt, and not our description of it."""

    number: int
    name: str
    title: str
    about: str
    quotes: tuple[Quote, ...]
    ways: tuple[Way, ...]
    brief: str
    speaks: bool


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells a line's steps in the reader's language (`say`), quoting what callers hear in the language `spoken`."""

    say: Say
    line: Line
    spoken: Language

    def tell(self, name: str, numbers: Mapping[str, int]) -> Told:
        """One step; `numbers` are those of all steps."""
        step = self.line.flow.steps[name]
        quotes, about = tuple(self._quotes(step)), self._about(step)
        speaks = not isinstance(step, RingStep | CallbackStep)
        brief = f"“{cut(' '.join(text for _, text in quotes))}”" if speaks else about
        ways = tuple(self._ways(step, numbers))
        return Told(numbers[name], name, self.say(TITLES[kind(step)]), about, quotes, ways, brief, speaks)

    def at_arrow(self, step: Step, label: str) -> str:
        """What stands at an arrow in the picture."""
        match step:
            case LanguageStep(keys=keys):
                return f"{', '.join(keys)}, {self.say('flows-arrow-silence')}"
            case AskStep(answers=answers):
                return f"{', '.join(answers)}, {self.say('flows-arrow-silence')}"
        words = {"silence": "flows-arrow-silence", "unanswered": "flows-arrow-unanswered"}
        return "" if label == "then" else self.say(words[label]) if label in words else label

    def crisis(self) -> Quote:
        """The crisis numbers, as they are spoken."""
        return self.spoken, self._prompt(self.line.flow.crisis)

    def waiting(self) -> tuple[Quote, ...]:
        """What may be said while somebody waits."""
        return tuple((self.spoken, self._prompt(key)) for key in WAITING)

    def _prompt(self, prompt: str, /, **values: str) -> str:
        return self.line.prompts.text(prompt, self.spoken, **values)

    def _quotes(self, step: Step) -> Iterator[Quote]:
        match step:
            case LanguageStep(prompt=prompt, keys=keys):
                for key, language in keys.items():
                    yield language, self.line.prompts.text(prompt, language, key=key)
            case RingStep():
                return
            case CallbackStep():
                for key in ASKING:
                    yield self.spoken, self._prompt(key)
            case _:
                yield self.spoken, self._prompt(step.prompt)
                for key in self._offers(step):
                    yield self.spoken, self._prompt("callback-offer", key=key)

    def _offers(self, step: Step) -> tuple[str, ...]:
        """The keys of a menu that lead to a callback: they are offered only while one is possible."""
        if not isinstance(step, MenuStep):
            return ()
        return tuple(key for key, target in step.keys.items() if isinstance(self._step(target), CallbackStep))

    def _step(self, name: str) -> Step:
        return self.line.flow.steps[name]

    def _about(self, step: Step) -> str:
        match step:
            case SayStep(keys=keys):
                return self.say("flows-about-say-keys") if keys else self.say("flows-about-say")
            case LanguageStep():
                return self.say("flows-about-language")
            case AskStep():
                return self.say("flows-about-ask")
            case RingStep():
                return self.say("flows-about-ring")
            case CallbackStep():
                open_here = self.line.settings.callback
                return self.say("flows-about-callback") if open_here else self.say("flows-about-callback-off")
            case DirectoryStep():
                return self.say("flows-about-directory")
            case ForwardStep():
                return self.say("flows-about-forward")
            case MenuStep():
                return self.say("flows-about-offer") if self._offers(step) else ""
        return self.say("flows-about-goodbye")

    def _ways(self, step: Step, numbers: Mapping[str, int]) -> Iterator[Way]:
        for label, target in arrows(step):
            by = self.say(NAMES[label]) if label in NAMES else self.say("flows-way-key", key=label)
            if label in self._offers(step):
                by = self.say("flows-way-offer", key=label)
            yield Way(by, numbers[target], self.say(TITLES[kind(self._step(target))]))


def cut(text: str) -> str:
    """At most so many characters as a box has room for, ended at a word where there is one."""
    if len(text) <= LONGEST:
        return text
    end = text.rfind(" ", 0, LONGEST)
    return text[: end if end > 0 else LONGEST - 1].rstrip(" ,.:") + "…"
