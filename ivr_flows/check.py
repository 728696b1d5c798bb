"""Proves that a flow strands nobody, or says why it could.

The graph of a flow has an arrow for every key and one for silence. Because each step has at most one silent
arrow, what happens to a caller who presses nothing is a single walk, and the proof is a walk from every step.

What the machine does of itself, so that no flow can forget it: it speaks `flow.crisis` at key 9, everywhere, and
on arriving at a ring's `unanswered` step, before that step's own prompt. A goodbye that can only be reached
through a ring is therefore always preceded by the crisis numbers, whatever its prompt says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr_flows import callback, directory, forward
from ivr_flows.model import (
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
)
from ivr_flows.prompts import Prompts

WORDS_PER_MINUTE = 150
LONGEST_BEFORE_RING = 12.0
"""Seconds that a language choice, or one prompt before ringing, may take."""
LONGEST_CRISIS = 14.0
"""Seconds: the crisis numbers are a wait document, which with a second for a key may not last longer than 15 s."""
PROMPTS_BEFORE_RING = 2
MOST_OPTIONS = 5
FURTHER: Mapping[type[Step], Mapping[str, frozenset[str]]] = {
    CallbackStep: callback.TO_CALLERS,
    DirectoryStep: directory.TO_CALLERS,
    ForwardStep: forward.TO_CALLERS,
}
"""What callers hear at a step beside its own prompt, and the values that is given."""

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a flow and how to mend it. `step` is empty when it isn't about one step."""

    source: str
    step: str
    reason: str

    def __str__(self) -> str:
        """`france.toml: step greeting: ...`."""
        return f"{self.source}: step {self.step}: {self.reason}" if self.step else f"{self.source}: {self.reason}"


class FlowError(ValueError):
    """A flow that can't be used; `problems` holds everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def seconds_to_say(text: str) -> float:
    """Seconds a calm voice needs, at 150 words a minute; a number counts as one word for every two digits."""
    words = 0
    for token in text.split():
        digits = sum(-(-len(group) // 2) for group in _DIGITS.findall(token))
        words += digits or any(map(str.isalpha, token))
    return words * 60 / WORDS_PER_MINUTE


def arrows(step: Step) -> tuple[tuple[str, str], ...]:
    """Where a step leads, as (label, step name): a key, `silence`, `then` or `unanswered`."""
    match step:
        case SayStep(keys=keys, next=following):
            return (*keys.items(), ("then", following))
        case (
            LanguageStep(next=following)
            | AskStep(next=following)
            | CallbackStep(next=following)
            | DirectoryStep(next=following)
            | ForwardStep(next=following)
        ):
            return (("then", following),)
        case MenuStep(keys=keys, silence=silence):
            return (*keys.items(), ("silence", silence))
        case RingStep(unanswered=unanswered):
            return (("unanswered", unanswered),)
    return ()


def silent_target(step: Step) -> str | None:
    """The step that follows when nobody presses a key and, at a ring, nobody answers. None after a goodbye."""
    following = arrows(step)
    return following[-1][1] if following else None


def check(flow: Flow, prompts: Prompts, source: str = "") -> tuple[Problem, ...]:
    """Everything that could strand or confuse a caller of this flow; empty means proven safe.

    `source` is the name the problems carry, by default the flow's. What follows from an arrow that leads nowhere is
    not reported beside it.
    """
    told = [*_targets(flow)]
    if not told:
        told += [*_reachable(flow), *_silence(flow), *_rings(flow), *_goodbyes(flow), *_callbacks(flow)]
        told += _helped(flow)
        told += _too_long(flow, prompts)
    told += [*_languages(flow), *_options(flow), *_prompts(flow, prompts)]
    return tuple(Problem(source or flow.name, step, reason) for step, reason in told)


Told = Iterator[tuple[str, str]]
"""Step name (or nothing) and reason."""


def _targets(flow: Flow) -> Told:
    known = ", ".join(flow.steps)
    if flow.start not in flow.steps:
        yield "", f"start = {flow.start!r} is not a step; the steps are {known}"
    for name, step in flow.steps.items():
        for label, target in arrows(step):
            if target not in flow.steps:
                yield name, f"{label} leads to {target!r}, which is not a step; the steps are {known}"


def _reached(flow: Flow, start: str, *, through_rings: bool = True) -> set[str]:
    """Names of the steps that some choice of keys leads to from `start`."""
    found, todo = {start}, [start]
    while todo:
        step = flow.steps[todo.pop()]
        if isinstance(step, RingStep) and not through_rings:
            continue
        new = {target for _, target in arrows(step)} - found
        found |= new
        todo += new
    return found


def _reachable(flow: Flow) -> Told:
    found = _reached(flow, flow.start)
    for name in flow.steps:
        if name not in found:
            yield name, f"no path from {flow.start} leads here; lead a key or a next to it, or take it out"


def silent_walk(flow: Flow, start: str) -> tuple[str, ...]:
    """The steps of a caller who presses nothing and is never answered, until a goodbye or the first repeated step."""
    walk = [start]
    while (target := silent_target(flow.steps[walk[-1]])) is not None:
        walk.append(target)
        if target in walk[:-1]:
            break
    return tuple(walk)


def _silence(flow: Flow) -> Told:
    """Silence reaches a ring soon, and never goes round in a circle."""
    circles: set[frozenset[str]] = set()
    for name in flow.steps:
        walk = silent_walk(flow, name)
        circle = walk[walk.index(walk[-1]) :]
        if len(circle) > 1 and frozenset(circle) not in circles:
            circles.add(frozenset(circle))
            way = " -> ".join(circle)
            yield circle[0], f"a caller who presses nothing goes round for ever ({way}); lead silence to a goodbye"
    spoken = _spoken_before_ring(flow)
    if spoken is None:
        yield flow.start, "a caller who presses nothing never reaches a ring; lead silence to one"
    elif len(spoken) > PROMPTS_BEFORE_RING:
        told = f"hears {len(spoken)} prompts before anybody is rung ({', '.join(spoken)})"
        yield spoken[-1], f"a caller who presses nothing {told}; {PROMPTS_BEFORE_RING} is the most"


def _spoken_before_ring(flow: Flow) -> tuple[str, ...] | None:
    """The speaking steps before the first ring of a silent caller; None if silence reaches no ring."""
    walk = silent_walk(flow, flow.start)
    rings = [index for index, name in enumerate(walk) if isinstance(flow.steps[name], RingStep)]
    return walk[: rings[0]] if rings else None


def _rings(flow: Flow) -> Told:
    for name, step in flow.steps.items():
        if isinstance(step, RingStep) and not isinstance(flow.steps[step.unanswered], SayStep | MenuStep | GoodbyeStep):
            yield name, f"unanswered leads to {step.unanswered}; a say, menu or goodbye must follow the crisis numbers"


def _goodbyes(flow: Flow) -> Told:
    for name in sorted(_reached(flow, flow.start, through_rings=False)):
        if isinstance(flow.steps[name], GoodbyeStep | CallbackStep):
            yield name, "can be reached before anybody was rung; every path must lead through a ring first"


def _callbacks(flow: Flow) -> Told:
    """A callback is chosen by a key: nobody is asked for a number who only waits for a human."""
    for name, step in flow.steps.items():
        for label, target in arrows(step):
            if isinstance(flow.steps[target], CallbackStep) and not (isinstance(step, MenuStep) and label in step.keys):
                yield name, f"{label} leads to the callback {target}; only a menu's key may"


def _helped(flow: Flow) -> Told:
    """Who is helped on chose it by a key, and comes to a human by staying on the line."""
    helping = {name for name, step in flow.steps.items() if isinstance(step, DirectoryStep | ForwardStep)}
    if flow.start in helping:
        yield flow.start, "the flow starts here; lead a key of a say or a menu here instead"
    for name, step in flow.steps.items():
        keys = step.keys if isinstance(step, SayStep | MenuStep) else ()
        for label, target in arrows(step):
            if target in helping and label not in keys:
                yield name, f"{label} leads to {target}; only a key of a say or a menu may"
        if name in helping and not any(isinstance(flow.steps[later], RingStep) for later in silent_walk(flow, name)):
            yield name, "a caller who stays on the line here never reaches a ring; lead next to one"


def _languages(flow: Flow) -> Told:
    """A flow of several languages offers each by exactly one key, and no other."""
    choices = [step for step in flow.steps.values() if isinstance(step, LanguageStep)]
    if len(flow.languages) > 1 and not choices:
        yield "", f"no language step, so nobody can choose {', '.join(flow.languages[1:])}; add one"
    for step in choices:
        offered = list(step.keys.values())
        for language in flow.languages:
            if offered.count(language) != 1:
                yield step.name, f"{language} has {offered.count(language)} keys; give it exactly one"
        for language in sorted(set(offered) - set(flow.languages)):
            yield step.name, f"{language} is offered but isn't in languages; add it there or take the key out"


def _options(flow: Flow) -> Told:
    for name, step in flow.steps.items():
        if isinstance(step, SayStep | MenuStep | AskStep):
            keys, least = step.answers if isinstance(step, AskStep) else step.keys, not isinstance(step, SayStep)
            if not least <= len(keys) <= MOST_OPTIONS:
                yield name, f"offers {len(keys)} keys; offer {least:d} to {MOST_OPTIONS}"


def _prompts(flow: Flow, prompts: Prompts) -> Told:
    """Every prompt exists where it is spoken and needs no value but a language step's {key}."""
    yield from _one_prompt("", flow.crisis, flow.languages, frozenset(), prompts)
    for name, step in flow.steps.items():
        if isinstance(step, RingStep):
            continue
        if isinstance(step, CallbackStep):
            for key, values in callback.TO_PSYCHOLOGISTS.items():
                yield from _one_prompt(name, key, LANGUAGES, values, prompts)
        for key, values in FURTHER.get(type(step), {}).items():
            yield from _one_prompt(name, key, flow.languages, values, prompts)
        if isinstance(step, CallbackStep):
            continue
        needs = frozenset({"key"}) if isinstance(step, LanguageStep) else frozenset[str]()
        yield from _one_prompt(name, step.prompt, flow.languages, needs, prompts)
        if isinstance(step, AskStep):
            # A psychologist of any language hears the answer, whatever the line's languages are.
            for answer in step.answers.values():
                yield from _one_prompt(name, answer, LANGUAGES, frozenset(), prompts)


def _one_prompt(step: str, key: str, languages: Iterable[Language], needs: frozenset[str], prompts: Prompts) -> Told:
    missing = [language for language in languages if not prompts.has(key, language)]
    if missing:
        yield step, f"there is no prompt {key!r} in {', '.join(missing)}; write it in the prompt files"
    for language in languages:
        if language not in missing and (found := prompts.placeholders(key, language)) != needs:
            wanted = f"exactly {' '.join(f'{{{each}}}' for each in sorted(needs))}" if needs else "no placeholder"
            yield step, f"prompt {key!r} must have {wanted} here, and has {sorted(found)} in {language}"
            return


def _too_long(flow: Flow, prompts: Prompts) -> Told:
    """The first words are short enough for somebody in distress, and the crisis numbers for one tick of the wait."""
    for name in _spoken_before_ring(flow) or ():
        step = flow.steps[name]
        if isinstance(step, RingStep | CallbackStep):
            continue
        seconds = {language: _seconds(prompts, step.prompt, language) for language in flow.languages}
        if isinstance(step, LanguageStep):
            seconds = {flow.default_language: sum(seconds.values())}
        for language, length in seconds.items():
            if length > LONGEST_BEFORE_RING:
                yield name, f"takes {length:.1f} s to say in {language}; {LONGEST_BEFORE_RING:.0f} s is the most"
    for language in flow.languages:
        if (length := _seconds(prompts, flow.crisis, language)) > LONGEST_CRISIS:
            yield "", f"{flow.crisis} takes {length:.1f} s to say in {language}; {LONGEST_CRISIS:.0f} s is the most"


def _seconds(prompts: Prompts, key: str, language: Language) -> float:
    """Length of a prompt; one that is missing is reported elsewhere and takes no time here."""
    if not prompts.has(key, language):
        return 0.0
    return seconds_to_say(prompts.text(key, language, **dict.fromkeys(prompts.placeholders(key, language), "1")))
