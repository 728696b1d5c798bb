from __future__ import annotations

from helpline.calls.ending import Ending
from helpline.carrier.seal import Seal
from tests.scenarios.stage import Stage


def test_a_call_that_was_counted_too_early_still_hears_a_voice(stage: Stage) -> None:
    """Should the carrier ever report the end of a call that goes on, its caller is put through by the carrier alone."""
    handle = stage.dial(talks=30)
    line = stage.rehearsal.service.lines["france"]
    Ending(stage.store, Seal(stage.secrets.seal_keys), lambda: None).finish(
        line, handle.sid, completed=True, now=stage.now
    )
    assert stage.twin.run_until_idle()
    assert stage.says("degraded") in handle.heard()
    assert handle.talked_to == ["Alix"]
    assert stage.counted() == {"answered": 1}
