"""The directory of help, to hand while talking: one field, the nearest first, and nothing of it anywhere afterwards."""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from helpline.directory.editing import save
from helpline.directory.entries import Entry
from helpline.directory.seeding import shipped
from helpline.logs import SafeFormatter
from helpline.server import Server
from helpline.store.tables import Base
from reports.words import LANGUAGES, Language
from tests.pages.my.helping import thumb
from tests.pages.my.thumb import Thumb
from tests.pages.signed import HOST, Office, words
from tests.shell import NOON, settings_in, some_secrets

TODAY = dt.datetime.fromtimestamp(NOON, dt.UTC).date()
TYPED = "zzquartier toulouse interne"
"""A search with a word that nothing else holds."""


def filled(site: Office, entries: Sequence[Entry] = ()) -> Office:
    """The same office with a directory: what we ship, unless a test says otherwise."""
    with site.service.store.durable() as tx:
        save(tx, entries or shipped(TODAY), "test", NOON, only=True)
    return site


def searched(site: Office, text: str) -> Thumb:
    """What somebody sees who types this and taps the button."""
    return thumb(site).open("/my/directory").type(q=text).tap("Chercher")


def found(page: Thumb) -> list[str]:
    """The names of whoever is found, in their order."""
    return [words(name).strip() for name in re.findall(r"<h3>(.*?)</h3>", page.html)]


def entry(key: str) -> Entry:
    """One of those that we ship."""
    return next(each for each in shipped(TODAY) if each.key == key)


def kept(site: Office) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the database holds."""
    with site.service.store.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in Base.metadata.sorted_tables
        }


def test_the_association_of_the_place_comes_first(site: Office) -> None:
    """In Toulouse its own association, then those of the whole country, crisis lines apart and last."""
    page = searched(filled(site), "toulouse")
    assert found(page)[0].startswith("MOTS")
    assert found(page)[-3:] == ["Prévention du suicide", "SAMU", "Urgences européennes"]
    headings = ["Au plus près : Haute-Garonne", "Dans tout le pays", "Crise et urgence"]
    says = page.says.replace("\N{NO-BREAK SPACE}", " ")
    assert sorted(says.index(each) for each in headings) == [says.index(each) for each in headings]


def test_an_entry_says_what_callers_ask(site: Office) -> None:
    """Number, hours, cost, whether independent, languages; and that nobody ever verified it."""
    page = searched(filled(site), "sps")
    for said in ("0805 232 336", "24 h/24", "gratuit", "Indépendant de l’Ordre", "français", "Jamais vérifié"):
        assert said in page.says
    assert 'href="tel:+33805232336"' in page.html


@pytest.mark.parametrize(
    ("verified", "said"),
    [(TODAY, ""), (TODAY - dt.timedelta(days=365), ""), (TODAY - dt.timedelta(days=366), "Non vérifié depuis")],
)
def test_what_was_not_verified_for_a_year_is_marked(site: Office, verified: dt.date, said: str) -> None:
    """Not a day before."""
    page = searched(filled(site, [replace(entry("mots"), verified=verified)]), "31")
    assert ("vérifié" in page.says) == bool(said)
    assert said in page.says


def test_a_number_for_a_life_in_danger_is_no_link(site: Office) -> None:
    """The phone in the psychologist's hand is the one that the caller is on."""
    page = searched(filled(site), "suicide 31")
    assert "3114" in page.says
    assert "tel:3114" not in page.html
    assert "tel:15" not in page.html


def test_what_was_understood_is_said_and_what_was_not(site: Office) -> None:
    """The place and the words it was read as; the rest by itself; and what nobody fits."""
    page = searched(filled(site), "zzquartier 31 clinique")
    assert "Haute-Garonne · clinique" in page.says
    assert "zzquartier" in page.says.split("Pas compris")[1]
    assert "clinique" in page.says.split("sans tenir compte de")[1][:30]
    assert found(page)[0].startswith("MOTS")


def test_nothing_understood_is_no_empty_page(site: Office) -> None:
    """Whoever helps everywhere is there, as before anything was typed."""
    filled(site)
    assert found(searched(site, "zzquartier")) == found(thumb(site).open("/my/directory"))
    assert "SPS, Soins aux professionnels en santé" in found(searched(site, "zzquartier"))


def test_an_empty_directory_says_so(site: Office) -> None:
    """And who can fill it."""
    assert "La coordination peut le remplir" in searched(site, "toulouse").says


def test_many_entries_are_cut_short(site: Office) -> None:
    """Twenty of a part, and how many more there are."""
    many = [replace(entry("sps"), key=f"sps-{number}") for number in range(23)]
    page = searched(filled(site, many), "75")
    assert len(found(page)) == 20
    assert "Et 3 de plus" in page.says


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_in_the_readers_language(site: Office, language: Language) -> None:
    """Field, headings and words of each entry."""
    browser = filled(site).browser("psychologist", language=language)
    page = words(browser.post("/my/directory", 200, q="4700").text)
    near = {"fr": "Dans tout le pays", "nl": "In het hele land", "de": "Im ganzen Land", "en": "Throughout the country"}
    assert near[language] in page
    place = {"fr": "Communauté germanophone", "nl": "Duitstalige Gemeenschap", "de": "Deutschsprachige Gemeinschaft"}
    assert place.get(language, "German-speaking Community") in page


def test_it_is_a_tap_away(site: Office) -> None:
    """From my line, from the page where calls are coded, and from the bar of every page; as is a life in danger."""
    for path, link in (("/my", "Trouver de l’aide"), ("/my/coding", "Trouver de l’aide"), ("/my/shifts", "Orienter")):
        page = thumb(filled(site)).open(path).tap(link)
        assert "Où, pour qui, quelle aide" in page.says
        assert page.taps == 1
        assert "Une vie est en danger" in page.tap("Une vie est en danger").says


def test_a_search_is_in_no_address(site: Office) -> None:
    """It is sent in a form's body and answered at once: nothing to find in a history or in a proxy's log."""
    browser = filled(site).browser("psychologist")
    answer = browser.post("/my/directory", 200, q=TYPED)
    assert '<form method="post" action="/my/directory"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in answer.headers
    assert not [each for each in re.findall(r'(?:href|action|src)="([^"]*)"', answer.text) if "quartier" in each]
    assert answer.text.count("zzquartier") == 2  # in the field, and said not to be understood
    assert "MOTS" not in browser.get("/my/directory?q=toulouse")


def test_choosing_another_language_forgets_the_search(site: Office) -> None:
    """It leads to the empty field, not to an address with what was typed."""
    page = searched(filled(site), TYPED).tap("Deutsch")
    assert "zzquartier" not in page.html
    assert "Wo, für wen, welche Hilfe?" in page.says


def test_a_search_signed_out_is_not_carried_along(site: Office) -> None:
    """Whose session is over is asked to sign in; the address to come back to holds nothing of it."""
    browser = filled(site).browser("psychologist")
    site.clock.at += 31 * 86_400
    answer = browser.client.post(
        "/my/directory",
        base_url=HOST,
        data={"csrf": browser.csrf, "q": TYPED},
        headers={"Referer": f"{HOST}/my/directory"},
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=/my/directory"


def test_a_search_leaves_nothing_behind(site: Office) -> None:
    """Every table is as it was, and there isn't a word in any log, however talkative."""
    browser, heard = filled(site).browser("psychologist"), io.StringIO()
    browser.get("/my/directory")  # whoever is seen for the first time that day is noted by day
    root, handler = logging.getLogger(), logging.StreamHandler(heard)
    handler.setFormatter(SafeFormatter())
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    before = kept(site)
    try:
        browser.post("/my/directory", 200, q=TYPED)
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    assert kept(site) == before
    assert not [word for word in TYPED.split() if word in heard.getvalue()]


def test_no_server_of_ours_writes_down_what_is_asked(tmp_path: Path) -> None:
    """The web server keeps no log of requests."""
    server = Server(settings_in(tmp_path), some_secrets(), ("127.0.0.1", 0), 1, 1, pages=True)
    assert server.cfg.accesslog is None
