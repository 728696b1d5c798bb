"""The command line in this process, as the console script runs it."""

import contextlib
import io
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helpline.cli import main
from helpline.cli.setting_up import create_folder


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever a command prints
        """What a script would read."""
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs `helpline ARGUMENTS`; an error that isn't said in words fails the test."""
    monkeypatch.delenv("HELPLINE_CONFIG", raising=False)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def command(*arguments: object) -> Done:
        monkeypatch.setattr("sys.argv", ["helpline", *map(str, arguments)])
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
                code = 0
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
        assert "Traceback" not in err.getvalue()
        return Done(code, out.getvalue(), err.getvalue())

    yield command
    root.handlers[:], root.level = handlers, level


@pytest.fixture(scope="session")
def made_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `helpline init` makes, once."""
    folder = tmp_path_factory.mktemp("made") / "line"
    create_folder(folder, demo=False)
    return folder


@pytest.fixture
def folder(made_folder: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made_folder, tmp_path / "line"))


@pytest.fixture(scope="session")
def made_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `helpline init --demo` makes, once: three years of calls take two seconds."""
    folder = tmp_path_factory.mktemp("demo") / "line"
    create_folder(folder, demo=True)
    return folder


@pytest.fixture
def demo(made_demo: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made_demo, tmp_path / "line"))


@pytest.fixture
def helpline(run: Run, folder: Path) -> Run:
    """Runs a command on a fresh folder."""
    return lambda *arguments: run("--config", folder / "config.toml", *arguments)


@pytest.fixture
def helpline_demo(run: Run, demo: Path) -> Run:
    """Runs a command on a demonstration's folder."""
    return lambda *arguments: run("--config", demo / "config.toml", *arguments)


def refused(done: Done, *words: str) -> None:
    """Exit code 1, and one clear sentence on standard error that holds these words; nothing on standard output."""
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("helpline: ")
    assert not [word for word in words if word not in done.err]
