import itertools
import re
import subprocess

import pytest

from tests.architecture.sources import ROOT

ALLOWED = {
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "config.example.toml",
    "docs",
    "helpline",
    "ivr_flows",
    "pyproject.toml",
    "reports",
    "rota",
    "tests",
}
MADE_HERE = {"build", "helpline.egg-info", "var"}  # what .gitignore ignores, where there is no git to ask
PINNED = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9][\w.]*)( ; [^\\]+)? \\$")
HASH = re.compile(r" {4}--hash=sha256:[0-9a-f]{64}( \\)?$")


def _top_level() -> set[str]:
    """What is committed or could be by `git add .`; in a copy without .git, whatever lies there."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode == 0 and (ROOT / ".git").exists():
        return {name.partition("/")[0] for name in listed.stdout.splitlines() if (ROOT / name).exists()}
    return {path.name for path in ROOT.iterdir()} - MADE_HERE


def _pins(lock: str) -> dict[str, str]:
    lines = (ROOT / ".lock" / lock).read_text().splitlines()
    return {found["name"]: found["version"] for line in lines if (found := PINNED.fullmatch(line))}


def test_nothing_else_grows_at_the_top() -> None:
    """The top level holds what docs/architecture.md has a place for, and dot files."""
    assert not {name for name in _top_level() if not name.startswith(".")} - ALLOWED


@pytest.mark.parametrize("lock", ["run.txt", "test.txt"])
def test_every_dependency_is_pinned_and_hashed(lock: str) -> None:
    """A lock file holds exact versions, their hashes, comments, and nothing else: no address, no option."""
    lines = (ROOT / ".lock" / lock).read_text().splitlines()
    strange = [line for line in lines if not (PINNED.match(line) or HASH.match(line) or line.strip().startswith("#"))]
    assert strange == []
    assert all(HASH.match(below) for line, below in itertools.pairwise(lines) if PINNED.match(line))
    assert "://" not in "\n".join(lines)


def test_the_two_locks_agree() -> None:
    """The tests run on the very versions that the service runs on."""
    assert _pins("run.txt").items() <= _pins("test.txt").items()
