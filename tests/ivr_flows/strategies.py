"""Small random flows: wild ones for the proof to refuse, tidy ones that it accepts, and safe ones of every kind."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import strategies as st

from ivr_flows.model import (
    LANGUAGES,
    AskStep,
    Flow,
    GoodbyeStep,
    Language,
    LanguageStep,
    MenuStep,
    RingStep,
    SayStep,
    Step,
    Voice,
)

KEYS = "012345678"


def flow(steps: list[Step], start: str) -> Flow:
    """A French flow of these steps."""
    return Flow(
        name="test",
        languages=("fr",),
        start=start,
        crisis="crisis",
        crisis_verified="2026-01-31",
        spoken=dict.fromkeys(LANGUAGES, "Test line"),
        voices=dict.fromkeys(LANGUAGES, Voice("fr-FR", "Lea")),
        steps={step.name: step for step in steps},
    )


@st.composite
def step(draw: st.DrawFn, name: str, targets: list[str], kinds: str = "say menu ask ring goodbye") -> Step:
    """A step of some kind that leads to some of the targets."""
    target = st.sampled_from(targets)
    keys = st.dictionaries(st.sampled_from(KEYS), target, min_size=1, max_size=3)
    match draw(st.sampled_from(kinds.split())):
        case "say":
            return SayStep(name, "hello", draw(target), draw(st.just({}) | keys))
        case "menu":
            return MenuStep(name, "sorry", draw(keys), draw(target))
        case "ask":
            return AskStep(name, "hello", {"1": "hello"}, draw(target))
        case "ring":
            return RingStep(name, draw(target))
    return GoodbyeStep(name, "bye")


@st.composite
def wild_flows(draw: st.DrawFn) -> Flow:
    """Any steps, leading anywhere."""
    names = [f"s{number}" for number in range(draw(st.integers(1, 6)))]
    return flow([draw(step(name, names)) for name in names], draw(st.sampled_from(names)))


@st.composite
def tidy_flows(draw: st.DrawFn) -> Flow:
    """A way by silence to a ring and on to a goodbye, and keys that lead anywhere."""
    before = [f"before{number}" for number in range(draw(st.integers(0, 2)))]
    after = [f"after{number}" for number in range(draw(st.integers(0, 2)))]
    silent = [*before, "ring", *after, "goodbye"]
    steps: list[Step] = [GoodbyeStep("goodbye", "bye")]
    for name, following in pairwise(silent):
        if name == "ring":
            steps.append(RingStep(name, following))
            continue
        anywhere = st.sampled_from([*before, "ring"] if name in before else silent)
        keys = st.dictionaries(st.sampled_from(KEYS), anywhere, min_size=1, max_size=3)
        menu = draw(st.booleans())
        led = draw(keys)
        steps.append(MenuStep(name, "sorry", led, following) if menu else SayStep(name, "hello", following, led))
    return flow(steps, silent[0])


@st.composite
def safe_flows(draw: st.DrawFn) -> Flow:
    """A tidy flow that may begin with a language choice, a question, or both; never over two prompts before a ring."""
    tidy = draw(tidy_flows())
    room = 2 - sum(name.startswith("before") for name in tidy.steps)
    asked = draw(st.lists(st.sampled_from(["language", "ask"]), unique=True, max_size=room))
    steps: dict[str, Step] = dict(tidy.steps)
    for name, following in pairwise([*asked, tidy.start]):
        if name == "language":
            steps[name] = LanguageStep(name, "choice", {"1": "fr", "2": "nl"}, following)
        else:
            steps[name] = AskStep(name, "sorry", {"1": "hello", "2": "bye"}, following)
    languages: tuple[Language, ...] = ("fr", "nl") if "language" in asked else ("fr",)
    return replace(tidy, languages=languages, start=[*asked, tidy.start][0], steps=steps)
