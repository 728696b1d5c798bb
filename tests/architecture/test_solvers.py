import subprocess
import sys

import pytest

AUDITOR = "import highspy; highspy.Highs()"
PLANNER = "from ortools.sat.python import cp_model; cp_model.CpSolver().solve(cp_model.CpModel())"


@pytest.mark.slow
@pytest.mark.parametrize("order", [(AUDITOR, PLANNER), (PLANNER, AUDITOR)], ids=["auditor first", "planner first"])
def test_both_solvers_live_in_one_process(order: tuple[str, str]) -> None:
    """The auditor's and the rota's: wheels of both may bring a library of one name in two versions."""
    pytest.importorskip("ortools", reason="no solver: pip install 'helpline[solver]'")
    subprocess.run([sys.executable, "-W", "ignore", "-c", "\n".join(order)], check=True, timeout=60)
