"""Who answers in the demonstration, and in which order they take turns. Fictitious, with numbers kept for fiction."""

from __future__ import annotations

from collections.abc import Sequence

from rota.table import PersonRow


def _person(name: str, number: int, *languages: str, tiers: tuple[int, ...] = (1, 2), share: int = 100) -> PersonRow:
    email = f"{name.lower()}@example.org"
    return PersonRow(f"{name} Exemple", f"+331990001{number}", languages, email, tiers=tiers, share=share)


PEOPLE = (
    _person("Camille", 11, "fr", "en"),
    _person("Dominique", 12, "fr", "nl"),
    _person("Sacha", 13, "fr", "de", "en"),
    _person("Andrea", 14, "fr", "nl"),
    _person("Ariel", 15, "fr", "en"),
    _person("Eden", 16, "fr", "de"),
    _person("Louison", 17, "nl", "fr"),
    _person("Maxime", 18, "fr", "en"),
    _person("Morgan", 19, "fr", "nl", "en"),
    _person("Swann", 20, "fr", "de"),
    _person("Jessy", 21, "fr", "nl", "en"),
    _person("Robin", 22, "fr", "en", tiers=(2,), share=10),
    _person("Lou", 23, "fr", "nl", tiers=(2,), share=10),
)
REINFORCING = PEOPLE[-2:]
"""Who is on call on Saturdays only."""
TURNS = PEOPLE[:-2]
SEATS = (1, 1, 2)
"""Tiers of those who are on call together."""
STEP = len(SEATS)


def on_call(turn: int) -> Sequence[tuple[int, PersonRow]]:
    """Tiers and people of a half-day, counted from the one that the first three begin with.

    Eleven people in three seats: everybody comes on every third or fourth half-day, now by day and now by night, rests
    for a day at least, and two are free to stand in.
    """
    return [(tier, TURNS[(STEP * turn + seat) % len(TURNS)]) for seat, tier in enumerate(SEATS)]
