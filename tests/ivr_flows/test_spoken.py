"""Every prompt that any machine can speak is written in four languages, and every prompt that is written is spoken."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import chain, product

import pytest

from ivr_flows import caller, psychologist, trying
from ivr_flows.actions import Say
from ivr_flows.check import check
from ivr_flows.model import LANGUAGES, AskStep
from ivr_flows.psychologist import CallView, Place, Stage, step_blind
from ivr_flows.ringing import CallState
from tests.architecture.sources import modules, tree
from tests.ivr_flows.machines import (
    LEG_EVENTS,
    PROMPTS,
    WAITS,
    asking_flow,
    spoken,
    views,
    walk_caller,
    walk_psychologist,
    walked_flows,
)
from tests.ivr_flows.test_bringing import walk as walk_bringing
from tests.ivr_flows.test_callback import every_document as every_question
from tests.ivr_flows.test_calling_back import every_document as every_call_back
from tests.ivr_flows.test_directory import every_document as every_list
from tests.ivr_flows.test_forward import every_document as every_forward
from tests.ivr_flows.test_holding import every_document
from tests.ivr_flows.test_service import walk as walk_service
from tests.ivr_flows.test_standby import every_document as every_degraded_document

IN_PLACE_OF_WHISPER = {"whisper-again", "whisper-handover"}
"""Given the values of `whisper`, because they take its place, and need not say all of them."""


def to_callers() -> Iterator[Say]:
    """What a caller may hear, in the flow and in the queue."""
    for flow in walked_flows():
        for turn in (caller.arrive(flow), *walk_caller(flow).values(), *walk_caller(flow, callback=True).values()):
            yield from spoken(turn.document)
        for _, document in set(every_document(flow.crisis)):
            yield from spoken(document)


def in_a_callback() -> Iterator[Say]:
    """What those hear who ask for one, make one, and are called."""
    for document in (*every_question(), *every_call_back()):
        yield from spoken(document)


def in_the_directory() -> Iterator[Say]:
    """What those hear who look for help near them, or are put through to a partner."""
    for document in (*every_list(), *every_forward()):
        yield from spoken(document)


def in_the_degraded_flow() -> Iterator[Say]:
    """What both sides may hear while the carrier alone puts callers through."""
    for document in every_degraded_document():
        yield from spoken(document)


def to_psychologists() -> Iterator[Say]:
    """What a psychologist may hear, with a database and without."""
    for turn in walk_psychologist().values():
        yield from spoken(turn.document)
    for stage, event, held_in in product(Stage, LEG_EVENTS, LANGUAGES):
        yield from spoken(step_blind(Place(stage, "fr"), event, CallView(None, held_in=held_in)).document)
        view = CallView(CallState.WAITING, held_in=held_in)
        yield from spoken(psychologist.step(Place(stage, "fr"), event, view).document)


def to_a_phone_that_is_tried() -> Iterator[Say]:
    """What whoever picks it up may hear."""
    for nth, digits in product(range(trying.ASKED + 1), ("", "1", "2")):
        yield from spoken(trying.answer(trying.Place("fr", nth), digits, "la ligne"))


def while_a_service_is_brought() -> Iterator[Say]:
    """What the psychologist hears who brings it, and the service."""
    for brought in walk_bringing().values():
        yield from spoken(brought.document)
    for helped in walk_service().values():
        yield from spoken(helped.document)
    for view in (replace(call, services=True) for call in views()):
        yield from spoken(psychologist.step(Place(Stage.CHECK, "fr"), psychologist.Checked(), view).document)


@cache
def every_say() -> frozenset[Say]:
    """Everything that can be said."""
    elsewhere = (in_a_callback(), in_the_directory(), in_the_degraded_flow(), to_a_phone_that_is_tried())
    return frozenset(chain(to_callers(), to_psychologists(), while_a_service_is_brought(), *elsewhere))


def in_values() -> set[str]:
    """Prompts that are spoken inside others: languages, waiting times, who is calling."""
    named = {value[1:] for say in every_say() for _, value in say.values if value.startswith("@")}
    waits = {key for key, _ in WAITS} if any(value.startswith("wait:") for value in named) else set[str]()
    asked = [step for flow in walked_flows() for step in flow.steps.values() if isinstance(step, AskStep)]
    answers = {answer for step in asked for answer in step.answers.values()}
    return {value for value in named if not value.startswith("wait:")} | waits | answers


def by_the_shell() -> set[str]:
    """Prompts that the shell speaks of itself: when it can't read a request, can't save it, or connects."""
    calls = [
        node
        for module in modules("helpline/calls", "helpline/carrier")
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call)
    ]
    says = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Say" and call.args]
    constants = [node for prompt in says for node in ast.walk(prompt) if isinstance(node, ast.Constant)]
    return {node.value for node in constants if isinstance(node.value, str) and PROMPTS.has(node.value, "fr")}


def test_the_asking_flow_is_safe() -> None:
    """The flow with a step of every kind could be a line's."""
    assert check(asking_flow(), PROMPTS) == ()


def test_what_is_said_is_written_in_four_languages() -> None:
    """With exactly the placeholders that the machines fill."""
    for say, language in product(every_say(), LANGUAGES):
        given, needed = {name for name, _ in say.values}, PROMPTS.placeholders(say.prompt, language)
        assert needed <= given if say.prompt in IN_PLACE_OF_WHISPER else needed == given, say


def test_what_is_said_inside_other_prompts_is_written_in_four_languages() -> None:
    """A language, a waiting time, who is calling."""
    for key, language in product(in_values(), LANGUAGES):
        assert PROMPTS.placeholders(key, language) <= {"n"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_written_is_said(language: str) -> None:
    """A prompt that nothing speaks is not kept: somebody would translate and check it for nobody."""
    said = {say.prompt for say in every_say()} | in_values() | by_the_shell()
    assert set(PROMPTS.texts[language]) == said  # type: ignore[index] # one of the four
