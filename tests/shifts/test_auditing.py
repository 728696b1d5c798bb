"""Every edit has its words, whoever made it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from helpline.shifts.auditing import Words, read_audit
from helpline.shifts.editing import Desk, editing
from helpline.shifts.swapping import accept, offer, take
from rota.staff import DAY
from tests.shell import ALIX, BORIS, CHARLIE, NOON, lines_in
from tests.shifts.desks import UNAPPROVED, desk_on, put

NAMES = {ALIX: "Alix Exemple", BORIS: "Boris Exemple"}
AWAY = {4: (NOON, NOON + DAY)}


@pytest.fixture
def words(tmp_path: Path) -> Words:
    """Of both lines."""
    return Words(NAMES, AWAY, lines_in(tmp_path))


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Swaps are a matter of the two."""
    with desk_on(either_database_url, tmp_path, UNAPPROVED) as desk:
        yield desk


@pytest.mark.parametrize(
    ("kind", "about", "told"),
    [
        ("swap", {"swap": 3, "step": "offered"}, "swap 3: offered"),
        ("undo", {"edit": 7}, "edit 7 taken back"),
        ("take", {"person": BORIS, "shift": 5}, "Boris Exemple takes the open seat 5"),
        ("leave", {"person": ALIX, "at": None, "was": NOON}, "Alix Exemple stays after all"),
        ("absence", {"person": ALIX, "absences": [3], "hard": False}, "Alix Exemple would rather be off"),
        (
            "absence",
            {"person": ALIX, "absences": [3, 4], "hard": True},
            "Alix Exemple is away, 2026-03-10 13:00 to 2026-03-11 13:00",
        ),
        ("absence-end", {"person": 9, "absences": [3], "hard": True}, "person 9 isn't away after all"),
        (
            "absence-end",
            {"person": BORIS, "absences": [3], "hard": False},
            "Boris Exemple wouldn't rather be off after all",
        ),
        (
            "override",
            {"line": "france", "tier": 2, "start": NOON, "end": NOON + 3600, "remove": ALIX, "add": None},
            "nobody for Alix Exemple on france tier 2, 2026-03-10 13:00 to 2026-03-10 14:00",
        ),
        (
            "rotation",
            {"line": "france", "rotation": "nights", "since": "2027-01-01"},
            "rotation nights on france, from 2027-01-01 on",
        ),
        ("proposal", {"proposal": 3}, "proposal 3 applied"),
        ("rule", {"rule": 3}, "rule 3 added"),
        ("rule-end", {"rule": 3, "was": None}, "rule 3 ended"),
        ("import", {"people": 1, "shifts": 2, "absences": []}, "tables imported"),
        ("horizon", {}, "the rotations' next shifts"),
        ("something new", {"of": 3}, "something new"),
    ],
)
def test_an_edit_in_words(words: Words, kind: str, about: dict[str, object], told: str) -> None:
    """By its kind and what is kept of it; times of an absence only as long as it is kept itself."""
    assert words.of(kind, about) == told


@pytest.mark.parametrize(
    ("actor", "told"), [("cli", "the coordinator"), ("job", "by itself"), ("person:2", "Boris Exemple"), ("x:y", "x:y")]
)
def test_whoever_made_it(words: Words, actor: str, told: str) -> None:
    """By their name, if it was one of the people."""
    assert words.actor(actor) == told


def test_whoever_signed_in_has_a_name(words: Words) -> None:
    """A coordinator who is no psychologist is known by their account, while it is there."""
    known = replace(words, accounts={5: "Dana Exemple"})
    assert (known.actor("account:5"), known.actor("account:6")) == ("Dana Exemple", "account 6")


def test_edits_are_told_the_newest_first(desk: Desk) -> None:
    """With how many shifts they made, took away and cut short; older ones are left out."""
    put(desk, ALIX, DAY)
    seat = put(desk, None, 2 * DAY)
    offer(desk, 1, None, None, "person:1", NOON - DAY)
    accept(desk, 1, BORIS, "person:2", NOON)
    take(desk, seat, CHARLIE, "person:3", NOON + 1)
    with editing(desk, "horizon", "job", NOON + 2):
        pass
    with desk.store.read() as connection:
        entries = read_audit(connection, desk, NOON)
    assert [(e.actor, e.words, e.added, e.cancelled, e.shortened) for e in entries] == [
        ("by itself", "the rotations' next shifts", 0, 0, 0),
        ("Charlie Exemple", "Charlie Exemple takes the open seat 2", 1, 1, 0),
        ("Boris Exemple", "swap 1: done", 1, 1, 0),
    ]
