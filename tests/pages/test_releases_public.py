"""The page for everybody: what is public, in four languages, without cookie or script, and nothing else."""

import re

import pytest

from helpline.figures.verifying import stored
from helpline.pages.releases_public import ADDRESSES
from reports.words import LANGUAGES, Language
from tests.figures.released import put_out, year_of
from tests.pages.signed import HOST, Office, words
from tests.pages.test_releases import ask, out


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_reads_what_is_public(site: Office, language: Language) -> None:
    """List, report and files, in the language of the address; what is for funders alone isn't there."""
    out(site, 2024, public=True)
    out(site, 2025)
    guest, base = site.browser(), ADDRESSES[language]
    listed = guest.get(base)
    assert f'<html lang="{language}">' in listed
    assert f'href="{base}/france/2024"' in listed
    assert "2025" not in words(listed)
    assert f'<html lang="{language}">' in guest.get(f"{base}/france/2024")
    guest.get(f"{base}/france/2025", 404)
    guest.get(f"{base}/france/2025/figures-france-2025.csv", 404)
    with site.service.store.read() as connection:
        files = stored(connection, ("france", "2024", 1))
    for name, content in files.items():
        assert ask(guest, f"{base}/france/2024/{name}").data == content


def test_nothing_is_kept_of_who_reads(site: Office) -> None:
    """No cookie, no script, nothing from elsewhere; caches may help."""
    out(site, public=True)
    guest = site.browser()
    for path in ("/chiffres", "/chiffres/france/2025", "/chiffres/france/2025/figures-france-2025.csv"):
        answer = ask(guest, path)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "Vary" not in answer.headers
        assert answer.headers["Cache-Control"] == "public, max-age=600"
        assert answer.headers["X-Robots-Tag"] == "all"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert not re.search(r"<script|https?://(?!www\.w3\.org/)", answer.text.partition("<main")[0])
    etag = ask(guest, "/chiffres/france/2025").headers["ETag"]
    assert ask(guest, "/chiffres/france/2025", **{"If-None-Match": etag}).status_code == 304


def test_a_wrong_address_is_not_kept(site: Office) -> None:
    """404 in the address's language and in English, and no cache holds it: it may be published tomorrow."""
    answer = ask(site.browser(), "/cijfers/france/2025")
    assert answer.status_code == 404
    assert "Deze pagina bestaat niet" in words(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_whoever_is_signed_in_sees_the_same(site: Office) -> None:
    """The page doesn't look at who asks."""
    out(site, public=True)
    assert site.browser("coordinator").get("/chiffres") == site.browser().get("/chiffres")


def test_a_revision_of_a_public_report_is_public(site: Office) -> None:
    """Or everybody would go on reading what was corrected."""
    out(site, public=True)
    out(site, revision=2)
    guest = site.browser()
    assert "Révision n° 2" in words(guest.get("/chiffres"))
    assert "Remplacé par la révision n° 2" in words(guest.get("/chiffres/france/2025?revision=1"))


def test_nobody_can_post(site: Office) -> None:
    """It is for reading: GET and HEAD."""
    guest = site.browser()
    assert guest.client.post("/chiffres", base_url=HOST).status_code == 405
    assert guest.client.head("/chiffres", base_url=HOST).status_code == 200


def test_nothing_public_is_said_to_be_so(either_site: Office) -> None:
    """In words, and the list of languages is there."""
    put_out(either_site.service.store, either_site.service.lines, year_of(2025), int(either_site.clock.now()))
    html = either_site.browser().get("/zahlen")
    assert "Hier wurde noch nichts veröffentlicht." in words(html)
    for address in ADDRESSES.values():
        assert f'href="{address}"' in html
