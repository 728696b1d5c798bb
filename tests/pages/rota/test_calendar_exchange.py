"""Two shifts exchange their holders: dropped on one another, or chosen; and the list of what is missing."""

from __future__ import annotations

import pytest

from tests.pages.rota.shifts import Page, held, put, statements
from tests.pages.signed import Office
from tests.shell import ALIX, BORIS, CHARLIE


@pytest.fixture
def seats(site: Office) -> list[int]:
    """Alix, then Boris, then Charlie."""
    return put(site, (ALIX, 7, 19), (BORIS, 31, 43), (CHARLIE, 55, 67))


def test_a_shift_dropped_on_another_is_shown_and_then_exchanged(site: Office, seats: list[int]) -> None:
    """The address that the script goes to changes nothing; its button does."""
    shown = Page(site.browser("coordinator"), f"/rota/exchange?a={seats[0]}&b={seats[1]}")
    assert "Ces deux gardes changeraient de mains" in shown.words
    assert held(site)[0] == (ALIX, 7, 19)
    done = shown.press("Échanger")
    assert "les gardes sont échangées" in done.words
    assert held(site)[:2] == [(BORIS, 7, 19), (ALIX, 31, 43)]
    assert "tout est comme avant" in done.press("Annuler").words
    assert held(site)[0] == (ALIX, 7, 19)


def test_an_exchange_is_reached_without_a_script(site: Office, seats: list[int]) -> None:
    """From the shift to a list of the others around it, to what it would come to, to its button."""
    page = Page(site.browser("coordinator"), f"/rota/cell/{seats[0]}").click("Échanger avec une autre garde")
    assert "Boris Exemple" in page.words
    assert "Charlie Exemple" in page.words
    done = page.press("Voir ce que cela change", b=str(seats[2])).press("Échanger")
    assert done.clicks == 3
    assert held(site)[0] == (CHARLIE, 7, 19)


def test_an_exchange_tapped_twice_is_made_once(site: Office, seats: list[int]) -> None:
    """And not back again."""
    shown = Page(site.browser("coordinator"), f"/rota/exchange?a={seats[0]}&b={seats[1]}")
    for _ in range(2):
        assert "les gardes sont échangées" in shown.press("Échanger").words
    assert held(site)[:2] == [(BORIS, 7, 19), (ALIX, 31, 43)]


def test_an_exchange_that_can_not_be_says_why(site: Office, seats: list[int]) -> None:
    """A shift with itself, or with one that is gone."""
    browser = site.browser("coordinator")
    assert "C’est déjà ainsi" in browser.get(f"/rota/exchange?a={seats[0]}&b={seats[0]}", 400)
    assert "entre-temps" in browser.get(f"/rota/exchange?a={seats[0]}&b=999", 409)
    assert "n’existe pas" in browser.get("/rota/exchange?a=999&b=1", 404)
    assert "n’existe pas" in browser.get("/rota/exchange", 404)


def test_what_is_missing_is_listed_with_who_could_take_it(site: Office) -> None:
    """One tap mends it, and leads back to the list."""
    put(site, (ALIX, -600, 7), (BORIS, 19, 1000))
    put(site, (ALIX, -600, 1000), line="belgium")
    page = Page(site.browser("coordinator"), "/rota/gaps?line=france")
    assert "mar. 10 mars, 20:00–08:00" in page.words
    done = page.press("Confier à Charlie")
    assert done.path.startswith("/rota/gaps")
    assert "Aucun trou à combler" in done.words
    assert held(site)[2] == (CHARLIE, 7, 19)


def test_the_list_looks_as_far_as_is_asked(site: Office) -> None:
    """A week, or eight; whatever else is asked, four; weak cover is folded away."""
    put(site, (ALIX, -600, 24 * 10), (BORIS, 24 * 10 + 2, 24 * 100))
    browser = site.browser("coordinator")
    assert "Aucun trou" in Page(browser, "/rota/gaps?line=france&weeks=1").words
    for weeks in ("8", "x", "999999"):
        assert "ven. 20 mars, 13:00–15:00" in Page(browser, f"/rota/gaps?line=france&weeks={weeks}").words
    put(site, (ALIX, -600, 24 * 100), line="belgium")
    assert "<details>" in browser.get("/rota/gaps?line=belgium")


def test_the_list_reads_as_much_for_many_gaps_as_for_one(site: Office) -> None:
    """No statement for each."""
    browser = site.browser("coordinator")
    put(site, (ALIX, -600, 7), (BORIS, 19, 1000))
    browser.get("/rota/gaps")
    few = statements(site, browser, "/rota/gaps")
    put(site, *[(None, n * 24, n * 24 + 8) for n in range(1, 20)], line="belgium")
    assert statements(site, browser, "/rota/gaps") == few <= 8
