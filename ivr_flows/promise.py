"""How long a caller who presses nothing needs to come to the ring: what its flow adds to a line's promise."""

from __future__ import annotations

from math import ceil

from ivr_flows.caller import LANGUAGE_SILENCE, MENU_SILENCE, SAY_SILENCE
from ivr_flows.check import seconds_to_say, silent_walk
from ivr_flows.model import AskStep, Flow, Language, LanguageStep, MenuStep, RingStep, SayStep
from ivr_flows.prompts import Prompts


def seconds_to_ring(flow: Flow, prompts: Prompts) -> int:
    """Seconds from the first word to the ring, at 150 words a minute, in the slowest of the line's languages.

    Keys make it longer only by the caller's own choice: each leads on, and an unknown one repeats a step once.
    """
    total = 0.0
    for name in silent_walk(flow, flow.start):
        match flow.steps[name]:
            case RingStep():
                break
            case LanguageStep(prompt=prompt, keys=keys):
                total += sum(_said(prompts, prompt, language) for language in keys.values()) + LANGUAGE_SILENCE
            case SayStep(prompt=prompt):
                total += _slowest(flow, prompts, prompt) + SAY_SILENCE
            case MenuStep(prompt=prompt) | AskStep(prompt=prompt):
                total += _slowest(flow, prompts, prompt) + MENU_SILENCE
    return ceil(total)


def _slowest(flow: Flow, prompts: Prompts, prompt: str) -> float:
    return max(_said(prompts, prompt, language) for language in flow.languages)


def _said(prompts: Prompts, prompt: str, language: Language) -> float:
    values = dict.fromkeys(prompts.placeholders(prompt, language), "1")
    return seconds_to_say(prompts.text(prompt, language, **values))
