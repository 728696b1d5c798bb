import sys

import pytest

from rota.generate import cpsat
from rota.generate.booleans import SolverMissingError
from tests.rota.generate.instances import quarter


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the solver isn't installed, whoever asks for it is told how to get it."""
    monkeypatch.setitem(sys.modules, "ortools.sat.python.cp_model", None)
    with pytest.raises(SolverMissingError, match=r"helpline\[solver\]"):
        cpsat.solve(quarter(1), 1)
