"""Cases that the stateful machine found, as small as they get. Those not mended yet are expected to fail, strictly."""

import pytest

from helpline.twin import Behaviour, ignore, scripted
from tests.scenarios.conftest import MakeStage

PRESSES_AND_GOES = scripted([(6, "1"), (7.5, "hang up")])
"""Presses 1 and hangs up while the caller is being told so."""


@pytest.fixture
def database_url(either_database_url: str) -> str:
    """What happens here hardly depends on the database: PostgreSQL's turn comes in `make check`."""
    return either_database_url


def test_a_bridge_that_fails_in_the_last_wave(make_stage: MakeStage) -> None:
    """Alix takes the call in the last wave and is gone; Billie, whose phone fell silent for it, is rung once more."""
    stage = make_stage({"france": [["Alix", "Billie"]]})
    stage.phones(Alix=[ignore(), PRESSES_AND_GOES, ignore()], Billie=[ignore(), ignore(), Behaviour(keys=("1",))])
    call = stage.call(talks=30)
    assert call.talked_to == ["Billie"]
