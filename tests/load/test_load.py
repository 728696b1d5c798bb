"""The load at a size that every machine stands: whether it still drives whole calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.__main__ import Load, measure


@pytest.mark.slow
def test_a_little_load(tmp_path: Path) -> None:
    """Callers wait, others are put through, and nothing fails."""
    seen = measure(tmp_path, None, Load(waiting=40, calls=2.0, warm=4.0, measured=6.0))
    assert seen.errors == []
    assert seen.talked > 0
    assert seen.lost == 0
    assert set(seen.times) >= {"menu", "ring", "hold loop", "pick-up", "claim", "bridge", "end", "leg's end", "status"}
