"""Swaps wait for the coordinator, who sees what they come to; open seats wait for anybody."""

from helpline.shifts.editing import Desk
from helpline.shifts.swapping import accept, offer, withdraw
from rota.staff import DAY, Limits
from tests.pages.rota.planned import confirm, form, landed, put, standing
from tests.pages.signed import Office, words
from tests.shell import ALIX, BORIS, CHARLIE, NOON


def desk(site: Office) -> Desk:
    """Where psychologists swap."""
    return Desk(site.service.store, site.service.lines, Limits())


def accepted(site: Office) -> int:
    """Alix's shift of tomorrow, taken by Boris for his of the day after; the swap's number."""
    mine, theirs = put(site, ALIX, DAY), put(site, BORIS, 2 * DAY)
    number = offer(desk(site), mine, BORIS, theirs, f"person:{ALIX}", NOON).swap.id
    accept(desk(site), number, BORIS, f"person:{BORIS}", NOON, back=theirs)
    return number


def test_a_swap_is_approved_as_it_was_shown(site: Office) -> None:
    """From the list to the swap to its button; tapped twice it is approved once."""
    number = accepted(site)
    browser = site.browser("coordinator")
    said = words(browser.get("/rota/swaps"))
    assert "Alix Exemple donne une garde à Boris Exemple mer. 11 mars, 13:00–21:00" in said
    assert "En échange de : jeu. 12 mars, 13:00–21:00" in said
    shown = browser.get(f"/rota/swaps/{number}")
    assert "Boris Exemple au lieu de Alix Exemple" in words(shown)
    approve = f"/rota/swaps/{number}/approve"
    answer = confirm(browser, shown, approve)
    assert "L’échange est fait" in landed(browser, answer)
    assert standing(site) == [(BORIS, 24, 32), (ALIX, 48, 56)]
    assert confirm(browser, shown, approve).headers["Location"] == answer.headers["Location"]
    assert "Les derniers terminés" in words(browser.get("/rota/swaps"))
    assert "Échange fait · Alix Exemple donne une garde à Boris Exemple" in words(browser.get("/rota/audit"))


def test_a_swap_is_refused(site: Office) -> None:
    """Nothing changes hands; said twice it is said once."""
    number = accepted(site)
    browser = site.browser("coordinator")
    refuse = f"/rota/swaps/{number}/refuse"
    form(browser.get(f"/rota/swaps/{number}"), refuse)
    assert {landed(browser, browser.post(refuse)) for _ in range(2)}
    assert standing(site) == [(ALIX, 24, 32), (BORIS, 48, 56)]


def test_what_has_been_withdrawn_meanwhile_is_said(site: Office) -> None:
    """Approving comes too late, and says so in words."""
    number = accepted(site)
    browser = site.browser("coordinator")
    shown = browser.get(f"/rota/swaps/{number}")
    withdraw(desk(site), number, f"person:{ALIX}", NOON, by=ALIX)
    answer = confirm(browser, shown, f"/rota/swaps/{number}/approve", 409)
    assert "Cet échange a été retiré." in words(answer.text)
    assert "Cet échange a été retiré." in words(browser.post(f"/rota/swaps/{number}/refuse", 409).text)
    assert f'action="/rota/swaps/{number}/refuse"' not in browser.get(f"/rota/swaps/{number}")


def test_what_would_be_wrong_is_there_before_the_button(site: Office) -> None:
    """A soft limit is told; where it can't be any more, there is no button."""
    number = accepted(site)
    put(site, BORIS, DAY + 9 * 3600)
    browser = site.browser("coordinator")
    assert "Boris Exemple aurait trop peu de repos" in words(browser.get(f"/rota/swaps/{number}"))
    put(site, BORIS, DAY)
    shown = browser.get(f"/rota/swaps/{number}")
    assert "aurait deux gardes de la même ligne en même temps" in words(shown)
    assert "/approve" not in shown
    for number in (77, 10**30):
        browser.get(f"/rota/swaps/{number}", 404)


def test_open_seats_lead_to_where_they_are_filled(site: Office) -> None:
    """Each of the next sixty days."""
    seat = put(site, None, DAY)
    put(site, CHARLIE, 2 * DAY)
    page = site.browser("coordinator").get("/rota/swaps")
    assert "mer. 11 mars, 13:00–21:00" in words(page)
    assert f'href="/rota/cell/{seat}"' in page
    assert page.count("Trouver quelqu’un") == 1
