"""`flows check|draw`: what a flow file says, and whether it can strand a caller."""

import re
from importlib import resources
from pathlib import Path

import pytest

from tests.cli.conftest import Run, refused

FRANCE = resources.files("ivr_flows").joinpath("flows", "france.toml").read_text(encoding="utf-8")


@pytest.fixture
def stranding(tmp_path: Path) -> Path:
    """A flow in which silence reaches nobody."""
    path = tmp_path / "stranding.toml"
    path.write_text(FRANCE.replace('next = "ring"', 'next = "goodbye"'))
    return path


def test_the_configured_flows_are_proven_safe(helpline: Run) -> None:
    """Each with its size and its languages."""
    done = helpline("flows", "check")
    assert done.code == 0
    assert [line.split(";")[0] for line in done.out.splitlines()[:2]] == ["belgium: safe", "france: safe"]
    assert "fr nl de en" in done.out


def test_a_line_says_how_long_its_callers_wait_at_most(helpline: Run) -> None:
    """To the second, and what it is made of; also where everybody is on the phone."""
    promised = helpline("flows", "check").out.splitlines()[2:]
    assert [line.split(":")[0] for line in promised] == ["line belgium", "line france"]
    for line in promised:
        minutes = [60 * int(m) + int(s) for m, s in re.findall(r"(?:(\d+) min )(\d+) s", line)]
        assert 180 <= minutes[0] <= 360
        assert minutes[-1] - minutes[0] == 180


def test_a_flow_that_strands_is_refused(run: Run, stranding: Path) -> None:
    """By its file, its step and the reason; the others are checked all the same."""
    done = run("flows", "check", stranding, "france")
    assert done.code == 1
    assert "france: safe" in done.out
    assert "stranding.toml" in done.err
    assert "ring" in done.err


def test_a_flow_of_the_configuration_is_found_from_anywhere(
    run: Run, folder: Path, stranding: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its path begins at the configuration's folder, wherever one stands."""
    (folder / "own.toml").write_text(FRANCE)
    config = folder / "config.toml"
    config.write_text(config.read_text().replace('flow = "france"', 'flow = "own.toml"'))
    monkeypatch.chdir(tmp_path)
    done = run("--config", config, "flows", "check")
    assert (done.code, done.err) == (0, "")
    assert "own.toml: safe" in done.out
    assert stranding.exists()


@pytest.mark.parametrize("command", ["check", "draw"])
def test_an_unknown_flow_is_refused(run: Run, command: str) -> None:
    """With those that ship."""
    done = run("flows", command, "nosuch")
    assert (done.code, done.out) == (1, "")
    assert "nosuch can't be read" in done.err
    assert "belgium, france" in done.err


def test_a_flow_that_is_not_text_is_refused(run: Run, tmp_path: Path) -> None:
    """In words."""
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    done = run("flows", "check", tmp_path / "odd.toml")
    assert done.code == 1
    assert "isn't UTF-8" in done.err


def test_checking_needs_no_configuration_when_flows_are_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A coordinator may have nothing but the file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(FRANCE)
    assert run("flows", "check", "mine.toml", "belgium").code == 0


@pytest.mark.parametrize("flow", ["france", "belgium"])
@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_a_flow_is_drawn(run: Run, flow: str, language: str) -> None:
    """As an outline, and as a picture."""
    outline = run("flows", "draw", flow, "--language", language)
    assert outline.code == 0
    assert "ring" in outline.out
    assert run("flows", "draw", flow, "--language", language, "--svg").out.lstrip().startswith("<svg")


def test_a_flow_that_strands_is_not_drawn(run: Run, stranding: Path) -> None:
    """It would look as if it were right."""
    refused(run("flows", "draw", stranding), "stranding.toml")
