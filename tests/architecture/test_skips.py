import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT

SOME_TESTS = """
import pytest

def test_needs_a_unicorn():
    pytest.skip("no unicorn: apt-get install unicorn")

@pytest.mark.xfail
def test_known_to_fail():
    assert False
"""
A_MODULE = 'import pytest; pytest.skip("no dragon: apt-get install dragon", allow_module_level=True)'


def _run(folder: Path, *, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_some.py").write_text(SOME_TESTS)
    (folder / "test_module.py").write_text(A_MODULE)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-n1", str(folder)]
    environment = os.environ | {"HELPLINE_CI": ci}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_skip_is_listed_with_its_remedy(tmp_path: Path) -> None:
    """What a machine lacks is said at the end, with the way to mend it, and nothing fails."""
    done = _run(tmp_path, ci="")
    assert done.returncode == 0
    said = done.stdout.partition("skipped on this machine")[2]
    assert "no unicorn: apt-get install unicorn (1)" in said
    assert "no dragon: apt-get install dragon (1)" in said


def test_a_skip_is_a_failure_in_ci(tmp_path: Path) -> None:
    """With HELPLINE_CI=1 neither a test nor a module may be skipped; a test known to fail still may."""
    done = _run(tmp_path, ci="1")
    assert done.returncode == 1
    assert "1 failed, 1 xfailed, 1 error" in done.stdout
    assert "skipped, which CI doesn't allow: no unicorn: apt-get install unicorn" in done.stdout
