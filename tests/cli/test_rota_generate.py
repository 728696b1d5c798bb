"""`rota generate|repair|proposals|proposal|apply|explain`: a rota is proposed, looked at, applied, mended."""

import contextlib
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline.cli.rota_generate import _Watching
from tests.cli.conftest import Done, Run, refused

NAMES = ("Alix", "Boris", "Charlie", "Dana", "Eva", "Farid")
WEEK = ("--line", "france", "--from", "2090-01-02", "--to", "2090-01-09")
QUICK = (*WEEK, "--seconds", "0.2")


@pytest.fixture
def team(helpline: Run, tmp_path: Path) -> Run:
    """A line with six people, and rules for days and nights."""
    people = [f"{name} Exemple,+331990001{n:02},fr en" for n, name in enumerate(NAMES, start=1)]
    (tmp_path / "people.csv").write_text("\n".join(["name,phone,languages", *people]))
    assert helpline("rota", "import", tmp_path / "people.csv").code == 0
    for starts, ends in (("08:00", "20:00"), ("20:00", "08:00")):
        rule = ("--line", "france", "--tier", "1", "--starts", starts, "--ends", ends, "--from", "2090-01-01")
        assert helpline("rota", "rule", "add", *rule, "--yes").code == 0
    return helpline


def away(team: Run, folder: Path, *rows: str) -> Done:
    """Absences, as imported; whoever is on call then leaves an open seat."""
    (folder / "absences.csv").write_text("\n".join(["person,start,end", *rows]))
    return team("rota", "import", folder / "absences.csv", "--line", "france", "--take-off")


def test_a_week_is_generated_and_applied(team: Run) -> None:
    """Shown at each step, done at the last: then every hour is covered."""
    made = team("rota", "generate", *QUICK)
    assert made.code == 0
    assert made.out.startswith("proposal 1 (fill), france, 2090-01-02 to 2090-01-09, 14 seats: every seat filled")
    assert made.out.endswith("look: helpline rota proposal 1; do it: helpline rota apply 1 --yes\n")
    shown = team("rota", "proposal", "1")
    assert "  tier 1  Mon 2090-01-02 08:00 to Mon 2090-01-02 20:00: nobody -> " in shown.out
    assert shown.out.endswith("not applied\n")
    tried = team("rota", "apply", "1")
    assert tried.out.endswith("nothing was changed; add --yes to do it\n")
    assert team("rota", "show", "--line", "france", "--at", "2090-01-04", "--json").json["france"]["on_call"] == []
    done = team("rota", "apply", "1", "--yes")
    assert done.code == 0
    (edit,) = re.findall(r"edit (\d+) \(undo it with: helpline rota undo \1\)\n$", done.out)
    assert team("rota", "gaps", "--line", "france", "--from", "2090-01-02T08:00", "--days", "6", "--json").json == []
    assert f"applied by edit {edit}\n" in team("rota", "proposals").out


def test_progress_is_told_on_standard_error(team: Run) -> None:
    """Seconds spent and left, and how good the best is; a script reads the rest from standard output."""
    made = team("rota", "generate", *WEEK, "--seconds", "0.4", "--json")
    told = made.err.splitlines()
    assert all(re.fullmatch(r"\d+ s, \d+ s left: every seat filled.*", line) for line in told)
    assert made.json["quality"]["broken"] == 0
    assert len(made.json["seats"]) == 14
    assert made.json["seats"][0]["start"] == "2090-01-02T08:00:00+01:00"
    assert {row["person"] for row in made.json["after"]} == {f"{name} Exemple" for name in NAMES}
    assert team("rota", "proposal", "1", "--json").json == made.json
    assert team("rota", "proposals", "--json").json == [made.json]


def test_what_stays_open_says_why(team: Run, tmp_path: Path) -> None:
    """By rule, with how many people; once applied it is an open seat that can be asked about."""
    rows = [f"{name} Exemple,2090-01-03,2090-01-04" for name in NAMES]
    assert away(team, tmp_path, *rows).code == 0
    made = team("rota", "generate", *QUICK)
    assert "  open: tier 1, Tue 2090-01-03 08:00 to Tue 2090-01-03 20:00: 6 away\n" in made.out
    assert team("rota", "apply", "1", "--yes").code == 0
    asked = team("rota", "explain", "--line", "france", "--at", "2090-01-03T12:00")
    assert asked.out.splitlines() == [
        "france tier 1, Tue 2090-01-03 08:00 to Tue 2090-01-03 20:00:",
        "  6 away",
        "  nobody could take it",
    ]


def test_who_could_take_an_open_seat(team: Run) -> None:
    """And what would speak against it; a seat that is held needs no explaining."""
    found = team("rota", "explain", "--line", "france", "--at", "2090-01-04T12:00", "--json").json
    assert [(seat["tier"], seat["start"], len(seat["able"])) for seat in found] == [(1, "2090-01-04T08:00:00+01:00", 6)]
    words = team("rota", "explain", "--line", "france", "--at", "2090-01-04T12:00").out
    assert "Alix Exemple could take it" in words
    assert words.endswith("and 1 more could\n")
    team("rota", "generate", *QUICK)
    team("rota", "apply", "1", "--yes")
    held = team("rota", "explain", "--line", "france", "--at", "2090-01-04T12:00")
    assert held.out == "no seat of france is open at Wed 2090-01-04 12:00\n"


def test_a_sick_leave_is_repaired(team: Run, tmp_path: Path) -> None:
    """Whoever is away leaves open seats; the repair gives them to others and changes little else."""
    team("rota", "generate", *QUICK)
    team("rota", "apply", "1", "--yes")
    assert away(team, tmp_path, "Alix Exemple,2090-01-02,2090-01-20").code == 0
    made = team("rota", "repair", *QUICK, "--json").json
    assert (made["kind"], made["quality"]["unfilled"]) == ("repair", 0)
    assert "Alix Exemple" not in {seat["person"] for seat in made["seats"]}
    assert team("rota", "apply", "2", "--yes").code == 0
    assert team("rota", "gaps", "--line", "france", "--from", "2090-01-02T08:00", "--days", "6", "--json").json == []


def test_a_proposal_for_another_rota_is_refused(team: Run) -> None:
    """Two are made of the same week: when one has been applied, the other is of no use."""
    team("rota", "generate", *QUICK)
    team("rota", "generate", *QUICK, "--seed", "2")
    assert team("rota", "apply", "1", "--yes").code == 0
    refused(team("rota", "apply", "2", "--yes"), "the rota has changed since proposal 2 was made", "nobody -> ")
    refused(team("rota", "apply", "1", "--yes"), "applied already, by edit")


def test_a_week_is_made_anew(team: Run) -> None:
    """With --replace; without it there is nothing to do."""
    team("rota", "generate", *QUICK)
    team("rota", "apply", "1", "--yes")
    refused(team("rota", "generate", *QUICK), "nothing to fill", "--replace")
    again = team("rota", "generate", *QUICK, "--replace", "--seed", "7")
    assert again.out.startswith("proposal 2 (replace), france, 2090-01-02 to 2090-01-09, 14 seats: every seat filled")


REFUSED: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("generate", *QUICK[2:]), ("line",)),
    (("generate", *QUICK, "--line", "spain"), ("no line 'spain'", "france")),
    (("generate", *QUICK, "--to", "2090-01-01"), ("isn't after", "write the end after the beginning")),
    (("generate", *QUICK, "--to", "2092-01-01"), ("729 days", "400 at most")),
    (("generate", *QUICK, "--from", "2020-01-01", "--to", "2020-02-01"), ("is over",)),
    (("generate", *QUICK, "--from", "soon"), ("'soon' isn't a time",)),
    (("generate", *QUICK, "--engine", "magic"), ("magic",)),
    (("proposal", "3"), ("no proposal 3",)),
    (("apply", "3"), ("no proposal 3",)),
    (("explain", "--line", "france", "--at", "noon"), ("'noon' isn't a time",)),
)


def test_what_can_not_be_done_is_refused(team: Run) -> None:
    """With what would work; nothing is proposed."""
    for arguments, words in REFUSED:
        done = team("rota", *arguments)
        assert (done.code in {1, 2}, done.out) == (True, ""), arguments
        assert not [word for word in words if word not in done.err], done.err
    assert team("rota", "proposals").out == "nothing has been proposed\n"


def test_a_line_for_which_there_is_nobody_is_refused(helpline: Run) -> None:
    """With whom it needs."""
    refused(helpline("rota", "generate", *QUICK), "nobody could be on call for france", "import people who speak fr")


def test_the_solver_may_be_missing(team: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to install it."""
    monkeypatch.setitem(sys.modules, "ortools.sat.python.cp_model", None)
    refused(team("rota", "generate", *QUICK, "--engine", "cpsat"), "pip install 'helpline[solver]'")
    at = ("--line", "france", "--at", "2090-01-04T12:00")
    refused(team("rota", "explain", *at, "--solve"), "pip install 'helpline[solver]'")


@pytest.mark.slow
def test_the_solver_proves_how_good_a_rota_can_be(team: Run) -> None:
    """It says that there is no better one, or what none can be better than."""
    pytest.importorskip("ortools", reason="no solver: pip install 'helpline[solver]'")
    made = team("rota", "generate", *WEEK, "--seconds", "4", "--engine", "cpsat")
    assert made.out.startswith("proposal 1 (fill), france, 2090-01-02 to 2090-01-09, 14 seats: every seat filled")
    assert "  there is no better one\n" in made.out or "  none can be better than this: every seat filled" in made.out
    assert team("rota", "apply", "1", "--yes").code == 0


@pytest.mark.slow
def test_the_solver_says_which_rules_keep_a_seat_open(team: Run, tmp_path: Path) -> None:
    """Even if others changed shifts; or who could have it if they did."""
    pytest.importorskip("ortools", reason="no solver: pip install 'helpline[solver]'")
    rows = [f"{name} Exemple,2090-01-03,2090-01-04" for name in NAMES]
    assert away(team, tmp_path, *rows).code == 0
    asked = team("rota", "explain", "--line", "france", "--at", "2090-01-03T12:00", "--solve").out
    assert "  whoever changes shifts, it stays open because of absences\n  but for absences, " in asked
    free = team("rota", "explain", "--line", "france", "--at", "2090-01-05T12:00", "--solve")
    assert re.search(r"if others change shifts, \w+ Exemple could take it: helpline rota repair\n$", free.out)
    found = team("rota", "explain", "--line", "france", "--at", "2090-01-03T12:00", "--solve", "--json").json
    assert found[0]["why"]["together"] == ["absent"]


def test_ctrl_c_stops_the_engine_and_not_the_command() -> None:
    """While it works; afterwards it is what it was."""
    before = signal.getsignal(signal.SIGINT)
    with _Watching().listening() as watch:
        signal.raise_signal(signal.SIGINT)
        assert watch.stopped
    assert signal.getsignal(signal.SIGINT) is before


@contextlib.contextmanager
def started(*arguments: object) -> Iterator["subprocess.Popen[str]"]:
    """The console script in a process of its own."""
    command = [str(Path(sys.executable).with_name("helpline")), *map(str, arguments)]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        guard = threading.Timer(50, process.kill)
        guard.start()
        try:
            yield process
        finally:
            guard.cancel()
            process.kill()


@pytest.mark.slow
def test_what_was_found_before_ctrl_c_is_kept(team: Run, folder: Path, tmp_path: Path) -> None:
    """In a real process that would have worked for minutes: some seats can't be filled, so it never is content."""
    rows = [f"{name} Exemple,2090-01-03,2090-01-04" for name in NAMES]
    assert away(team, tmp_path, *rows).code == 0
    with started("--config", folder / "config.toml", "rota", "generate", *WEEK, "--seconds", "300") as process:
        assert process.stderr is not None
        assert "s left: " in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=40)
    assert process.returncode == 0
    assert out.startswith("proposal 1 (fill), france")
    assert team("rota", "apply", "1", "--yes").code == 0
