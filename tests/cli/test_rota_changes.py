"""`rota override|off|absence|leave|undo|audit`: what people do to the rota, shown before it is done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline.shifts.editing import Desk
from helpline.store.rota_tables import Absence, RotaEdit
from rota.staff import DAY, HOUR
from tests.cli.conftest import Run, refused
from tests.cli.desks import desk_in, set_clock
from tests.shell import ALIX, BORIS, NOON, rows_of
from tests.shifts.desks import on_call, put, standing

OVERRIDE = ("rota", "override", "--line", "france", "--from", "2026-03-10T14:00", "--to", "2026-03-10T16:00")


@pytest.fixture
def desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """It is 13:00 in Paris: Alix is on call until 19:00, Boris tomorrow."""
    set_clock(monkeypatch)
    with desk_in(folder) as desk:
        put(desk, ALIX, -6 * HOUR, 12)
        put(desk, BORIS, DAY)
        yield desk


def test_an_override_is_shown_and_then_done(desk: Desk, helpline: Run) -> None:
    """The same words both times, and how to undo it."""
    command = (*OVERRIDE, "--remove", "alix exemple", "--add", "Boris Exemple")
    before = standing(desk)
    shown = helpline(*command)
    change = "  france tier 1  Tue 2026-03-10 14:00 to Tue 2026-03-10 16:00: Alix Exemple -> Boris Exemple"
    assert shown.out.splitlines()[0] == change
    assert shown.out.splitlines()[-1] == "nothing was changed; add --yes to do it"
    assert standing(desk) == before
    done = helpline(*command, "--yes")
    assert done.out.splitlines()[:-1] == shown.out.splitlines()[:-1]
    assert done.out.splitlines()[-1] == "edit 1 (undo it with: helpline rota undo 1)"
    assert [on_call(desk, at * HOUR) for at in (0, 1, 3)] == [[ALIX], [BORIS], [ALIX]]


def test_an_override_without_anybody_new_warns(desk: Desk, helpline: Run) -> None:
    """The seat is open, the gap is named with who could take it."""
    done = helpline(*OVERRIDE, "--remove", "Alix Exemple")
    assert "  warning: the seat is open: nobody is put in" in done.out
    assert "france would have nobody in tier 1 from Tue 2026-03-10 14:00 to Tue 2026-03-10 16:00" in done.out


def test_an_override_that_can_not_be_is_refused(desk: Desk, helpline: Run) -> None:
    """In words, with what would help; nothing is changed."""
    cases: list[tuple[list[str], list[str]]] = [
        (["--remove", "Boris Exemple"], ["Boris Exemple isn't on call on france then"]),
        (["--remove", "Alix Exempel"], ["did you mean 'Alix Exemple'"]),
        ([], ["whom to take out"]),
        (["--add", "Boris Exemple", "--to", "2026-03-10T13:30"], ["isn't after"]),
        (["--add", "Boris Exemple", "--from", "2026-03-09"], ["begin now or later"]),
        (["--add", "Boris Exemple", "--line", "spain"], ["there is no line 'spain'", "belgium, france"]),
    ]
    for options, reasons in cases:
        refused(helpline(*OVERRIDE, *options, "--yes"), *reasons)
    assert rows_of(desk.store, RotaEdit) == []


def test_somebody_is_off_for_an_hour(desk: Desk, helpline: Run) -> None:
    """Only if others are there, or with insistence."""
    refused(helpline("rota", "off", "Alix Exemple", "--yes"), "nobody in tier 1 from 2026-03-10 13:00", "--even-alone")
    assert helpline("rota", "off", "Alix Exemple", "--minutes", "30", "--even-alone", "--yes").code == 0
    assert [on_call(desk, at) for at in (0, HOUR // 2)] == [[], [ALIX]]


def test_an_absence_from_telling_to_ending(desk: Desk, helpline: Run) -> None:
    """Added with what it opens, listed, ended; the shifts come back by undoing."""
    done = helpline("rota", "absence", "add", "Boris Exemple", "--from", "2026-03-11", "--to", "2026-03-13", "--yes")
    assert done.out.splitlines()[:2] == [
        "absence 1: Boris Exemple is away, Wed 2026-03-11 00:00 to Fri 2026-03-13 00:00",
        "  france tier 1  Wed 2026-03-11 13:00 to Wed 2026-03-11 21:00: Boris Exemple -> nobody",
    ]
    assert "france would have nobody in tier 1 from Wed 2026-03-11 13:00 to Wed 2026-03-11 21:00" in done.out
    (listed,) = helpline("rota", "absence", "list", "--json").json
    assert listed == {
        "absence": 1,
        "person": "Boris Exemple",
        "start": "2026-03-11T00:00:00+01:00",
        "end": "2026-03-13T00:00:00+01:00",
        "hard": True,
    }
    assert helpline("rota", "absence", "list", "Alix Exemple").out == "nobody is away\n"
    assert "undo 1' gives the shifts back" in helpline("rota", "absence", "remove", "1").out
    assert len(rows_of(desk.store, Absence)) == 1
    assert helpline("rota", "absence", "remove", "1", "--yes").out.endswith("done\n")
    assert helpline("rota", "absence", "list").out == "nobody is away\n"
    assert on_call(desk, DAY) == []
    assert helpline("rota", "undo", "1", "--yes").code == 0
    assert on_call(desk, DAY) == [BORIS]


def test_a_wish_is_told_as_one(desk: Desk, helpline: Run) -> None:
    """They keep their shifts; who plans is warned."""
    done = helpline("rota", "absence", "add", "Boris Exemple", "--to", "2026-03-13", "--wish", "--yes")
    assert done.out.startswith("absence 1: Boris Exemple would rather be off, Tue 2026-03-10 13:00 to Fri")
    assert "  warning: Boris Exemple would rather not be on call then" in done.out
    assert on_call(desk, DAY) == [BORIS]


def test_the_past_is_no_absence(desk: Desk, helpline: Run) -> None:
    """It stays as it was."""
    done = helpline("rota", "absence", "add", "Boris Exemple", "--from", "2026-03-01", "--to", "2026-03-02", "--yes")
    refused(done, "that is over")


def test_somebody_leaves_and_stays_after_all(desk: Desk, helpline: Run) -> None:
    """Their seats are open; undoing brings both back."""
    assert helpline("rota", "leave", "Boris Exemple", "--at", "2026-03-11").out.endswith("add --yes to do it\n")
    assert on_call(desk, DAY) == [BORIS]
    assert helpline("rota", "leave", "Boris Exemple", "--at", "2026-03-11", "--yes").code == 0
    assert on_call(desk, DAY) == []
    refused(helpline("rota", "leave", "Boris Exemple", "--at", "2026-03-11", "--stay"), "leave it out")
    assert helpline("rota", "undo", "1", "--yes").code == 0
    assert on_call(desk, DAY) == [BORIS]
    refused(helpline("rota", "leave", "Boris Exemple", "--stay"), "stays already")


def test_undoing_is_shown_first(desk: Desk, helpline: Run) -> None:
    """What isn't there, or was undone, is refused."""
    helpline(*OVERRIDE, "--remove", "Alix Exemple", "--add", "Boris Exemple", "--yes")
    shown = helpline("rota", "undo", "1")
    assert "Boris Exemple -> Alix Exemple" in shown.out
    assert on_call(desk, HOUR) == [BORIS]
    assert helpline("rota", "undo", "1", "--yes").code == 0
    assert on_call(desk, HOUR) == [ALIX]
    refused(helpline("rota", "undo", "1", "--yes"), "undone already, by edit 2")
    refused(helpline("rota", "undo", "9", "--yes"), "there is no edit 9", "rota audit")


def test_the_audit_tells_what_everybody_did(desk: Desk, helpline: Run) -> None:
    """In words, the newest first, with what was taken back."""
    helpline(*OVERRIDE, "--remove", "Alix Exemple", "--add", "Boris Exemple", "--yes")
    helpline("rota", "undo", "1", "--yes")
    helpline("rota", "off", "Alix Exemple", "--even-alone", "--yes")
    helpline("rota", "absence", "add", "Boris Exemple", "--from", "2026-03-11", "--to", "2026-03-12", "--yes")
    helpline("rota", "absence", "remove", "1", "--yes")
    helpline("rota", "leave", "Charlie Exemple", "--at", "2026-04-01", "--yes")
    helpline("rota", "override", "--line", "france", "--to", "2026-03-10T14:00", "--add", "Charlie Exemple", "--yes")
    at, hours = "2026-03-10 13:00  the coordinator  ", "2026-03-10 14:00 to 2026-03-10 16:00"
    assert helpline("rota", "audit").out.splitlines() == [
        f"7  {at}Charlie Exemple added on france, 2026-03-10 13:00 to 2026-03-10 14:00 (shifts: 1 new)",
        f"6  {at}Charlie Exemple leaves on 2026-04-01 00:00",
        f"5  {at}Boris Exemple isn't away after all",
        f"4  {at}Boris Exemple is away (shifts: 1 new, 1 taken away)",
        f"3  {at}Alix Exemple is off, 2026-03-10 13:00 to 2026-03-10 14:00 (shifts: 1 new, 1 shortened)",
        f"2  {at}edit 1 taken back (shifts: 1 new, 2 taken away)",
        f"1  {at}Boris Exemple for Alix Exemple on france, {hours} (shifts: 2 new, 1 shortened); taken back by edit 2",
    ]


def test_a_script_reads_the_audit(desk: Desk, helpline: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As JSON; only so many days back."""
    helpline(*OVERRIDE, "--remove", "Alix Exemple", "--add", "Boris Exemple", "--yes")
    assert helpline("rota", "audit", "--json").json == [
        {
            "id": 1,
            "at": "2026-03-10T13:00:00+01:00",
            "actor": "the coordinator",
            "kind": "override",
            "words": "Boris Exemple for Alix Exemple on france, 2026-03-10 14:00 to 2026-03-10 16:00",
            "added": 2,
            "cancelled": 0,
            "shortened": 1,
            "undone_by": None,
        }
    ]
    set_clock(monkeypatch, NOON + 3 * DAY)
    assert helpline("rota", "audit", "--days", "2").out == "the rota wasn't changed in the last 2 days\n"
