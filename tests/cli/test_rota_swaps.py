"""`rota swap|take`: shifts that people give each other, from the offer to giving back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline.shifts.editing import Desk
from helpline.store.rota_tables import Swap
from rota.staff import DAY
from tests.cli.conftest import Run, refused
from tests.cli.desks import desk_in, set_clock
from tests.shell import ALIX, BORIS, CHARLIE, rows_of
from tests.shifts.desks import on_call, put

OFFER = ("rota", "swap", "offer", "Alix Exemple", "2026-03-11T14:00")


@pytest.fixture
def desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Alix is on call tomorrow, Boris the day after, nobody in three days."""
    set_clock(monkeypatch)
    with desk_in(folder) as desk:
        put(desk, ALIX, DAY)
        put(desk, BORIS, 2 * DAY)
        put(desk, None, 3 * DAY)
        yield desk


def test_a_swap_from_offer_to_giving_back(desk: Desk, helpline: Run) -> None:
    """Each step is shown before it is made."""
    shown = helpline(*OFFER, "--back", "any")
    assert shown.out.splitlines() == [
        "could take it: Boris Exemple, Charlie Exemple",
        "swap, offered: Alix Exemple gives shift 1 to anybody for a shift back",
        "nothing was changed; add --yes to do it",
    ]
    assert rows_of(desk.store, Swap) == []
    assert helpline(*OFFER, "--back", "any", "--yes").out.endswith("done\n")
    accepted = helpline("rota", "swap", "accept", "1", "Boris Exemple", "--back", "2026-03-12T14:00", "--yes")
    assert "no shift has changed hands yet: the coordinator has to approve it" in accepted.out
    assert on_call(desk, DAY) == [ALIX]
    approved = helpline("rota", "swap", "approve", "1", "--yes")
    assert approved.out.splitlines()[:3] == [
        "swap 1, done: Alix Exemple gives shift 1 to Boris Exemple for shift 2",
        "  france tier 1  Wed 2026-03-11 13:00 to Wed 2026-03-11 21:00: Alix Exemple -> Boris Exemple",
        "  france tier 1  Thu 2026-03-12 13:00 to Thu 2026-03-12 21:00: Boris Exemple -> Alix Exemple",
    ]
    assert (on_call(desk, DAY), on_call(desk, 2 * DAY)) == ([BORIS], [ALIX])
    assert helpline("rota", "swap", "give-back", "1", "--yes").code == 0
    assert (on_call(desk, DAY), on_call(desk, 2 * DAY)) == ([ALIX], [BORIS])


def test_swaps_are_listed(desk: Desk, helpline: Run) -> None:
    """Those that wait for somebody, or all; in words and for scripts."""
    assert helpline("rota", "swap", "list").out == "no swap waits for anybody\n"
    helpline(*OFFER, "--to", "Boris Exemple", "--back", "2", "--yes")
    assert helpline("rota", "swap", "list").out.splitlines() == [
        "swap 1, offered: Alix Exemple gives shift 1 to Boris Exemple for shift 2",
        "  1: france tier 1, Wed 2026-03-11 13:00 to Wed 2026-03-11 21:00",
        "  2: france tier 1, Thu 2026-03-12 13:00 to Thu 2026-03-12 21:00",
    ]
    assert helpline("rota", "swap", "refuse", "1", "--by", "Boris Exemple", "--yes").code == 0
    assert helpline("rota", "swap", "list", "--json").json == []
    assert helpline("rota", "swap", "list", "--all", "--json").json == [
        {
            "swap": 1,
            "state": "refused",
            "shift": 1,
            "giver": "Alix Exemple",
            "taker": "Boris Exemple",
            "back": 2,
        }
    ]


def test_an_offer_is_withdrawn(desk: Desk, helpline: Run) -> None:
    """By whom it is from; undoing it says the same."""
    helpline(*OFFER, "--yes")
    refused(helpline("rota", "swap", "withdraw", "1", "--by", "Boris Exemple", "--yes"), "isn't theirs to withdraw")
    refused(helpline("rota", "undo", "1", "--yes"), "helpline rota swap withdraw 1")
    assert helpline("rota", "swap", "withdraw", "1", "--by", "Alix Exemple", "--yes").code == 0
    refused(helpline("rota", "swap", "accept", "1", "Boris Exemple", "--yes"), "swap 1 has been withdrawn")


def test_somebody_on_leave_gets_no_shift(desk: Desk, helpline: Run) -> None:
    """With what would help."""
    helpline("rota", "absence", "add", "Charlie Exemple", "--to", "2026-03-20", "--yes")
    refused(helpline(*OFFER, "--to", "Charlie Exemple", "--yes"), "Charlie Exemple", "is away then", "end the absence")


def test_what_can_not_be_is_refused(desk: Desk, helpline: Run) -> None:
    """In words, with what would help; nothing is changed."""
    cases: list[tuple[list[str], str]] = [
        (["offer", "Alix Exemple", "2026-03-12T14:00"], "Alix Exemple isn't on call at 2026-03-12T14:00"),
        (["offer", "Alix Exemple", "2"], "shift 2 is Boris Exemple's, not Alix Exemple's"),
        (["offer", "Alix Exemple", "tomorrow"], "'tomorrow' isn't a time"),
        (["offer", "Alix Exemple", "1", "--back", "2026-03-12T14:00"], "Say --to NAME"),
        (["offer", "Alix Exemple", "1", "--back", "3"], "nobody holds shift 3"),
        (["accept", "5", "Boris Exemple"], "there is no swap 5"),
        (["candidates", "9"], "there is no shift 9 to come"),
        (["candidates", "2026-03-11T14:00"], "there is no open seat"),
    ]
    for arguments, reason in cases:
        refused(helpline("rota", "swap", *arguments), reason)
    assert rows_of(desk.store, Swap) == []


def test_find_my_replacement(desk: Desk, helpline: Run) -> None:
    """Who could have it, and what keeps the others."""
    helpline("rota", "absence", "add", "Charlie Exemple", "--to", "2026-03-20", "--yes")
    done = helpline("rota", "swap", "candidates", "2026-03-11T14:00", "--of", "Alix Exemple")
    assert done.out.splitlines() == [
        "1: france tier 1, Wed 2026-03-11 13:00 to Wed 2026-03-11 21:00: Alix Exemple",
        "  could  Boris Exemple",
        "  can not  Charlie Exemple  is away then; give the shift to somebody else, or end the absence",
    ]
    assert helpline("rota", "swap", "candidates", "1", "--json").json == [
        {"person": "Boris Exemple", "able": True, "because": []},
        {"person": "Charlie Exemple", "able": False, "because": ["absent"]},
    ]


def test_an_open_seat_is_taken(desk: Desk, helpline: Run) -> None:
    """Named by its number or a time within it; without one the open seats are listed."""
    listed = helpline("rota", "take", "Charlie Exemple")
    assert listed.out == "3: france tier 1, Fri 2026-03-13 13:00 to Fri 2026-03-13 21:00\n"
    assert helpline("rota", "take", "Charlie Exemple", "2026-03-13T14:00", "--yes").code == 0
    assert on_call(desk, 3 * DAY) == [CHARLIE]
    assert helpline("rota", "take", "Charlie Exemple").out == "no seat is open\n"
    refused(helpline("rota", "take", "Boris Exemple", "2026-03-13T14:00", "--yes"), "there is no open seat")


def test_of_several_seats_at_one_time_a_number_is_asked_for(desk: Desk, helpline: Run) -> None:
    """With the numbers that there are."""
    put(desk, None, 3 * DAY, tier=2)
    done = helpline("rota", "take", "Charlie Exemple", "2026-03-13T14:00", "--yes")
    refused(done, "write a number", "3: france tier 1", "4: france tier 2")
