import pytest
from sqlalchemy import select

from helpline.shifts.absences import add_absence
from helpline.shifts.importing import Tables, import_tables
from helpline.store.rota_tables import Absence
from rota.model import Span
from tests.pages.my.helping import DAY, HOUR, desk_of, put, standing, thumb
from tests.pages.signed import Office
from tests.shell import ALIX, BORIS, CHARLIE, NOON
from tests.shifts import desks

MIDNIGHT = 11 * HOUR
"""Seconds from noon, UTC, to the next midnight in Paris."""


def absences(site: Office) -> list[tuple[int, int, int, bool]]:
    """Person, start and end in hours after noon, and whether it is hard."""
    with site.service.store.read() as connection:
        rows = connection.execute(select(*Absence.__table__.c).order_by(Absence.starts_at))
        return [(row.person, (row.starts_at - NOON) // HOUR, (row.ends_at - NOON) // HOUR, row.hard) for row in rows]


def test_an_absence_that_changes_nothing_is_announced_by_one_tap(either_site: Office) -> None:
    """Its last day is part of it, on the line's clocks; it is listed, and its form is empty again."""
    page = thumb(either_site).open("/my/absences").type(first="2026-03-12", last="2026-03-13").tap("Annoncer")
    assert page.taps == 1
    assert "C’est noté." in page.says
    assert "du jeu. 12 mars au ven. 13 mars inclus" in page.says
    assert absences(either_site) == [(ALIX, 35, 83, True)]


def test_what_it_would_open_is_shown_first(either_site: Office) -> None:
    """Nothing changes by the first tap, which shows the gap and who could take it; the second announces it."""
    put(either_site, ALIX, 2 * DAY)
    page = thumb(either_site).open("/my/absences").type(first="2026-03-12").tap("Annoncer")
    assert "personne d’astreinte" in page.says
    assert "Boris Exemple" in page.says
    assert absences(either_site) == []
    page.tap("Annoncer l’absence")
    assert page.taps == 2
    assert absences(either_site) == [(ALIX, 35, 59, True)]
    assert standing(either_site) == [(None, 48, 56)]


def test_nothing_is_done_but_what_was_shown(site: Office) -> None:
    """A shift came in while the page was read: it is shown anew."""
    put(site, ALIX, 2 * DAY)
    page = thumb(site).open("/my/absences").type(first="2026-03-12").tap("Annoncer")
    put(site, ALIX, 2 * DAY, line="belgium")
    page.tap("Annoncer l’absence")
    assert absences(site) == []
    page.tap("Annoncer l’absence")
    assert len(absences(site)) == 1


def test_an_absence_from_now_on_needs_no_third_tap(site: Office) -> None:
    """Seconds pass between the two taps: what is shown is still what is done."""
    put(site, ALIX, -HOUR)
    page = thumb(site).open("/my/absences").type(first="2026-03-10").tap("Annoncer")
    site.clock.at += 20
    page.tap("Annoncer l’absence")
    assert "C’est noté." in page.says


def test_a_part_of_a_day(site: Office) -> None:
    """From and until are times of the first and the last day."""
    fields = {"first": "2026-03-12", "last": "2026-03-13", "since": "18:00", "until": "09:30"}
    thumb(site).open("/my/absences").type(**fields).tap("Annoncer")
    with site.service.store.read() as connection:
        [row] = connection.execute(select(Absence.starts_at, Absence.ends_at)).all()
    assert (row.starts_at - NOON, row.ends_at - NOON) == (2 * DAY + 5 * HOUR, 3 * DAY - 3.5 * HOUR)


def test_a_wish_takes_no_shift(site: Office) -> None:
    """Rather not on call: what I hold stays mine."""
    put(site, ALIX, 2 * DAY)
    page = thumb(site).open("/my/absences").type(first="2026-03-12")
    page.choose("là, mais de préférence pas d’astreinte").tap("Annoncer")
    assert "si possible" in page.says
    assert standing(site) == [(ALIX, 48, 56)]
    assert absences(site) == [(ALIX, 35, 59, False)]


def test_tapped_twice_it_is_announced_once(site: Office) -> None:
    """The second tap finds it noted, and says so."""
    page = thumb(site).open("/my/absences").type(first="2026-03-12").again("Annoncer")
    assert "C’est noté." in page.says
    assert len(absences(site)) == 1


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"first": ""}, "first", "Choisissez un jour"),
        ({"first": "12/03/2026"}, "first", "Choisissez un jour"),
        ({"first": "9999-12-31"}, "first", "Choisissez un jour"),
        ({"first": "2026-03-12", "last": "x"}, "last", "Choisissez un jour"),
        ({"first": "2026-03-12", "last": "2026-03-11"}, "last", "La fin doit venir après le début."),
        ({"first": "2026-03-08", "last": "2026-03-09"}, "last", "C’est déjà passé."),
        ({"first": "2026-03-12", "since": "25:00"}, "since", "Écrivez une heure"),
        ({"first": "2026-03-12", "since": "18:00", "until": "17:00"}, "last", "La fin doit venir après le début."),
    ],
)
def test_what_can_not_be_read_is_said_and_kept(site: Office, fields: dict[str, str], field: str, said: str) -> None:
    """The fault stands at its field, and what was typed is still there."""
    page = thumb(site).open("/my/absences").type(**fields).tap("Annoncer")
    assert page.status == 400
    assert said in page.says
    assert f'id="{field}-wrong"' in page.html
    assert all(f'value="{text}"' in page.html for text in fields.values())
    assert absences(site) == []


def test_an_absence_of_years_is_refused_in_words(site: Office) -> None:
    """What the rota refuses is told in the reader's language, with what was typed."""
    page = thumb(site).open("/my/absences").type(first="2026-03-12", last="2031-03-12").tap("Annoncer")
    assert page.status == 409
    assert 'lang="en"' not in page.html.partition("<main")[2].partition("</main>")[0]
    assert 'value="2031-03-12"' in page.html


def test_an_absence_without_shifts_ends_by_one_tap(site: Office) -> None:
    """It is gone; a second tap finds nothing."""
    page = thumb(site).open("/my/absences").type(first="2026-03-12").tap("Annoncer").again("Terminer")
    assert page.status == 200
    assert absences(site) == []


@pytest.mark.parametrize(("button", "holder"), [("reprendre mes gardes", ALIX), ("Terminer seulement", None)])
def test_whoever_ends_one_says_whether_they_want_their_shifts_back(
    either_site: Office, button: str, holder: int | None
) -> None:
    """It asks, and does what was chosen."""
    put(either_site, ALIX, 2 * DAY)
    page = thumb(either_site).open("/my/absences").type(first="2026-03-12").tap("Annoncer").tap("Annoncer l’absence")
    page.tap("Terminer")
    assert "Les voulez-vous de nouveau" in page.says
    assert len(absences(either_site)) == 1
    page.tap(button)
    assert absences(either_site) == []
    assert standing(either_site) == [(holder, 48, 56)]


def test_shifts_that_others_have_taken_are_not_offered_back(site: Office) -> None:
    """Then the absence just ends."""
    put(site, ALIX, 2 * DAY)
    page = thumb(site).open("/my/absences").type(first="2026-03-12").tap("Annoncer").tap("Annoncer l’absence")
    thumb(site, BORIS).open("/my/shifts").tap("Voir la garde").tap("Je la prends")
    page.tap("Terminer")
    assert "L’absence est terminée." in page.says
    assert standing(site) == [(BORIS, 48, 56)]


def test_others_absences_are_no_business_of_mine(site: Office) -> None:
    """Neither shown nor ended."""
    add_absence(desk_of(site), CHARLIE, Span(NOON + DAY, NOON + 2 * DAY), "cli", NOON)
    assert "Aucune absence annoncée." in thumb(site).open("/my/absences").says
    site.browser("psychologist").post("/my/absences/1/end", 303)
    assert len(absences(site)) == 1


def test_its_days_are_those_of_the_line_that_i_answer(site: Office) -> None:
    """The page names the town whose clocks it means."""
    assert "Heures de Paris." in thumb(site).open("/my/absences").says
    desks.put(desk_of(site), ALIX, DAY, line="belgium")
    assert "Heures de Bruxelles." in thumb(site).open("/my/absences").says


def test_an_absence_from_a_table_ends_without_touching_others(site: Office) -> None:
    """The coordinators imported two people's together: mine ends, and Boris's stays with what it took."""
    put(site, ALIX, 2 * DAY)
    put(site, BORIS, 3 * DAY)
    table = "person,start,end,hard\nAlix Exemple,2026-03-12,2026-03-12,\nBoris Exemple,2026-03-13,2026-03-13,\n"
    import_tables(desk_of(site), Tables(absences=table, clocks="france", take_off=True), "cli", NOON)
    page = thumb(site).open("/my/absences").tap("Terminer")
    assert "L’absence est terminée." in page.says
    assert [person for person, *_ in absences(site)] == [BORIS]
    assert standing(site) == [(None, 48, 56), (None, 72, 80)]
