"""The coverage calendar: what it shows of a month and of a week, where it leads, and how little it reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from helpline.pages.rota.calendar_cells import short_names
from helpline.store.tables import Person
from reports.words import LANGUAGES
from tests.pages.rota.shifts import Page, put, statements
from tests.pages.signed import Office, office, words
from tests.shell import ALIX, BORIS, CHARLIE, CONFIG

MARCH = "/rota/calendar?line=france&day=2026-03-10"
WEEK = MARCH + "&view=week"
TWO_TIERS = CONFIG.replace('flow = "france"', 'flow = "france"\ntiers = 2\nrota = { region = "FR" }')


@pytest.fixture
def tiers(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """A line with two tiers, and the public holidays of France."""
    with office(sqlite_url, tmp_path, TWO_TIERS) as opened:
        yield opened


def test_a_month_shows_who_holds_what_when(site: Office) -> None:
    """By the line's clocks, short names, and each leads to its own cell."""
    first, _ = put(site, (ALIX, -5, 7), (BORIS, 7, 19))
    page = Page(site.browser("coordinator"), MARCH)
    assert "08–20 Alix" in page.words
    assert "20–08 Boris" in page.words
    assert ("08–20 Alix", f"/rota/cell/{first}") in page.links
    assert "Fuseau horaire : Europe/Paris" in page.words


def test_what_is_missing_is_said_in_a_word_and_leads_to_where_it_is_mended(site: Office) -> None:
    """A gap is a link with the word for it; nothing but colour would not do."""
    put(site, (ALIX, -600, 7), (BORIS, 19, 600))
    page = Page(site.browser("coordinator"), MARCH)
    assert "1 trou à combler" in page.words
    assert [text for text, _ in page.links if "trou" in text] == ["1 trou à combler", "20–08 trou"]
    assert "personne" in page.click("20–08 trou").words


def test_an_open_seat_is_the_gap(site: Office) -> None:
    """One thing to do is shown once."""
    _, seat, _ = put(site, (ALIX, -600, 7), (None, 7, 19), (BORIS, 19, 600))
    page = Page(site.browser("coordinator"), MARCH)
    assert [link for link in page.links if "trou" in link[0]][1:] == [("20–08 trou", f"/rota/cell/{seat}")]


def test_weak_cover_is_named_by_its_language(site: Office) -> None:
    """Once a day for each language, however many stretches lack it."""
    put(site, (ALIX, -600, 600), line="belgium")
    page = Page(site.browser("coordinator"), "/rota/calendar?line=belgium&day=2026-03-10")
    assert "Aucun trou à combler" in page.words
    assert page.words.count("sans allemand") == len([None for text, _ in page.links if text == "sans allemand"])
    assert 'class="weak"' in page.html


def test_what_is_over_leads_nowhere(site: Office) -> None:
    """The past is shown and can't be changed."""
    put(site, (ALIX, -29, -17))
    html = site.browser("coordinator").get(MARCH)
    assert "<b>08–20</b> Alix" in html
    assert "/rota/cell/1" not in html


def test_a_week_is_told_by_tiers_with_its_hand_offs(tiers: Office) -> None:
    """A row for each tier, and who hands over to whom."""
    put(tiers, (ALIX, -5, 7), (BORIS, 7, 19))
    put(tiers, (CHARLIE, -100, 100), tier=2)
    page = Page(tiers.browser("coordinator"), WEEK)
    assert "20:00 · Alix → Boris" in page.words
    assert page.html.count('<th scope="row">') == 3
    assert "niveau 2" in page.words


def test_days_are_moved_through_by_links(site: Office) -> None:
    """Before, after, today, month and week; the line stays."""
    page = Page(site.browser("coordinator"), MARCH)
    assert "Avril 2026" in page.click("Mois suivant").words
    assert "Février 2026" in page.click("Mois précédent").words
    week = page.click("Semaine")
    assert "lun. 9 mars – dim. 15 mars 2026" in week.words
    assert "lun. 16 mars" in week.click("Semaine suivante").words
    assert "Mars 2026" in week.click("Semaine suivante").click("Aujourd’hui").click("Mois").words
    assert "Ligne d’écoute Belgique, Mars 2026" in page.click("Belgique").words


def test_today_public_holidays_and_changed_clocks_are_said(tiers: Office) -> None:
    """In words, in the reader's language or else in the country's own, marked as such."""
    html = tiers.browser("coordinator").get(MARCH)
    assert 'id="today" aria-current="date"' in html
    assert "aujourd’hui" in html
    assert "changement d’heure : 23 h" in words(html)
    assert "Fête du Travail" in tiers.browser("coordinator").get("/rota/calendar?day=2026-05-10")
    dutch = tiers.browser("coordinator", language="nl").get("/rota/calendar?day=2026-05-10&lang=nl")
    assert 'lang="fr">Fête du Travail' in dutch


def test_what_is_no_day_is_today(site: Office) -> None:
    """A wrong address shows the present month, and no error."""
    browser = site.browser("coordinator")
    for query in ("day=", "day=2026-13-01", "day=9999-12-31", "day=x&view=y", "day=0001-01-01"):
        assert "Mars 2026" in Page(browser, f"/rota/calendar?{query}").words


def test_a_line_that_there_is_not_is_not_found(site: Office) -> None:
    """With words, not with a stack trace."""
    assert "n’existe pas" in site.browser("coordinator").get("/rota/calendar?line=mars", 404)


def test_every_page_speaks_every_language(site: Office) -> None:
    """Month, week, now, gaps and a gap, in each of the four."""
    browser = site.browser("coordinator")
    gap = "/rota/cell/gap?line=france&tier=1&start=1773150000&end=1773190000"
    for path in (MARCH, WEEK, "/rota?", "/rota/gaps?", gap):
        for language in LANGUAGES:
            assert f'<html lang="{language}">' in browser.get(f"{path}&lang={language}")


def test_only_what_is_shown_is_read(site: Office) -> None:
    """As many statements for two hundred shifts as for none, and few."""
    browser = site.browser("coordinator")
    browser.get(MARCH)
    empty = statements(site, browser, MARCH)
    put(site, *[(person, n * 12 - 200, n * 12 - 188) for n in range(60) for person in (ALIX, BORIS, CHARLIE)])
    assert statements(site, browser, MARCH) == empty <= 5


def test_a_month_of_a_big_team_is_light(tiers: Office) -> None:
    """Thirty-seven people, three seats day and night: well below 60 kB."""
    team = [
        {"id": 10 + n, "name": f"Prénom{n} Exemple", "phone": f"+331990002{n:02}", "languages": "fr"} for n in range(34)
    ]
    with tiers.service.store.durable() as tx:
        tx.execute(insert(Person), team)
    for seat, tier in ((0, 1), (1, 1), (2, 2)):
        put(tiers, *[(10 + (3 * n + seat) % 34, n * 12 - 221, n * 12 - 209) for n in range(62)], tier=tier)
    html = tiers.browser("coordinator").get("/rota/calendar?day=2026-03-10")
    assert html.count("<b>08–20</b>") > 80
    assert len(html.encode()) < 45_000


def test_names_are_as_short_as_tells_people_apart() -> None:
    """A first name, an initial where two share one, the whole name where that isn't enough."""
    names = {1: "Alix Exemple", 2: "Camille Exemple", 3: "Camille Voorbeeld", 4: "Lou Abel", 5: "Lou Aron", 6: "Cher"}
    found = {1: "Alix", 2: "Camille E.", 3: "Camille V.", 4: "Lou Abel", 5: "Lou Aron", 6: "Cher"}
    assert short_names(names) == found
