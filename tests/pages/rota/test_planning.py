"""The table of contents leads everywhere and says what waits."""

import re

from sqlalchemy import insert

from helpline.pages.texts import load_texts
from helpline.store.rota_tables import Absence, Swap
from helpline.store.tables import Person, Shift
from reports.words import LANGUAGES
from rota.staff import DAY, HOUR
from tests.pages.rota.planned import put
from tests.pages.signed import Office, words
from tests.shell import ALIX, BORIS, NOON, counting


def test_what_waits_is_counted(site: Office) -> None:
    """In one query for all of it."""
    put(site, None, DAY)
    with site.service.store.durable() as tx:
        tx.execute(insert(Absence), [{"person": ALIX, "starts_at": NOON - 5, "ends_at": NOON + DAY, "hard": True}])
        common = {"shift": 1, "giver": ALIX, "taker": BORIS, "back": None, "at": NOON}
        tx.execute(insert(Swap), [{**common, "state": "accepted"}, {**common, "state": "done"}])
    browser = site.browser("coordinator")
    with counting() as sent:
        said = words(browser.get("/rota/planning"))
    assert len(sent) < 8
    assert "À approuver : 1 · proposés : 0 · places libres : 1 à régler" in said
    assert "Absences En ce moment : 1 · en tout : 1" in said


def test_every_card_leads_to_a_page_and_back(site: Office) -> None:
    """None is refused, whatever language it is read in, and each shows the way back."""
    browser = site.browser("coordinator")
    links = re.findall(r'<h2><a class="opens" href="([^"]+)"', browser.get("/rota/planning"))
    assert len(links) >= 9
    for link in links:
        page = browser.get(link)
        assert page.count('href="/rota/planning"') >= 1
        for language in LANGUAGES:
            assert f'<html lang="{language}">' in browser.get(f"{link}?lang={language}")


def test_pages_stay_light_with_a_whole_team(site: Office) -> None:
    """37 people and half a year of shifts: under 60 kB each, and no more queries than with three people."""
    people = [
        {"id": n, "name": f"Personne Exemple {n}", "phone": f"+3326191{n:04}", "languages": "fr en"}
        for n in range(4, 38)
    ]
    with site.service.store.durable() as tx:
        tx.execute(insert(Person), people)
        common = {"line": "france", "tier": 1, "source": "import"}
        for n in range(360):
            start = NOON + n * 12 * HOUR
            tx.execute(
                insert(Shift), {**common, "person": 1 + n % 37, "starts_at": start, "ends_at": start + 12 * HOUR}
            )
        away = [
            {"person": n, "starts_at": NOON + n * DAY, "ends_at": NOON + (n + 3) * DAY, "hard": True}
            for n in range(1, 38)
        ]
        tx.execute(insert(Absence), away * 3)
    browser = site.browser("coordinator")
    paths = (
        "absences",
        "absences/add",
        "overrides/add",
        "rotations/add",
        "fairness",
        "alarms",
        "swaps",
        "off",
        "rules",
    )
    for path in paths:
        with counting() as sent:
            assert len(browser.get(f"/rota/{path}").encode()) < 60_000, path
        assert len(sent) < 15, path


def test_success_messages_are_texts(site: Office) -> None:
    """What a form says when it is done exists under the name that the address has."""
    done = {key for key in load_texts() if key.startswith("done-")}
    assert {"done-absence", "done-override", "done-rotation", "done-rule", "done-swap", "done-taken-back"} <= done
