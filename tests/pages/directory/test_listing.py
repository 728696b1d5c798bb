"""The list of the directory: what is in it, what must be verified again, one tap that says it is right."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from helpline.directory.entries import Kind
from helpline.directory.seeding import seed
from reports.words import LANGUAGES, Language
from tests.directory.some import SERVICE, TODAY
from tests.pages.directory.desk import edits, hidden, put, there
from tests.pages.signed import Office, words
from tests.shell import NOON

OLD = replace(SERVICE, key="old", name="Vieux Exemple", verified=TODAY - dt.timedelta(days=366))
NEVER = replace(SERVICE, key="never", name="Jamais Exemple", territories=("FR",), verified=None, kind=Kind.LEGAL)
BELGIAN = replace(SERVICE, key="belge", name="Exemple liégeois", territories=("BE-WLG",), phone="+3225387365")

SHORT = replace(BELGIAN, key="suicide", name="Nombre court", territories=("BE-WNA",), phone="1813", connect=False)


def _order(html: str) -> list[str]:
    return [part.split('"', 1)[0] for part in html.split('id="entry-')[1:]]


def test_an_entry_is_shown_in_words(site: Office) -> None:
    """Name, kind, territories, phone as it is printed, hours, cost, independence, languages, since when it is sure."""
    put(site, SERVICE)
    html = site.browser("coordinator").get("/directory")
    assert (
        "Service Exemple association d’entraide · Haute-Garonne 01 99 00 12 34 · le soir · prix d’un appel normal · "
        "indépendant de l’Ordre · français Vérifiée le sam. 31 janv. 2026" in words(html)
    )
    assert 'href="tel:+33199001234"' in html


def test_what_must_be_verified_is_counted_and_said_in_words(site: Office) -> None:
    """Never, or over a year ago: not by colour alone, and the rest can be left out."""
    put(site, SERVICE, OLD, NEVER)
    browser = site.browser("coordinator")
    shown = words(browser.get("/directory"))
    assert "2 fiches sont à vérifier" in shown
    assert "À vérifier jamais vérifiée" in shown
    assert "À vérifier il y a plus d’un an, le dim. 9 mars 2025" in shown
    assert _order(browser.get("/directory?check=yes")) == ["never", "old"]


@pytest.mark.slow
def test_the_page_of_now_tells_the_coordinator(site: Office) -> None:
    """Where they look first: how many are to be verified, and a link to them; nothing when none is."""
    put(site, SERVICE)
    browser = site.browser("coordinator")
    assert "/directory?check=yes" not in browser.get("/rota")
    put(site, OLD)
    html = browser.get("/rota")
    assert "Une fiche est à vérifier" in words(html)
    assert 'href="/directory?check=yes"' in html


@pytest.mark.slow
def test_those_of_the_country_come_first_and_countries_apart(site: Office) -> None:
    """Then in the order of the territories, by name."""
    put(site, BELGIAN, SERVICE, NEVER)
    browser = site.browser("coordinator")
    assert _order(browser.get("/directory")) == ["never", "service", "belge"]
    assert _order(browser.get("/directory?country=BE")) == ["belge"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("juridique", ["never"]),
        ("liegeois", ["belge"]),
        ("VIEUX exemple", ["old"]),
        ("haute garonne", ["service", "old"]),
        ("0199001234", ["never", "service", "old"]),
        ("31", ["service", "old", "never"]),
        ("4000", ["belge"]),
        ("1813", ["suicide"]),
        ("75", ["never"]),
        ("rien de tel", []),
    ],
)
def test_text_finds_entries_and_a_place_whom_a_caller_hears(site: Office, sought: str, found: list[str]) -> None:
    """Accents and capitals aside; a department or postcode finds who serves it, the nearest first."""
    put(site, SERVICE, OLD, replace(NEVER, phone="+33199001234"), BELGIAN, SHORT)
    assert _order(site.browser("coordinator").get(f"/directory?q={sought}".replace(" ", "+"))) == found


def test_one_tap_says_that_an_entry_is_right(site: Office) -> None:
    """Today, by whoever tapped; they are led back to the list as it was."""
    put(site, OLD)
    browser = site.browser("coordinator", fresh=False)
    site.clock.at += 20 * 60
    html = browser.get("/directory?check=yes")
    answer = browser.post("/directory/entries/old/verify", seen=hidden(html), back="list", check="yes")
    assert answer.headers["Location"] == "/directory?done=done-directory-verified&check=yes#entry-old"
    assert there(site)["old"].verified == TODAY
    assert edits(site)[0].actor == f"account:{browser.account}"


def test_nobody_verifies_what_they_did_not_see(site: Office) -> None:
    """Who tapped on a list of before is shown the entry as it is now, and nothing is noted."""
    put(site, OLD)
    browser = site.browser("coordinator")
    seen = hidden(browser.get("/directory"))
    put(site, replace(OLD, phone="+33199001299"))
    answer = browser.post("/directory/entries/old/verify", 409, seen=seen)
    assert "Quelqu’un d’autre a modifié l’annuaire entre-temps" in words(answer.text)
    assert "01 99 00 12 99" in words(answer.text)
    assert there(site)["old"].verified == OLD.verified


@pytest.mark.slow
def test_an_empty_directory_says_what_to_do(site: Office) -> None:
    """Rather than show nothing."""
    assert "L’annuaire est vide. Ajoutez une fiche" in words(site.browser("coordinator").get("/directory"))


def test_an_operator_looks_and_changes_nothing(site: Office) -> None:
    """No button that they would be refused; the file is theirs to take."""
    put(site, SERVICE)
    browser = site.browser("operator")
    for path in ("/directory", "/directory/entries/service", "/directory/history"):
        html = browser.get(path).split("<main")[1].split("</main>")[0]
        assert 'method="post"' not in html
        assert "/edit" not in html
    assert "service" in browser.get("/directory/directory.csv")
    browser.post("/directory/entries/service/verify", 403)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_directory_is_shown_in_each_language(site: Office, language: Language) -> None:
    """All of it, without a word missing."""
    with site.service.store.durable() as tx:
        count = seed(tx, "cli", NOON).count
    browser = site.browser("coordinator", language=language)
    assert len(_order(browser.get("/directory"))) == count
    assert f'<html lang="{language}">' in browser.get("/directory/entries/mots")
