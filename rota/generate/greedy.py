"""A first assignment: the seats with the fewest people first, each to whoever costs least."""

from __future__ import annotations

from rota.generate.board import Board


def place_fixed(board: Board) -> None:
    """Fixed seats go to whom they are fixed to, whatever that breaks."""
    problem = board.ground.problem
    for seat, person in problem.fixed.items():
        board.move(seat, board.ground.place[person])


def place_before(board: Board) -> None:
    """Seats stay with whoever holds them, but for those who are gone, away, or hold another at that time.

    A limit that was broken before is no reason to lose a shift: whoever planned it knew.
    """
    problem, ground = board.ground.problem, board.ground
    for seat, person in sorted(problem.before.items()):
        number = ground.place.get(person)
        if seat in board.fixed or number is None:
            continue
        if ground.against(number, board.has[number], seat) not in {"absent", "overlap"}:
            board.move(seat, number)


def fill(board: Board) -> None:
    """Every seat that is nobody's goes to the cheapest of those whom it fits."""
    empty = [seat for seat, holder in enumerate(board.holder) if holder == board.nobody and board.who[seat]]
    for seat in sorted(empty, key=lambda n: (len(board.who[n]), board.ground.seats[n].start, n)):
        fitting = [(board.price(seat, p), p) for p in board.who[seat] if board.fits(p, seat)]
        if fitting:
            board.move(seat, min(fitting)[1])
