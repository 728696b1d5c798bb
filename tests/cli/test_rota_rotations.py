"""`rota rotation add|change|end|list`: people who take turns."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from helpline.jobs import materialising, publishing
from helpline.shifts.editing import Desk
from helpline.shifts.reading import read_shifts
from helpline.store.rota_tables import Absence
from rota.model import Shift
from rota.staff import DAY
from tests.cli.conftest import Done, Run, refused
from tests.cli.desks import desk_in, set_clock
from tests.shell import ALIX, BORIS, CHARLIE, NOON

HOURS = ("--starts", "20:00", "--ends", "08:00", "--from", "2026-03-16")


@pytest.fixture
def desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Three people without a shift, at noon."""
    set_clock(monkeypatch)
    with desk_in(folder) as made:
        yield made


@pytest.fixture
def added(helpline: Run, desk: Desk) -> Done:
    """The answer to the first rotation."""
    return add(helpline)


def add(helpline: Run, *more: str) -> Done:
    """Alix and Boris share the nights."""
    return helpline(
        "rota", "rotation", "add", "france", "nights", "alix exemple", "Boris Exemple", *HOURS, "--yes", *more
    )


def held(desk: Desk) -> list[Shift]:
    """The shifts that count."""
    with desk.store.read() as connection:
        return read_shifts(connection, 0)


def test_it_is_shown_first_and_done_with_yes(helpline: Run, desk: Desk) -> None:
    """The same both times, but for the last line."""
    shown = helpline("rota", "rotation", "add", "france", "nights", "Alix Exemple", "Boris Exemple", *HOURS)
    assert held(desk) == []
    *lines, last = shown.out.splitlines()
    assert lines[:3] == [
        "175 shifts to come, the last on 2026-09-06",
        "who is on call changes 175 times; the first 28:",
        "  france tier 1  Mon 2026-03-16 20:00 to Tue 2026-03-17 08:00: nobody -> Alix Exemple",
    ]
    assert last == "nothing was changed; add --yes to do it"
    done = add(helpline)
    assert done.out.splitlines() == [*lines, "edit 1 (undo it with: helpline rota undo 1)"]
    assert len(held(desk)) == 175


def test_a_warning_is_told_once_of_each(added: Done) -> None:
    """Nights in a row and a full week, not once for every week."""
    assert [line for line in added.out.splitlines() if "warning: Alix" in line] == [
        "  warning: Alix Exemple has too many nights in a row",
        "  warning: Alix Exemple has too many shifts within seven days",
    ]


def test_turns_and_days_are_as_they_were_given(helpline: Run, desk: Desk) -> None:
    """Two days each, of the days from Friday to Sunday, in the second tier, from another day on."""
    add(helpline, "--days", "5-6, 7", "--every", "2", "--unit", "day", "--tier", "2", "--anchor", "2026-03-15")
    shifts = held(desk)[:5]
    assert [shift.person for shift in shifts] == [ALIX, BORIS, BORIS, ALIX, ALIX]
    assert [desk.lines["france"].local(shift.start).isoweekday() for shift in shifts] == [5, 6, 7, 5, 6]
    assert {shift.tier for shift in shifts} == {2}


def test_far_ahead_the_turns_are_shown_though_none_is_made(helpline: Run, desk: Desk) -> None:
    """The job makes them nearer the time."""
    done = add(helpline, "--from", "2027-01-04")
    assert "0 shifts to come\n  Mon 2027-01-04 20:00 to Tue 2027-01-05 08:00  Alix Exemple, to be made" in done.out
    assert held(desk) == []


def test_the_list_begins_with_whose_turn_it_is(helpline: Run, added: Done, monkeypatch: pytest.MonkeyPatch) -> None:
    """With hours, turns and days."""
    set_clock(monkeypatch, NOON + 14 * DAY)
    assert helpline("rota", "rotation", "list").out == (
        "france tier 1  nights: 20:00 to 08:00, a turn a week, from 2026-03-16\n  Boris Exemple, Alix Exemple\n"
    )
    assert helpline("rota", "rotation", "list", "--line", "belgium").out == "there is no rotation\n"


def test_a_script_reads_the_list(helpline: Run, added: Done) -> None:
    """Every field; what has ended only if asked for."""
    helpline("rota", "rotation", "end", "france", "nights", "--from", "2026-03-16", "--yes")
    assert helpline("rota", "rotation", "list", "--json").json == []
    (version,) = helpline("rota", "rotation", "list", "--json", "--all").json
    assert version == {
        "line": "france",
        "name": "nights",
        "version": 1,
        "tier": 1,
        "days": [1, 2, 3, 4, 5, 6, 7],
        "starts": "20:00",
        "ends": "08:00",
        "every": 1,
        "unit": "week",
        "anchor": "2026-03-16",
        "people": ["Alix Exemple", "Boris Exemple"],
        "from": "2026-03-16",
        "until": "2026-03-16",
    }


def test_a_change_says_who_is_on_call_otherwise_and_what_stays(helpline: Run, added: Done, desk: Desk) -> None:
    """Published shifts stay, and until when."""
    publishing.run(desk, NOON)
    done = helpline(
        "rota", "rotation", "change", "france", "nights", "Charlie Exemple", "--from", "2026-04-15", "--yes"
    )
    assert "6 published shifts stay as they are until 2026-04-21 08:00" in done.out
    assert "Tue 2026-04-21 20:00 to Wed 2026-04-22 08:00: Boris Exemple -> Charlie Exemple" in done.out
    assert {shift.person for shift in held(desk) if shift.status == "planned"} == {CHARLIE}
    assert materialising.run(desk, NOON) == 0


def test_a_change_of_the_hours_keeps_the_rest(helpline: Run, added: Done, desk: Desk) -> None:
    """People, days and turns."""
    before = [shift.person for shift in held(desk)]
    helpline("rota", "rotation", "change", "france", "nights", "--starts", "21:00", "--from", "2026-03-18", "--yes")
    assert [shift.person for shift in held(desk)] == before
    line = desk.lines["france"]
    assert [line.local(shift.start).hour for shift in held(desk)[:3]] == [20, 20, 21]


def test_whoever_cannot_have_their_turn_is_told_of(helpline: Run, desk: Desk) -> None:
    """With when the seat is open."""
    away = {"person": ALIX, "starts_at": NOON + 7 * DAY, "ends_at": NOON + 8 * DAY, "hard": True}
    with desk.store.durable() as tx:
        tx.execute(insert(Absence).values(**away))
    assert "1 shift nobody holds, for whose turn it is can't:\n  Tue 2026-03-17 20:00 to Wed" in add(helpline).out


def test_an_end_is_told_and_undone(helpline: Run, added: Done, desk: Desk) -> None:
    """With the number of the edit."""
    done = helpline("rota", "rotation", "end", "france", "nights", "--from", "2026-03-17", "--yes")
    assert done.out.startswith("1 shift to come, the last on 2026-03-16\n")
    assert len(held(desk)) == 1
    assert helpline("rota", "undo", "2", "--yes").code == 0
    assert len(held(desk)) == 175


UNREADABLE = (
    (("--starts", "24:00"), ["'24:00' isn't a time of day", "midnight as 00:00"]),
    (("--ends", "8 h"), ["'8 h' isn't a time of day"]),
    (("--days", "5-1"), ["'5-1' aren't days", "1 is Monday"]),
    (("--days", "0"), ["'0' aren't days"]),
    (("--from", "2026-03-09"), ["2026-03-09 is past", "write 2026-03-10 or a later day"]),
    (("--from", "16.03.2026"), ["isn't a day"]),
    (("--anchor", "never"), ["isn't a day"]),
)


def test_what_cannot_be_read_is_refused(helpline: Run, desk: Desk) -> None:
    """With how to write it, and nothing is done."""
    for options, words in UNREADABLE:
        refused(add(helpline, *options), *words)
    assert held(desk) == []


IMPOSSIBLE = (
    (("add", "france", "days", "Alix Exempel", *HOURS), ["nobody is called", "did you mean 'Alix Exemple'?"]),
    (("add", "spain", "days", "Alix Exemple", *HOURS), ["no line 'spain'"]),
    (("add", "france", "nights", "Alix Exemple", *HOURS), ["has a rotation 'nights' already"]),
    (("change", "france", "nights", "--from", "2026-03-20"), ["say what is to be otherwise"]),
    (("change", "france", "days", "--every", "2", "--from", "2026-03-20"), ["no rotation 'days'; it has: nights"]),
    (("end", "france", "nights", "--from", "2026-03-09"), ["the past doesn't change"]),
    (("list", "--line", "spain"), ["no line 'spain'"]),
)


def test_what_cannot_be_done_is_refused(helpline: Run, added: Done, desk: Desk) -> None:
    """With what would mend it."""
    before = held(desk)
    for arguments, words in IMPOSSIBLE:
        refused(helpline("rota", "rotation", *arguments), *words)
    assert held(desk) == before
