"""The directory as a file on the pages: looked at first, then done as it was shown; refused whole, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpline.directory.table import parse, write
from reports.words import LANGUAGES, Language
from tests.directory.some import HEADER, ROW, SERVICE, TODAY
from tests.directory.test_table import CELLS
from tests.pages.directory.desk import bring, edits, hidden, put, there
from tests.pages.signed import Browser, Office, words

OTHER = replace(SERVICE, key="other", name="Autre Exemple")
LATER = replace(SERVICE, hours="à midi")
NEW = replace(SERVICE, key="new", name="Nouvel Exemple")


def _sealed(html: str) -> dict[str, str]:
    return {"sealed": hidden(html, "sealed"), "seen": hidden(html), "go": "yes"}


def _wrong(browser: Browser, file: str | bytes | None) -> str:
    return words(bring(browser, file, 400).text)


def test_a_file_is_looked_at_then_taken(either_site: Office) -> None:
    """What would come and change is shown, and nothing is done; one button does it, however often it is tapped."""
    put(either_site, SERVICE, OTHER)
    browser = either_site.browser("coordinator")
    shown = bring(browser, write([LATER, NEW])).text
    said = words(shown)
    assert (
        "Seraient ajoutées (1) Nouvel Exemple Seraient modifiées (1) Service Exemple Horaires : le soir → à midi"
        in said
    )
    assert "Seraient retirées" not in said
    assert there(either_site) == {"service": SERVICE, "other": OTHER}
    for _ in range(2):
        browser.post("/directory/files", 303, **_sealed(shown))
    assert there(either_site) == {"service": LATER, "other": OTHER, "new": NEW}
    assert len(edits(either_site)) == 4


@pytest.mark.slow
def test_the_file_is_the_whole_directory_if_somebody_says_so(site: Office) -> None:
    """Then what isn't in it goes, and is named before."""
    put(site, SERVICE, OTHER)
    browser = site.browser("coordinator")
    shown = bring(browser, write([SERVICE]), whole="yes").text
    assert "Seraient retirées (1) Autre Exemple" in words(shown)
    browser.post("/directory/files", 303, **_sealed(shown))
    assert there(site) == {"service": SERVICE}


def test_what_it_comes_to_has_changed_meanwhile(site: Office) -> None:
    """Nothing is done, and what it comes to now is shown, to be confirmed."""
    put(site, SERVICE)
    browser = site.browser("coordinator")
    shown = bring(browser, write([LATER])).text
    put(site, replace(SERVICE, phone="+33199001299"))
    again = browser.post("/directory/files", 409, **_sealed(shown)).text
    assert "Téléphone : 01 99 00 12 99 → 01 99 00 12 34" in words(again)
    assert there(site)["service"].hours == "le soir"
    browser.post("/directory/files", 303, **_sealed(again))
    assert there(site) == {"service": LATER}


@pytest.mark.slow
def test_a_file_that_changes_nothing_is_said_to(site: Office) -> None:
    """And has no button."""
    put(site, SERVICE)
    html = bring(site.browser("coordinator"), write([SERVICE])).text
    assert "Rien ne change" in words(html)
    assert 'name="sealed"' not in html


def test_every_bad_row_is_named_and_none_is_taken(site: Office) -> None:
    """Row, column, value, what to do: all of them at once."""
    rows = [HEADER, ROW, "Bad,Mauvais,circus,doctor,31,fr,12", "good,Bon,union,doctor,31,fr,+33199001235", ROW]
    said = _wrong(site.browser("coordinator"), "\n".join(rows))
    assert "À corriger : 4." in said
    assert "3 key Bad Au plus 40 petites lettres" in said
    assert "3 kind circus Cette valeur n’est pas connue" in said
    assert "3 phone 12 Ce numéro ne peut pas être composé" in said
    assert "5 key service Une autre ligne a le même identifiant" in said
    assert there(site) == {}


def test_every_fault_is_said_in_the_readers_language(site: Office) -> None:
    """Whatever a cell may hold: no sentence is left in English."""
    columns = dict(zip(HEADER.split(","), ROW.split(","), strict=True))
    extra = ("hours", "cost", "independent", "connect", "website", "source", "verified")
    plain = {**columns, **dict.fromkeys(extra, "")}
    rows = [";".join(plain)]
    rows += [
        ";".join({**plain, "key": f"row-{n}", column: value}.values()) for n, (column, value, *_) in enumerate(CELLS)
    ]
    html = bring(site.browser("coordinator"), "\n".join(rows), 400).text
    table = html.split("<table>")[1].split("</table>")[0]
    assert table.count("<tr>") == len(CELLS) + 1
    assert 'lang="en"' not in table


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "Choisissez un fichier."),
        ("é".encode("latin-1"), "Le fichier n’est pas en UTF-8"),
        ("", "ne contient rien à importer"),
        (HEADER, "ne contient rien à importer"),
        ("key,name\na,b", "Cette colonne manque."),
        (HEADER + ",colour\n" + ROW + ",red", "Cette colonne n’est pas connue"),
        (HEADER + '\n"', "fermez les guillemets"),
    ],
)
def test_whatever_a_file_holds_is_answered_in_words(site: Office, file: str | bytes | None, said: str) -> None:
    """No file, another encoding, no row, columns that are missing or unknown, quotes that don't close."""
    assert said in _wrong(site.browser("coordinator"), file)


@pytest.mark.slow
def test_a_sealed_file_opens_for_whoever_sent_it(site: Office) -> None:
    """Not for somebody else, and not when it was changed."""
    shown = bring(site.browser("coordinator"), write([SERVICE])).text
    other = site.browser("coordinator", "operator")
    for fields in ({**_sealed(shown)}, {**_sealed(shown), "sealed": "x"}):
        other.post("/directory/files", 400, **fields)
    assert there(site) == {}


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_exported_is_imported_as_it_was(site: Office, language: Language) -> None:
    """For a spreadsheet of each language and plain; a cell that it would run is guarded."""
    entries = (replace(SERVICE, name="=1+1; @Exemple"), OTHER)
    put(site, *entries)
    browser = site.browser("coordinator", language=language)
    for path in ("/directory/directory.csv", "/directory/directory.csv?shape=csv"):
        text = browser.get(path)
        assert sorted(parse(text, TODAY), key=lambda each: each.key) == sorted(entries, key=lambda each: each.key)
        assert "'=1+1" in text
    assert (";" in browser.get("/directory/directory.csv").split("\n")[0]) == (language != "en")
