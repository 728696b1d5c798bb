"""Every fault at every step of a call: the caller gets a human or the crisis numbers, and the call is counted."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import pytest

from helpline.twin import CallHandle
from tests.faults.kinds import FIRST, QUICK, THOROUGH
from tests.faults.stories import STORIES, Story
from tests.scenarios.making import staged
from tests.scenarios.stage import Stage
from tests.stateful import promises
from tests.stateful.adversary import Adversary

CASES = [(story, step) for story, told in STORIES.items() for step in told.steps]
LASTING = {"the database goes down", "the database gives everything up", "nothing is known of the database"}
LASTING |= {"no creations any more", "too many requests", "the carrier's connection is cut"}
"""Faults that last as long as the call: phones can't be silenced before they are mended."""
LATE = 30.0
"""How much later than promised, in seconds, a caller who meets a fault may hear a human or an alternative."""
HOURS = 3 * 3600


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """SQLite in `make test`; PostgreSQL's turn comes in `make check`."""
    return either_database_url


def struck(stage: Stage, adversary: Adversary, story: Story, step: str, fault: str) -> CallHandle:
    """The story with a fault at a step, until nothing more happens; then all works again, and hours pass."""
    strike = {**QUICK, **THOROUGH}[fault]
    adversary.at(step, lambda request: strike(stage, adversary, request))
    handle = story.dial(stage)
    assert stage.twin.run_until_idle(), "the call never ends"
    assert step in adversary.steps
    adversary.relent()
    stage.twin.faults.clear()
    stage.twin.run_for(60)
    stage.twin.clock.jump(HOURS)
    stage.rehearsal.settle()
    return handle


def names(steps: Iterable[str]) -> set[str]:
    """Steps without their numbers."""
    return {step.rpartition(" ")[0] for step in steps}


@pytest.mark.parametrize("story", STORIES)
def test_the_steps_are_all_there(story: str, sqlite_url: str, tmp_path: Path) -> None:
    """Without a fault each story ends with a conversation, and its steps are webhooks that happen in it."""
    told = STORIES[story]
    with staged(sqlite_url, tmp_path, told.rota) as stage, Adversary(stage) as adversary:
        told.dial(stage)
        assert stage.twin.run_until_idle()
        assert told.steps.keys() <= set(adversary.steps)
        assert stage.counted() == {"abandoned" if "hung up" in story else "answered": 1}
        assert names(adversary.steps) <= names(step for _, step in CASES)


@pytest.mark.parametrize(
    "fault", [fault if fault in FIRST else pytest.param(fault, marks=pytest.mark.slow) for fault in QUICK]
)
@pytest.mark.parametrize(
    ("story", "step"),
    [pytest.param(*case, marks=[pytest.mark.slow] if STORIES[case[0]].service else []) for case in CASES],
)
def test_nobody_is_stranded(story: str, step: str, fault: str, database_url: str, tmp_path: Path) -> None:
    """A human or the crisis numbers within the promise, phones silent once nobody waits, counted once, nothing left."""
    prove(story, step, fault, database_url, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("fault", THOROUGH)
@pytest.mark.parametrize(("story", "step"), CASES)
def test_nobody_is_stranded_by_rarer_faults(story: str, step: str, fault: str, sqlite_url: str, tmp_path: Path) -> None:
    """The same, for faults that hardly depend on the database."""
    prove(story, step, fault, sqlite_url, tmp_path)


def prove(story: str, step: str, fault: str, url: str, folder: Path) -> None:
    """What must hold after a fault at a step, and when everything works again."""
    told = STORIES[story]
    with staged(url, folder, told.rota) as stage, Adversary(stage) as adversary:
        first = stage.rehearsal.service
        handle = struck(stage, adversary, told, step, fault)
        print(stage.story)  # noqa: T201 - shown when it fails
        promises.check_callers(stage, [handle], late=LATE)
        wrong = [found for found in stage.twin.violations if found.kind != "status"]
        assert not wrong
        promises.check_phones(stage, adversary.struck_at)
        promises.check_silence(stage, [first, stage.rehearsal.service], math.inf if fault in LASTING else 0.0)
        promises.check_rows(stage)
