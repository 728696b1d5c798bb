"""The pages for everybody: whom to call, what is kept, who else helps; whoever reads them leaves nothing behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import phonenumbers
import pytest

from helpline.directory import editing
from helpline.directory.reading import Shelf
from helpline.directory.seeding import shipped
from helpline.pages.public.addresses import CARDS, DIRECTORY, HELP, POSTER
from helpline.pages.texts import load_texts
from helpline.store.tables import CallRecord
from ivr_flows.model import LANGUAGES, Language
from tests.pages.signed import HOST, Office, office, words
from tests.pages.test_releases import ask, out
from tests.shell import CONFIG, NOON

ANNUAIRE = "/aide/france/annuaire"
PAGES = ("/aide", "/aide/france", ANNUAIRE, "/aide/belgium/affiche", "/aide/belgium/carte")
PHONE = re.compile(r"(?<![\d/.])(?:\+?\d(?:[\s\u00a0]?\d){7,14})(?!\d)")


def say(key: str, language: Language = "fr", /, **values: object) -> str:
    """A text of the pages."""
    return load_texts()[key].to(language).format_map(values)


def seed(site: Office) -> Office:
    """Fills the directory with the entries that ship."""
    with site.service.store.durable() as tx:
        editing.save(tx, shipped(site.service.lines["france"].local(NOON).date()), "tests", NOON)
    return site


@pytest.fixture(scope="module")
def guided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A service with both lines and a directory, which is only looked at."""
    folder = tmp_path_factory.mktemp("guided")
    with office(f"sqlite:///{folder / 'helpline.db'}", folder) as found:
        yield seed(found)


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A French line alone, with an access number, that offers no callback; only looked at, too."""
    folder = tmp_path_factory.mktemp("reached")
    alone = CONFIG.partition("[lines.belgium]")[0] + 'inbound = ["+33199000405"]\ncallback = false\n'
    with office(f"sqlite:///{folder / 'helpline.db'}", folder, alone) as found:
        yield found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_is_told_of_in_the_language_of_the_address(guided: Office, language: Language) -> None:
    """Its number first, that it answers day and night, and the same page in the other languages."""
    html = guided.browser().get(f"{HELP[language]}/belgium")
    assert f'<html lang="{language}">' in html
    assert html.index('href="tel:+3280023460"') < html.index('href="tel:112"')
    assert say("aid-always", language) in unescape(html)
    for other, base in HELP.items():
        assert f'<link rel="alternate" hreflang="{other}" href="{base}/belgium">' in html
        assert re.search(rf'<a href="{base}/belgium" lang="{other}" hreflang="{other}"', html)


@pytest.mark.parametrize("path", [*PAGES[:3], "/help/belgium", "/hulp/belgium/wegwijzer"])
def test_every_number_dials(guided: Office, path: str) -> None:
    """Whatever looks like a telephone number is a link that dials just that; none stands there as mere text."""
    html = unescape(guided.browser().get(path)).partition("<main")[2]
    links = re.findall(r'<a [^>]*href="tel:([^"]+)"[^>]*>([^<]+)</a>', html)
    assert links
    country = "BE" if "belgium" in path else "FR"
    for dialled, shown in links:
        if dialled.startswith("+"):
            assert phonenumbers.parse(dialled) in [phonenumbers.parse(shown, each) for each in (country, "BE")]
        else:
            assert shown.replace(" ", "") == dialled
    assert PHONE.findall(words(re.sub(r"<a [^>]*tel:.*?</a>|<svg.*?</svg>", "", html, flags=re.DOTALL))) == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_kept_of_who_reads(guided: Office, path: str) -> None:
    """No cookie, no script, no form, nothing loaded from elsewhere; caches may help, and search engines find it."""
    answer = ask(guided.browser(), path)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    assert answer.headers["X-Robots-Tag"] == "all"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; ")
    assert not re.search(r"<script|<form|<img|<iframe|\sstyle=|\ssrc=", answer.text)
    assert not re.search(r'<link [^>]*href="(?!/)', answer.text)


def test_whoever_is_signed_in_reads_the_same(guided: Office) -> None:
    """The page doesn't look at who asks."""
    assert guided.browser("coordinator").get("/aide/france") == guided.browser().get("/aide/france")


def test_all_lines_are_listed_where_there_are_several(guided: Office) -> None:
    """Each with its number and the way to its page; danger is told of by country."""
    html = guided.browser().get("/aide")
    for line, number in (("france", "+33826000401"), ("belgium", "+3280023460")):
        assert f'href="/aide/{line}"' in html
        assert f'href="tel:{number}"' in html
    assert html.index("<h3>France</h3>") < html.index('href="tel:15"') < html.index("<h3>Belgique</h3>")


def test_a_line_alone_needs_no_list(reached: Office) -> None:
    """The short address leads to it, with or without a slash at its end."""
    for path in ("/aide", "/aide/"):
        answer = ask(reached.browser(), path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/aide/france")


def test_who_is_far_away_is_told_what_to_dial(reached: Office, guided: Office) -> None:
    """The first ordinary number with its country code; where there is none, that is said."""
    html = reached.browser().get("/aide/france")
    assert '<p class="second"><a href="tel:+33199000405">+33 1 99 00 04 05</a></p>' in html
    assert say("aid-abroad-unreached") in unescape(html)
    html = guided.browser().get("/aide/belgium")
    assert say("aid-abroad-none") in unescape(html)
    assert '<p class="second"><a href="tel:+3280023460">+32 800 23 460</a></p>' in html


def test_what_a_call_costs_follows_from_its_number(reached: Office) -> None:
    """Surcharged for an 0826, an ordinary call for the access number."""
    html = unescape(reached.browser().get("/aide/france"))
    first, other = html.index(say("aid-cost-surcharged")), html.index("01 99 00 04 05")
    assert first < other < html.index(say("aid-cost-ordinary"))


def test_what_is_kept_is_what_the_tables_hold(guided: Office) -> None:
    """Whoever adds a column to the records has to tell everybody: here is what the page tells of, and the inventory."""
    told = {"period", "night", "contact", "caller", "status", "speciality", "territory", "reasons", "orientations"}
    told |= {"severity", "language", "substantive"}
    unsaid = {"id", "line", "round_key"}
    assert set(CallRecord.__table__.columns.keys()) == told | unsaid
    french, belgian = (unescape(guided.browser().get(f"/aide/{line}")) for line in ("france", "belgium"))
    assert say("aid-kept-record-month") in french
    assert say("aid-kept-record-quarter") in belgian
    inventory = (Path(__file__).parents[2] / "docs" / "anonymity.md").read_text()
    for fact in ("120 days", "after 24 hours", "use a personal phone"):
        assert fact in inventory
    for key in ("aid-kept-never-number", "aid-kept-carrier", "aid-kept-bill", "aid-kept-callback"):
        assert say(key) in french
    for language in LANGUAGES:
        assert "120" in say("aid-kept-carrier", language)
        assert "24" in say("aid-kept-callback", language)


def test_the_page_promises_no_more_than_the_line_does(reached: Office, guided: Office) -> None:
    """Without callbacks nothing is said of them; the language is chosen only where there are several."""
    alone, belgian = (
        unescape(html) for html in (reached.browser().get("/aide/france"), guided.browser().get("/aide/belgium"))
    )
    assert say("aid-happens-nobody") in alone
    assert say("aid-kept-callback") not in alone
    assert say("aid-happens-callback") in belgian
    assert say("aid-happens-language", default="français") in belgian
    assert say("aid-happens-language", default="français") not in alone
    assert say("aid-key", key="3") in belgian


def test_the_newest_public_figures_stand_there(site: Office) -> None:
    """Three of the latest year that is out for everybody, with the way to its report; none that isn't."""
    out(site, 2024, public=True)
    out(site, 2025)
    html = site.browser().get("/aide/france")
    assert 'href="/chiffres/france/2024"' in html
    assert html.partition('<dl class="figures">')[2].partition("</dl>")[0].count("<dd>") == 3
    assert "2025" not in words(html)
    assert "En chiffres" not in words(site.browser().get("/aide/belgium"))


@pytest.mark.parametrize("path", ["/aide/suisse", "/aide/france/plan", "/aide/France", "/aide/france/annuaire/31"])
def test_a_wrong_address_still_has_the_number(guided: Office, path: str) -> None:
    """404, kindly, with every line and the numbers for danger; no cache holds it."""
    answer = ask(guided.browser(), path)
    assert answer.status_code == 404
    assert say("aid-gone") in unescape(answer.text)
    assert {'href="tel:+33826000401"', 'href="tel:15"'} <= set(re.findall(r'href="tel:[^"]+"', answer.text))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_the_numbers_are_there_without_a_database(site: Office) -> None:
    """Those of the configuration, and the crisis numbers that ship; what is missing is kept by nobody."""
    seed(site)
    with site.service.store.durable() as tx:
        for table in ("directory_entries", "release_files", "releases"):
            tx.exec_driver_sql(f"DROP TABLE {table}")
    for path in ("/aide/france", ANNUAIRE):
        answer = ask(site.browser(), path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        for number in ("+33826000401", "15", "112", "3114"):
            assert f'href="tel:{number}"' in answer.text
    assert say("aid-directory-none") in unescape(site.browser().get(ANNUAIRE))


def test_the_last_known_directory_outlives_the_database(site: Office) -> None:
    """Who was found before is found while nobody can read."""
    seed(site)
    site.browser().get(ANNUAIRE)
    with site.service.store.durable() as tx:
        tx.exec_driver_sql("DROP TABLE directory_entries")
    site.clock.at += 3600
    assert "MOTS" in site.browser().get(ANNUAIRE)


def test_a_fault_of_ours_is_no_reason_to_be_without_the_number(guided: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever nobody foresaw: 500, and whom to call."""

    def fail(*_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(Shelf, "entries", fail)
    html = guided.browser().get("/aide/france", 500)
    assert 'href="tel:+33826000401"' in html
    assert 'href="tel:3114"' in html


def test_near_help_comes_before_the_countrys(guided: Office) -> None:
    """In Occitanie the Toulouse association, then those for all of France, then the numbers for danger."""
    html = guided.browser().get(ANNUAIRE)
    assert 'href="#FR-OCC">Occitanie</a>' in html
    places = [html.index(each) for each in ('id="FR-OCC"', "MOTS", 'id="national"', "AAPMS", 'href="tel:3114"')]
    assert places == sorted(places)
    assert 'href="#national">Bretagne</a>' in html


def test_a_line_does_not_offer_itself(guided: Office) -> None:
    """The entry with the line's own number isn't in its own directory."""
    assert "Médecins en difficulté" not in guided.browser().get("/aide/belgium/annuaire")
    assert "Médecins en difficulté" not in guided.browser().get(ANNUAIRE)


def test_the_region_that_is_chosen_reaches_nobody(guided: Office) -> None:
    """Every link among the regions leads to a place of this very page, and that place is there."""
    html = guided.browser().get(ANNUAIRE)
    chosen = re.search(r'<ul class="regions">(.*?)</ul>', html, re.DOTALL)
    assert chosen
    links = re.findall(r'href="([^"]*)"', chosen.group(1))
    assert len(links) >= 14
    for link in links:
        assert link.startswith("#")
        assert f'id="{link[1:]}"' in html


def test_how_fresh_an_entry_is_stands_beside_it(site: Office) -> None:
    """Never verified, verified lately, or too long ago: in words."""
    seed(site)
    today = site.service.lines["france"].local(NOON).date()
    html = unescape(site.browser().get(ANNUAIRE))
    assert html.count(say("aid-never-verified")) == 3
    mots, sps = (next(each for each in shipped(today) if each.key == key) for key in ("mots", "sps"))
    dated = [replace(mots, verified=today), replace(sps, verified=today.replace(year=today.year - 2))]
    with site.service.store.durable() as tx:
        editing.save(tx, dated, "tests", NOON)
    site.clock.at += 60
    shown = unescape(site.browser().get(ANNUAIRE))
    assert say("aid-verified", month="mars 2026") in shown
    assert say("aid-verified-long-ago", month="mars 2024") in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_printed_carries_the_number_and_the_address(reached: Office, language: Language) -> None:
    """A poster, ten cards of which a screen reader meets one, and on each the picture of the page's own address."""
    guest, page = reached.browser(), f"{HELP[language]}/france"
    poster, cards = (guest.get(f"{page}/{kind[language]}") for kind in (POSTER, CARDS))
    picture = re.search(r"<svg[^>]*>.*?<title>[^<]*</title>.*?</svg>", poster, re.DOTALL)
    assert picture
    assert f"{HOST}{page}</title>" in picture.group()
    assert cards.count(picture.group()) == cards.count('class="pocket"') == 10
    assert cards.count('class="pocket" aria-hidden="true"') == 9
    for sheet in (poster, cards):
        assert "+33 1 99 00 04 05" in sheet
        assert "<strong>15</strong>" in sheet
    assert f"{HOST.partition('//')[2]}{page}" in words(poster)


def test_the_ways_in_are_linked(guided: Office) -> None:
    """From the sign-in and from the public figures, and back to both."""
    guest = guided.browser()
    assert 'href="/hulp"' in guest.get("/sign-in?lang=nl")
    assert 'href="/hilfe"' in guest.get("/zahlen")
    page = guest.get("/hilfe/france")
    assert 'href="/zahlen"' in page
    assert 'href="/sign-in?lang=de"' in page
    assert f'href="/hilfe/france/{DIRECTORY["de"]}"' in page


def test_nobody_can_post(guided: Office) -> None:
    """It is for reading: GET and HEAD."""
    client = guided.browser().client
    assert client.post("/aide/france", base_url=HOST).status_code == 405
    assert client.head("/aide/france", base_url=HOST).status_code == 200


def test_a_demonstration_is_found_by_no_search_engine(sqlite_url: str, tmp_path: Path) -> None:
    """Its numbers are nobody's."""
    with office(sqlite_url, tmp_path, CONFIG.replace("[service]", "[service]\ndemo = true", 1)) as found:
        answer = ask(found.browser(), "/aide/france")
    assert '<meta name="robots" content="noindex, nofollow">' in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
