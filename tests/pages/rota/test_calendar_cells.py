"""A cell of the calendar: a gap is covered in three clicks; whatever else is changed is shown first."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from helpline.pages.texts import load_texts
from helpline.store.rota_tables import Absence, RotaEdit
from tests.pages.rota.shifts import HOUR, Page, held, numbers, put
from tests.pages.signed import HOST, Office
from tests.shell import ALIX, BORIS, CHARLIE, NOON, rows_of

MARCH = "/rota/calendar?line=france&day=2026-03-10"


@pytest.fixture
def gap(site: Office) -> Office:
    """Alix until tonight, nobody tonight, Boris from tomorrow morning on."""
    put(site, (ALIX, -600, 7), (BORIS, 19, 600))
    return site


@pytest.fixture
def seats(site: Office) -> list[int]:
    """Alix is on call, then Boris, then an open seat."""
    return put(site, (ALIX, -5, 7), (BORIS, 7, 19), (None, 19, 31))


def test_a_gap_is_covered_in_three_clicks(gap: Office) -> None:
    """The calendar, the gap, the person: done, and said what was done."""
    home = Page(gap.browser("coordinator"), "/rota/gaps")
    done = home.click("Calendrier").click("20–08 trou").press("Confier à Charlie")
    assert done.clicks == 3
    assert "C’est fait : la garde est confiée." in done.words
    assert held(gap)[1] == (CHARLIE, 7, 19)
    assert "20–08 Charlie" in done.words


def test_what_was_done_is_undone_by_one_button(gap: Office) -> None:
    """It is there once, for whoever did it, and leads back to where they were."""
    browser = gap.browser("coordinator")
    done = Page(browser, MARCH).click("20–08 trou").press("Confier à Charlie")
    undone = done.press("Annuler")
    assert "tout est comme avant" in undone.words
    assert "20–08 trou" in undone.words
    assert [form for form in Page(browser, done.path).forms if form.button == "Annuler"] == []
    assert len(held(gap)) == 2


def test_nobody_undoes_what_another_has_done_here(gap: Office) -> None:
    """Another coordinator isn't offered it, and can't send the form; the audit is where they would."""
    done = Page(gap.browser("coordinator"), MARCH).click("20–08 trou").press("Confier à Charlie")
    other = gap.browser("coordinator", "operator")
    assert [form for form in Page(other, done.path).forms if form.button == "Annuler"] == []
    edit = rows_of(gap.service.store, RotaEdit)[0]["id"]
    other.post("/rota/cell/undo", 404, edit=str(edit), line="france", day="2026-03-10")
    assert len(held(gap)) == 3


def test_a_button_tapped_twice_does_it_once(gap: Office) -> None:
    """The second tap says the same as the first."""
    page = Page(gap.browser("coordinator"), MARCH).click("20–08 trou")
    for _ in range(2):
        assert "C’est fait" in page.press("Confier à Charlie").words
    assert len(held(gap)) == 3
    assert len(rows_of(gap.service.store, RotaEdit)) == 1


def test_whoever_comes_second_is_told_kindly(gap: Office) -> None:
    """The gap is filled by somebody else: nothing is changed, and what stands there now is shown."""
    page = Page(gap.browser("coordinator"), MARCH).click("20–08 trou")
    Page(gap.browser("coordinator", "operator"), MARCH).click("20–08 trou").press("Confier à Charlie")
    late = page.press("Confier à Charlie", 409)
    assert "Quelqu’un a modifié cela entre-temps." in late.words
    assert "Charlie Exemple" in late.words
    assert len(held(gap)) == 3
    assert "entre-temps" in Page(page.browser, page.path).words


def test_the_best_come_first_with_what_speaks_against_them(gap: Office) -> None:
    """Charlie is free; Alix and Boris would work without rest; whoever is away can't."""
    with gap.service.store.durable() as tx:
        tx.execute(insert(Absence), [{"person": BORIS, "starts_at": NOON + 8 * HOUR, "ends_at": NOON + 9 * HOUR}])
    page = Page(gap.browser("coordinator"), MARCH).click("20–08 trou")
    assert [form.button for form in page.forms if form.button.startswith("Confier")] == [
        "Confier à Charlie Exemple",
        "Confier à Alix Exemple",
    ]
    assert "disponible" in page.words
    assert "Ne peuvent pas" in page.html
    assert f"Boris Exemple – {load_texts()['finding-absent'].fr}" in page.words


def test_what_speaks_against_somebody_is_shown_before_it_is_done(gap: Office) -> None:
    """Alix would work too long: the button shows that, the next one does it."""
    shown = Page(gap.browser("coordinator"), MARCH).click("20–08 trou").press("Confier à Alix", 200)
    assert "Voici ce que cela change" in shown.words
    assert len(held(gap)) == 2
    done = shown.press("Confier à Alix")
    assert "C’est fait" in done.words
    assert held(gap)[1] == (ALIX, 7, 19)


def test_somebody_takes_a_part(site: Office, seats: list[int]) -> None:
    """From and until are typed; the rest stays as it was."""
    page = Page(site.browser("coordinator"), f"/rota/cell/{seats[1]}")
    shown = page.press("Voir ce que cela change", 200, to="3", until="2026-03-11T00:00")
    assert "Charlie Exemple remplacerait Boris Exemple" in shown.words
    shown.press("Confier à Charlie")
    assert held(site)[1:3] == [(CHARLIE, 7, 11), (BORIS, 11, 19)]


def test_somebody_is_replaced_after_it_was_shown(site: Office, seats: list[int]) -> None:
    """Two clicks: whoever was on call hears of it, so it is shown first."""
    shown = Page(site.browser("coordinator"), f"/rota/cell/{seats[1]}").press("Confier à Charlie", 200)
    assert held(site)[1] == (BORIS, 7, 19)
    shown.press("Confier à Charlie")
    assert held(site)[1] == (CHARLIE, 7, 19)


def test_a_seat_is_opened_or_taken_away(site: Office, seats: list[int]) -> None:
    """Both are shown first, with what that opens."""
    browser = site.browser("coordinator")
    page = Page(browser, f"/rota/cell/{seats[1]}")
    opened = page.press("Voir ce que cela change", 200, to="open")
    assert "Ce qui reste sans personne" in opened.words
    assert "la place est libre" in opened.press("Laisser la place libre").words
    assert held(site)[1] == (None, 7, 19)
    seat = Page(browser, f"/rota/cell/{numbers(site)[1]}")
    assert "supprimée" in seat.press("Voir ce que", 200, to="drop").press("Supprimer la place").words
    assert [person for person, *_ in held(site)] == [ALIX, None]


def test_what_was_typed_stays(site: Office, seats: list[int]) -> None:
    """A time that is none, and an end before the beginning: said beside the field, nothing is lost."""
    page = Page(site.browser("coordinator"), f"/rota/cell/{seats[1]}")
    wrong = page.press("Voir ce que", 400, to="3", since="demain", until="2026-03-11T07:30")
    assert 'aria-invalid="true"' in wrong.html
    assert 'value="demain"' in wrong.html
    assert 'value="2026-03-11T07:30"' in wrong.html
    assert '<option value="3" selected' in wrong.html
    turned = page.press("Voir ce que", 400, to="3", since="2026-03-11T08:00", until="2026-03-11T08:00")
    assert "La fin doit venir après le début." in turned.words


def test_going_back_from_what_was_shown_keeps_it(site: Office, seats: list[int]) -> None:
    """The form is as it was filled in."""
    page = Page(site.browser("coordinator"), f"/rota/cell/{seats[1]}")
    shown = page.press("Voir ce que", 200, to="3", until="2026-03-11T00:00")
    form = next(form for form in shown.forms if "seen" in form.fields)
    again = Page(shown.browser, page.path, 0, shown.press(form.button, 200, go="back").html)
    assert 'value="2026-03-11T00:00"' in again.html
    assert '<option value="3" selected' in again.html


def test_whom_nobody_may_plan_is_refused_with_the_reason(site: Office, seats: list[int]) -> None:
    """Beside the list of people; nothing is changed."""
    with site.service.store.durable() as tx:
        tx.execute(insert(Absence), [{"person": CHARLIE, "starts_at": NOON, "ends_at": NOON + 20 * HOUR}])
    page = Page(site.browser("coordinator"), f"/rota/cell/{seats[1]}")
    wrong = page.press("Voir ce que", 400, to="3")
    assert f"Charlie Exemple {load_texts()['finding-absent'].fr}" in wrong.words
    assert held(site)[1] == (BORIS, 7, 19)


def test_somebody_has_to_be_chosen(site: Office, seats: list[int]) -> None:
    """Whatever a form says that isn't one of ours."""
    page = Page(site.browser("coordinator"), f"/rota/cell/{seats[1]}")
    for to in ("", "99", "nobody", "-1"):
        assert "Choisissez quelqu’un dans la liste." in page.press("Voir ce que", 400, to=to).words


def test_a_shift_that_was_changed_says_what_stands_there(site: Office, seats: list[int]) -> None:
    """An old address, from another window or a message, still leads to what is there now."""
    browser = site.browser("coordinator")
    Page(browser, f"/rota/cell/{seats[1]}").press("Confier à Charlie", 200).press("Confier à Charlie")
    old = Page(browser, f"/rota/cell/{seats[1]}")
    assert "entre-temps" in old.words
    assert "mettre quelqu’un d’autre" in old.click("Charlie Exemple").words.lower()


def test_who_holds_it_and_who_is_there_as_well(site: Office, seats: list[int]) -> None:
    """With what is wrong with it, and the others at that time."""
    put(site, (CHARLIE, 7, 19), (BORIS, 20, 28))
    page = Page(site.browser("coordinator"), f"/rota/cell/{seats[1]}")
    assert "Aussi à ces heures : Charlie Exemple Mettre" in page.words
    assert f"Boris Exemple {load_texts()['finding-rest'].fr}" in page.words
    assert "en cours" in Page(page.browser, f"/rota/cell/{seats[0]}").words


def test_what_is_no_cell_is_not_found(site: Office) -> None:
    """With words, whatever the address says."""
    browser = site.browser("coordinator")
    for path in (
        "/rota/cell/999",
        "/rota/cell/99999999999999999999999",
        "/rota/cell/gap",
        "/rota/cell/gap?line=france&tier=1&start=5&end=5",
        "/rota/cell/gap?line=france&tier=1&start=5&end=99999999999",
        "/rota/cell/gap?line=mars&tier=1&start=5&end=6",
        "/rota/cell/gap?line=france&tier=1&start=x&end=6",
    ):
        assert "n’existe pas" in browser.get(path, 404)


def test_a_missing_language_is_mended_beside_the_others(site: Office) -> None:
    """Whoever speaks it is offered, and is there as well."""
    put(site, (ALIX, -600, 600), line="belgium")
    with site.service.store.durable() as tx:
        tx.exec_driver_sql("UPDATE people SET languages = 'nl fr' WHERE id = 3")
    page = Page(site.browser("coordinator"), "/rota/calendar?line=belgium&day=2026-03-10").click("sans néerlandais")
    assert [form.button for form in page.forms if "Confier" in form.button] == ["Confier à Charlie Exemple"]
    page.press("Confier à Charlie")
    assert [person for person, *_ in held(site)] == [ALIX, CHARLIE]


def test_the_past_is_only_looked_at(site: Office) -> None:
    """A shift that is over, and a gap."""
    (number,) = put(site, (ALIX, -30, -20))
    browser = site.browser("coordinator")
    assert "C’est passé" in Page(browser, f"/rota/cell/{number}").words
    answer = browser.client.post(f"/rota/cell/{number}", base_url=HOST, data={"csrf": browser.csrf, "to": "2"})
    assert answer.status_code == 409
    over = f"/rota/cell/gap?line=france&tier=1&start={NOON - 9 * HOUR}&end={NOON - 8 * HOUR}"
    assert "C’est passé" in Page(browser, over).words
