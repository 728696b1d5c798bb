"""A `stage` for every scenario, and what must hold after each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.scenarios.checks import check
from tests.scenarios.making import staged
from tests.scenarios.stage import Rota, Stage

FRANCE: Rota = {"france": [["Alix"]]}


class MakeStage(Protocol):
    """Sets a stage: who is on call, and whatever `staged` takes."""

    def __call__(self, rota: Rota = FRANCE, **how: Any) -> Stage:  # noqa: ANN401 - as `staged`
        """The stage; once a test."""
        ...


@pytest.fixture
def make_stage(database_url: str, tmp_path: Path) -> Iterator[MakeStage]:
    """Makes the scenario's stage. When the test is over, what must always hold is checked."""
    with ExitStack() as stack:
        made: list[Stage] = []

        def make(rota: Rota = FRANCE, **how: Any) -> Stage:  # noqa: ANN401 - as `staged`
            made.append(stack.enter_context(staged(database_url, tmp_path, rota, **how)))
            return made[-1]

        yield make
        for stage in made:
            print(stage.story)  # noqa: T201 - shown when the test or the check fails
            check(stage)


@pytest.fixture
def stage(make_stage: MakeStage) -> Stage:
    """The French line with Alix alone on call."""
    return make_stage()
