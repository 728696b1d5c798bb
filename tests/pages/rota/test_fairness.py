"""Who has had how much, as a table that a screen reader reads and a spreadsheet opens."""

import re

from rota.staff import DAY
from tests.pages.rota.planned import put
from tests.pages.signed import HOST, Office, words
from tests.shell import ALIX, BORIS, counting


def test_each_one_beside_their_share(site: Office) -> None:
    """By name; what is much more or less is said in a word, not by a colour."""
    for day in range(6):
        put(site, ALIX, (1 + 2 * day) * DAY + 8 * 3600, 12)
    put(site, BORIS, 2 * DAY, 8)
    browser = site.browser("coordinator")
    with counting() as sent:
        page = browser.get("/rota/fairness")
    assert len(sent) < 15
    said = words(page)
    assert "1er trimestre 2026" in said
    assert re.search(r"Alix Exemple 100 % 6 \(\+3,7\) plus que sa part 6 \(\+4\) plus que sa part", said), said
    assert "Charlie Exemple 100 % 0 (−2,3) moins que sa part" in said
    assert said.index("Alix Exemple") < said.index("Boris Exemple") < said.index("Charlie Exemple")
    assert '<th scope="row">Alix Exemple</th>' in page
    assert "<caption>" in page


def test_quarters_and_lines(site: Office) -> None:
    """One before, one after, each line; what is no quarter isn't there."""
    put(site, ALIX, 30 * DAY)
    browser = site.browser("coordinator")
    page = browser.get("/rota/fairness?line=france&quarter=2026-Q2")
    assert "2e trimestre 2026" in words(page)
    assert "Alix Exemple" in words(page)
    assert 'href="/rota/fairness?line=france&amp;quarter=2026-Q1"' in page
    assert "Personne n’a eu de garde" in words(browser.get("/rota/fairness?line=belgium&quarter=2025-Q4"))
    browser.get("/rota/fairness?quarter=2026-Q5", 404)
    browser.get("/rota/fairness?line=spain", 404)


def test_the_table_is_downloaded_by_who_has_proved_who_they_are(site: Office) -> None:
    """Every measure in full; without a fresh proof there is a question first."""
    put(site, ALIX, DAY, 12)
    path = "/rota/fairness.csv?line=france&quarter=2026-Q1"
    browser = site.browser("coordinator")
    answer = browser.client.get(path, base_url=HOST)
    lines = answer.text.splitlines()
    assert answer.headers["Content-Disposition"] == 'attachment; filename="fairness-france-2026-Q1.csv"'
    assert lines[0].startswith("person,full_time,shift_held,shift_share,night_held")
    assert lines[1].startswith("Alix Exemple,100,1,0.34,0,0,")
    site.clock.at += 3600
    assert browser.client.get(path, base_url=HOST).status_code == 303
