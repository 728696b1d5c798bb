"""Shifts are offered, taken, approved and given back; whoever can't hold one doesn't get it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from helpline.errors import UsageError
from helpline.shifts.absences import add_absence
from helpline.shifts.editing import Desk, EditRefused, undo_edit
from helpline.shifts.offers import read_swaps
from helpline.shifts.overriding import override
from helpline.shifts.swapping import Swapped, accept, approve, give_back, offer, refuse, withdraw
from helpline.store.rota_tables import RotaEdit, Swap
from helpline.store.tables import Person
from rota.model import Span
from rota.staff import DAY, HOUR
from rota.swap import ANY
from tests.shell import ALIX, BORIS, CHARLIE, NOON, rows_of
from tests.shifts.desks import UNAPPROVED, desk_on, put, standing

MINE, THEIRS, OPEN = 1, 2, 3
"""Alix's shift tomorrow, Boris's the day after, and nobody's in three days."""


def filled(desk: Desk) -> Desk:
    """With these shifts."""
    put(desk, ALIX, DAY)
    put(desk, BORIS, 2 * DAY)
    put(desk, None, 3 * DAY)
    return desk


@pytest.fixture
def desk(either_database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Swaps are a matter of the two."""
    with desk_on(either_database_url, tmp_path, UNAPPROVED) as desk:
        yield filled(desk)


@pytest.fixture
def approving(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A coordinator approves each swap."""
    with desk_on(sqlite_url, tmp_path) as desk:
        yield filled(desk)


def state(desk: Desk, number: int = 1) -> str:
    """What is kept of a swap."""
    return next(str(row["state"]) for row in rows_of(desk.store, Swap) if row["id"] == number)


def holders(desk: Desk) -> list[int | None]:
    """Who is on call tomorrow, the day after, and in three days."""
    return [person for person, _, _ in standing(desk)]


def swap(desk: Desk, to: int | None = None, back: int | None = None) -> Swapped:
    """An offer of Alix's shift."""
    return offer(desk, MINE, to, back, "person:1", NOON)


def test_an_offer_changes_no_shift(desk: Desk) -> None:
    """Until somebody takes it, it is still the giver's."""
    made = swap(desk)
    assert (made.swap.giver, made.swap.state, made.outcome.change) == (ALIX, "offered", made.outcome.change)
    assert not made.outcome.change
    assert holders(desk) == [ALIX, BORIS, None]


def test_whoever_takes_an_offer_has_the_shift(desk: Desk) -> None:
    """At once, where no coordinator approves; the edit is kept with the swap."""
    swap(desk)
    done = accept(desk, 1, CHARLIE, "person:3", NOON)
    assert (done.swap.state, done.swap.taker, done.swap.edit) == ("done", CHARLIE, done.outcome.edit)
    assert holders(desk) == [CHARLIE, BORIS, None]
    assert [(each.gone, each.come) for each in done.outcome.differences] == [((ALIX,), (CHARLIE,))]


@pytest.mark.parametrize("asked", [THEIRS, ANY])
def test_a_shift_comes_back_for_it(desk: Desk, asked: int) -> None:
    """The one that was asked for, or whichever the taker gives."""
    swap(desk, None, asked)
    accept(desk, 1, BORIS, "person:2", NOON, back=None if asked else THEIRS)
    assert holders(desk) == [BORIS, ALIX, None]


def test_a_shift_that_is_asked_for_is_offered_to_its_holder(desk: Desk) -> None:
    """Nobody else could give it."""
    assert swap(desk, None, THEIRS).swap.taker == BORIS
    with pytest.raises(UsageError, match="offered to somebody else"):
        accept(desk, 1, CHARLIE, "person:3", NOON)


def test_where_a_coordinator_approves_nothing_changes_before(approving: Desk) -> None:
    """Accepted first; done when they agree."""
    swap(approving)
    assert accept(approving, 1, CHARLIE, "person:3", NOON).swap.state == "accepted"
    assert holders(approving) == [ALIX, BORIS, None]
    assert approve(approving, 1, "cli", NOON).swap.state == "done"
    assert holders(approving) == [CHARLIE, BORIS, None]


@pytest.mark.parametrize(
    ("end", "to"),
    [
        (lambda desk: refuse(desk, 1, "cli", NOON), "refused"),
        (lambda desk: withdraw(desk, 1, "person:1", NOON, by=ALIX), "withdrawn"),
        (lambda desk: withdraw(desk, 1, "person:3", NOON, by=CHARLIE), "withdrawn"),
    ],
    ids=["refused by the coordinator", "withdrawn by the giver", "withdrawn by the taker"],
)
def test_a_swap_ends_before_it_is_done(approving: Desk, end: Callable[[Desk], Swapped], to: str) -> None:
    """The shift stays where it was, and can be offered anew."""
    swap(approving)
    accept(approving, 1, CHARLIE, "person:3", NOON)
    assert end(approving).swap.state == to == state(approving)
    with pytest.raises(UsageError, match=f"swap 1 .*{to}"):
        approve(approving, 1, "cli", NOON)
    assert holders(approving) == [ALIX, BORIS, None]
    assert swap(approving).swap.id == 2


def test_a_rehearsed_step_is_none(desk: Desk) -> None:
    """What it would come to is shown, and undone."""
    offered = offer(desk, MINE, None, None, "cli", NOON, dry=True).swap
    assert (offered.id, offered.state) == (0, "offered")
    assert rows_of(desk.store, Swap) == []
    number = swap(desk).swap.id
    shown = accept(desk, number, CHARLIE, "cli", NOON, dry=True)
    assert shown.outcome.differences
    assert (shown.outcome.edit, state(desk, number), holders(desk)) == (None, "offered", [ALIX, BORIS, None])


def test_somebody_on_leave_gets_no_shift(approving: Desk) -> None:
    """Refused when it is offered to them, when they accept and when it is approved, with what would help."""
    day = Span(NOON + DAY, NOON + 2 * DAY)
    swap(approving)
    add_absence(approving, CHARLIE, day, "cli", NOON)
    reason = r"Charlie Exemple, france 2026-03-11 13:00 to 2026-03-11 21:00: is away then; .*or end the absence"
    with pytest.raises(EditRefused, match=reason):
        accept(approving, 1, CHARLIE, "person:3", NOON)
    withdraw(approving, 1, "cli", NOON)
    for back in (None, ANY):
        with pytest.raises(EditRefused, match="is away then"):
            swap(approving, CHARLIE, back)
    swap(approving)
    accept(approving, 2, BORIS, "person:2", NOON)
    add_absence(approving, BORIS, day, "cli", NOON)
    with pytest.raises(EditRefused, match=r"Boris Exemple, .* is away then"):
        approve(approving, 2, "cli", NOON)
    assert holders(approving) == [ALIX, BORIS, None]


def test_nobody_gets_two_shifts_at_once(approving: Desk) -> None:
    """Unless the other is the one that they give back, which shows when they say so."""
    put(approving, CHARLIE, DAY + HOUR)
    with pytest.raises(EditRefused, match="two shifts of one line at once"):
        swap(approving, CHARLIE)
    swap(approving, CHARLIE, ANY)
    assert accept(approving, 1, CHARLIE, "person:3", NOON, back=4).swap.state == "accepted"


def test_nobody_gets_a_tier_that_is_not_theirs(desk: Desk) -> None:
    """With what would change that."""
    with desk.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == CHARLIE).values(tiers="2"))
    with pytest.raises(EditRefused, match=r"may not hold this tier; .*change their tiers"):
        swap(desk, CHARLIE)


def test_too_little_rest_is_a_warning(approving: Desk) -> None:
    """Shown to whoever decides, and no reason to refuse."""
    put(approving, CHARLIE, DAY + 10 * HOUR, 6)
    swap(approving)
    shown = accept(approving, 1, CHARLIE, "person:3", NOON)
    assert [(found.kind, found.person) for found in shown.warnings] == [("rest", CHARLIE)]
    assert [found.kind for found in approve(approving, 1, "cli", NOON).warnings] == ["rest"]


def test_a_shift_is_in_one_open_swap_at_most(desk: Desk) -> None:
    """Neither offered twice, nor asked for in one and given in another."""
    swap(desk, BORIS, THEIRS)
    for shift, back in ((MINE, None), (THEIRS, None)):
        with pytest.raises(UsageError, match="in swap 1 already"):
            offer(desk, shift, None, back, "cli", NOON)
    other = put(desk, CHARLIE, 4 * DAY)
    offer(desk, other, None, ANY, "cli", NOON)
    with pytest.raises(UsageError, match="in swap 1 already"):
        accept(desk, 2, BORIS, "cli", NOON, back=THEIRS)


def test_a_swap_whose_shift_has_begun_holds_nothing_back(desk: Desk) -> None:
    """The shift that was asked for is free to be offered; the swap is void."""
    swap(desk, BORIS, THEIRS)
    assert offer(desk, THEIRS, None, None, "person:2", NOON + DAY).swap.id == 2
    assert state(desk) == "void"


@pytest.mark.parametrize(
    ("shift", "to", "back", "now", "reason"),
    [
        (9, None, None, 0, "there is no shift 9 any more"),
        (OPEN, None, None, 0, "it can be taken, not offered"),
        (MINE, ALIX, None, 0, "offer it to somebody else"),
        (MINE, None, OPEN, 0, "nobody holds shift 3: take it"),
        (MINE, CHARLIE, THEIRS, 0, "shift 2 is Boris Exemple's"),
        (MINE, None, None, DAY, "has begun"),
        (MINE, None, None, DAY + HOUR, "use an override"),
    ],
)
def test_what_can_not_be_offered(
    desk: Desk, shift: int, to: int | None, back: int | None, now: int, reason: str
) -> None:
    """With the reason; nothing is kept of it."""
    with pytest.raises(UsageError, match=reason):
        offer(desk, shift, to, back, "cli", NOON + now)
    assert rows_of(desk.store, Swap) == rows_of(desk.store, RotaEdit) == []


def test_a_shift_that_was_changed_takes_its_swap_with_it(desk: Desk) -> None:
    """An override of an hour of it makes it another shift: nobody takes what they haven't seen."""
    swap(desk)
    hour = Span(NOON + DAY, NOON + DAY + HOUR)
    override(desk, desk.lines["france"], hour, "cli", NOON, remove=ALIX, add=BORIS)
    assert state(desk) == "void"
    with pytest.raises(UsageError, match="swap 1 is void"):
        accept(desk, 1, CHARLIE, "person:3", NOON)


def test_a_shift_asked_for_that_was_changed_does_too(desk: Desk) -> None:
    """Both are bound."""
    swap(desk, BORIS, THEIRS)
    add_absence(desk, BORIS, Span(NOON + 2 * DAY, NOON + 3 * DAY), "cli", NOON)
    assert state(desk) == "void"


def test_a_shift_that_has_begun_is_not_taken(approving: Desk) -> None:
    """Neither accepted nor approved any more; the list says that it is void."""
    swap(approving)
    with pytest.raises(UsageError, match="shift 1 has begun"):
        accept(approving, 1, CHARLIE, "person:3", NOON + DAY)
    accept(approving, 1, CHARLIE, "person:3", NOON)
    with pytest.raises(UsageError, match="shift 1 has begun"):
        approve(approving, 1, "cli", NOON + DAY)
    with approving.store.read() as connection:
        assert [s.state for s in read_swaps(connection, NOON + DAY, 0)] == ["void"]
        assert [s.state for s in read_swaps(connection, NOON, 0)] == ["accepted"]
        assert read_swaps(connection, NOON, NOON + 1) == []


def test_a_swap_is_given_back(desk: Desk) -> None:
    """By the coordinator, at once: both have again what they had."""
    swap(desk, BORIS, THEIRS)
    accept(desk, 1, BORIS, "person:2", NOON)
    assert give_back(desk, 1, "cli", NOON).swap.state == "void" == state(desk)
    assert holders(desk) == [ALIX, BORIS, None]
    with pytest.raises(UsageError, match="swap 1 is void"):
        give_back(desk, 1, "cli", NOON)


def test_whoever_wants_to_give_back_asks_the_other(desk: Desk) -> None:
    """Nobody gets a shift that they don't know of: it is a new offer, of what was exchanged."""
    swap(desk, BORIS, THEIRS)
    accept(desk, 1, BORIS, "person:2", NOON)
    asked = give_back(desk, 1, "person:2", NOON, by=BORIS).swap
    assert (asked.giver, asked.taker, asked.state) == (BORIS, ALIX, "offered")
    accept(desk, asked.id, ALIX, "person:1", NOON)
    assert holders(desk) == [ALIX, BORIS, None]


@pytest.mark.parametrize(
    ("by", "now", "reason"),
    [
        (CHARLIE, 0, "isn't theirs to give back"),
        (ALIX, 0, "got no shift by swap 1"),
        (None, DAY, "have begun"),
        (BORIS, DAY, "have begun"),
    ],
)
def test_what_can_not_be_given_back(desk: Desk, by: int | None, now: int, reason: str) -> None:
    """By whom it doesn't concern, with nothing to give, or too late."""
    swap(desk)
    accept(desk, 1, BORIS, "person:2", NOON)
    with pytest.raises(UsageError, match=reason):
        give_back(desk, 1, "cli", NOON + now, by=by)


def test_what_was_not_made_is_not_given_back(desk: Desk) -> None:
    """An offer is withdrawn."""
    swap(desk)
    with pytest.raises(UsageError, match="hasn't been accepted yet"):
        give_back(desk, 1, "cli", NOON)


def test_undoing_the_edit_makes_the_swap_void(desk: Desk) -> None:
    """The same as giving it back."""
    swap(desk)
    done = accept(desk, 1, CHARLIE, "person:3", NOON)
    undo_edit(desk, done.outcome.edit or 0, "cli", NOON)
    assert (state(desk), holders(desk)) == ("void", [ALIX, BORIS, None])


def test_a_step_that_changed_no_shift_is_withdrawn_not_undone(desk: Desk) -> None:
    """With the command for it."""
    made = swap(desk)
    with pytest.raises(UsageError, match="helpline rota swap withdraw 1"):
        undo_edit(desk, made.outcome.edit or 0, "cli", NOON)


def test_an_unknown_swap(desk: Desk) -> None:
    """With the command that lists them."""
    with pytest.raises(UsageError, match="there is no swap 7: 'helpline rota swap list'"):
        approve(desk, 7, "cli", NOON)


def test_every_step_is_in_the_audit(desk: Desk) -> None:
    """Who did it, and what became of the swap."""
    swap(desk)
    accept(desk, 1, CHARLIE, "person:3", NOON)
    rows = [(row["actor"], row["kind"], row["about"]) for row in rows_of(desk.store, RotaEdit)]
    assert rows == [
        ("person:1", "swap", '{"swap": 1, "step": "offered"}'),
        ("person:3", "swap", '{"swap": 1, "step": "done"}'),
    ]
