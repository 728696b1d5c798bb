"""Now: who is on call and next, counts of calls and nothing of callers, and what is to be settled."""

from __future__ import annotations

from sqlalchemy import insert

from helpline.messages.notices import REMINDER, SENT, new
from helpline.store.rota_tables import Notice
from helpline.store.tables import WrapUp
from tests.pages.rota.shifts import DAY, HOUR, Page, held, put, statements
from tests.pages.signed import Office
from tests.shell import ALIX, BORIS, CHARLIE, NOON, live_call, live_leg, put_live


def test_who_is_on_call_until_when_and_who_is_next(site: Office) -> None:
    """By line, with the phone that a coordinator may ring."""
    put(site, (ALIX, -5, 7), (BORIS, 7, 100))
    page = Page(site.browser("coordinator"), "/rota")
    assert "Alix Exemple jusqu’à 20:00" in page.words
    assert "+33199000101" in page.words
    assert "20:00 : Alix Exemple → Boris Exemple" in page.words
    assert "Il est 13:00 (Europe/Paris)" in page.words


def test_a_line_without_anybody_says_so_and_leads_to_who_could(site: Office) -> None:
    """Two clicks: find somebody, choose."""
    put(site, (ALIX, -600, -2), (BORIS, 10, 600))
    put(site, (BORIS, -600, 600), line="belgium")
    page = Page(site.browser("coordinator"), "/rota")
    assert "personne d’astreinte" in page.words
    done = page.click("Trouver quelqu’un").press("Confier à Charlie")
    assert (done.clicks, done.path.partition("?")[0]) == (2, "/rota")
    assert "Charlie Exemple jusqu’à" in done.words
    assert (CHARLIE, 0, 10) in held(site)


def test_somebody_is_replaced_from_here(site: Office) -> None:
    """Each seat leads to its cell, and that back here."""
    put(site, (ALIX, -5, 7))
    cell = Page(site.browser("coordinator"), "/rota").click("Remplacer Alix")
    done = cell.press("Confier à Boris", 200).press("Confier à Boris")
    assert "Boris Exemple jusqu’à 20:00" in done.words


def test_calls_are_counted_and_nothing_else(site: Office) -> None:
    """Not who talks, not since when, no caller: two calls of different callers leave the same page."""
    put(site, (ALIX, -5, 7))
    browser = site.browser("coordinator")
    assert "aucun appel" in Page(browser, "/rota").words
    put_live(
        site.service.store,
        [
            live_call("one", state="waiting"),
            live_call("two", state="talking", person=ALIX, entered_at=NOON - 777, carrier_id="CAsecret"),
            live_call("three", state="talking", person=BORIS),
        ],
        [live_leg("leg", "two", ALIX, state="talking")],
    )
    page = Page(browser, "/rota")
    assert "1 appel en attente" in page.words
    assert "2 conversations" in page.words
    assert "Boris" not in page.words
    assert all(each not in page.html for each in ("secret", "two", "CAone"))


def test_what_waits_to_be_coded_is_a_count_of_the_line(site: Office) -> None:
    """How many, and how many of them are due; of nobody by name."""
    row = {"line": "france", "period": "2026-03", "night": False, "lasted": True}
    today = NOON // DAY
    with site.service.store.durable() as tx:
        tx.execute(
            insert(WrapUp),
            [
                row | {"person": ALIX, "due_day": today, "n": 2},
                row | {"person": BORIS, "due_day": today + 1, "n": 3},
            ],
        )
    page = Page(site.browser("coordinator"), "/rota")
    assert "À coder : 5, dont 2 au plus tard aujourd’hui" in page.words
    assert "Boris" not in page.words


def test_shifts_that_nobody_confirmed_are_named(site: Office) -> None:
    """Those that begin soon and whose holder was reminded, and no others."""
    soon, later = put(site, (BORIS, 7, 19), (CHARLIE, 40, 52))
    with site.service.store.durable() as tx:
        for shift, person in ((soon, BORIS), (later, CHARLIE)):
            about = {"person": person, "shift": shift, "seq": 0, "state": SENT, "sent_at": NOON - 2 * HOUR}
            tx.execute(insert(Notice), [new(REMINDER, f"r{shift}", "france", NOON, **about)])
    page = Page(site.browser("coordinator"), "/rota")
    assert "pas confirmé Boris Exemple · mar. 10 mars, 20:00–08:00" in page.words
    assert "pas confirmé Charlie" not in page.words
    assert "Boris Exemple" in page.click("Voir la garde").words


def test_gaps_of_the_next_three_days_are_to_be_settled(site: Office) -> None:
    """Nearer ones, not those further away; each leads to where it is mended."""
    put(site, (ALIX, -600, 30), (BORIS, 40, 100), (ALIX, 110, 600))
    page = Page(site.browser("coordinator"), "/rota")
    assert "mer. 11 mars, 19:00–05:00" in page.words
    assert "dim. 15 mars" not in page.words


def test_a_language_that_nobody_on_call_speaks_is_named(site: Office) -> None:
    """Alix speaks French and English: on the Belgian line two are missing."""
    put(site, (ALIX, -5, 7), line="belgium")
    assert (
        "couverture faible personne pour : allemand et néerlandais" in Page(site.browser("coordinator"), "/rota").words
    )


def test_it_reads_as_much_for_many_shifts_as_for_none(site: Office) -> None:
    """Six statements and the session's."""
    browser = site.browser("coordinator")
    browser.get("/rota")
    none = statements(site, browser, "/rota")
    put(site, *[(person, n * 12 - 5, n * 12 + 7) for n in range(14) for person in (ALIX, BORIS)])
    assert statements(site, browser, "/rota") == none <= 8
