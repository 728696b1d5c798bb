import re
import string
import tomllib
from datetime import datetime, time, timedelta
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

import helpline.pages
from helpline.lines import Line
from helpline.pages.coder import due_word
from helpline.pages.texts import load_texts
from reports.taxonomy import parse_taxonomy
from reports.words import LANGUAGES, Language
from tests.pages.conftest import ALIX, BRECHT, DAY, NOON, Desk, ShownForm

FOLDER = Path(helpline.pages.__file__).parent
HELLO = {"fr": "Bonjour Alix", "nl": "Dag Alix", "de": "Guten Tag Alix", "en": "Hello Alix"}


def test_the_page_is_in_the_persons_first_language(desk: Desk) -> None:
    """Alix reads French first, Brecht Dutch; titles, labels and the line's name follow."""
    for person in (ALIX, BRECHT):
        desk.talked(person, "belgium")
    french, dutch = desk.show(ALIX), desk.show(BRECHT)
    assert '<html lang="fr">' in french
    assert desk.label("reasons", "working-conditions", "fr") in french
    assert '<html lang="nl">' in dutch
    assert desk.lines["belgium"].flow.spoken["nl"] in dutch
    assert desk.label("reasons", "working-conditions", "nl") in dutch


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_can_be_switched(desk: Desk, language: Language) -> None:
    """Each of the four is a link away, and stays chosen through saving."""
    desk.talked()
    assert f'href="{desk.path()}?lang={language}"' in desk.show()
    page = desk.show(query=f"?lang={language}")
    assert HELLO[language] in page
    form, browser = ShownForm(page), desk.browser()
    wrong = browser.post(form.action, data=form.tapped())
    assert f'<html lang="{language}">' in wrong.text
    saved = browser.post(form.action, data=form.tapped(main="burnout"))
    assert load_texts()["thanks"].to(language) in browser.get(saved.headers["Location"]).text


@pytest.mark.parametrize("query", ["?lang=xx", "?lang=", "?lang=FR", "?lang=fr%00&lang=de", "?lang=<b>"])
def test_a_language_we_do_not_speak_is_ignored(desk: Desk, query: str) -> None:
    """Anything but the four languages leaves the person's own."""
    assert "Dag Brecht" in desk.show(BRECHT, query)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_protocol_for_a_life_in_danger_is_on_the_page(desk: Desk, language: Language) -> None:
    """Where the person is, 15 or 112 from another phone, stay on the line - in each language, and not as a link."""
    page = desk.show(query=f"?lang={language}")
    for key in ("danger", "danger-where", "danger-call", "danger-stay", "danger-note"):
        assert load_texts()[key].to(language) in page
    assert {"15", "112"} <= set(re.findall(r"\d+", load_texts()["danger-call"].to(language)))
    assert "tel:" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_is_shown_escaped(desk: Desk, language: Language) -> None:
    """Every entry of every list is on the page in its language, and can't be anything but text there."""
    shipped = resources.files("reports").joinpath("taxonomy.toml").read_text()
    pointed = re.sub('^(fr|nl|de|en) = "(.*)"$', r'\1 = "<b>\2</b> & co"', shipped, flags=re.MULTILINE)
    desk.taxonomy = parse_taxonomy(pointed)
    desk.talked()
    page, lists = desk.show(query=f"?lang={language}"), desk.taxonomy
    shown = (*lists.contacts, *lists.callers, *lists.statuses, *lists.specialities, *lists.reasons)
    for term in (*shown, *lists.orientations, *lists.severities, *lists.territories["france"]):
        assert (f"<span>{escape(term.label.to(language))}</span>" in page) == (term.code != "not-coded")
    assert "<b>" not in page


def test_a_name_can_not_be_anything_but_text(desk: Desk) -> None:
    """A person's name is shown as it is written."""
    with desk.store.durable() as tx:
        tx.exec_driver_sql("UPDATE people SET name = '<script>Alix</script> {7*7}' WHERE id = 1")
    assert "Bonjour &lt;script&gt;Alix&lt;/script&gt; {7*7}" in desk.show()


def test_demonstration_data_is_marked(desk: Desk) -> None:
    """In the demo every page says that its data are made up; elsewhere none does."""
    assert "Données de démonstration" not in desk.show()
    desk.demo = True
    assert "Données de démonstration" in desk.show()
    assert "Données de démonstration" in desk.browser().get("/me/x").text


def test_every_text_is_used_and_every_used_text_exists() -> None:
    """What templates and code ask for is in the texts, and nothing else is."""
    sources = "".join(path.read_text() for path in (*FOLDER.rglob("*.py"), *FOLDER.rglob("*.html")))
    quoted = set(re.findall(r'"([a-z0-9-]+)"', sources))
    asked = set(re.findall(r'(?:say|english)\("([a-z0-9-]+)"', sources))
    keys = set(load_texts())
    assert asked <= keys
    assert keys <= quoted | {key for key in keys if key.removesuffix("-note") in quoted}


def test_every_text_has_four_languages_and_the_same_blanks() -> None:
    """No language is missing, and a number or name that one language fills in, all do."""
    files = (FOLDER / "texts.toml", *FOLDER.glob("words/*.toml"))
    for key, entry in [item for file in files for item in tomllib.loads(file.read_text()).items()]:
        assert list(entry) == list(LANGUAGES), key
        blanks = {
            frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in entry.values()
        }
        assert len(blanks) == 1, key


@pytest.mark.parametrize(
    ("now", "word"),
    [
        (NOON, "d’ici après-demain"),
        (NOON + DAY, "d’ici demain"),
        (NOON + 2 * DAY, "aujourd’hui"),
        (NOON + 3 * DAY, "aujourd’hui"),
    ],
)
def test_the_day_it_is_due_is_said_in_words(desk: Desk, now: int, word: str) -> None:
    """Today, tomorrow, the day after: never a date, never an hour."""
    desk.talked()
    desk.clock.at = now
    assert f"à coder {word}</p>" in desk.show()


@given(due_day=st.integers(20_000, 22_000), before=st.integers(1, 3 * DAY), name=st.sampled_from(["france", "belgium"]))
def test_a_day_in_words_is_never_too_late(lines: dict[str, Line], due_day: int, before: int, name: str) -> None:
    """Whoever codes before the end of the day that is named, tomorrow or later, in the line's own time, is in time."""
    line, end = lines[name], (due_day + 1) * DAY
    word = due_word(line, due_day, end - before)
    days = {"due-today": 0, "due-tomorrow": 1, "due-later": 2}[word]
    named = line.local(end - before).date() + timedelta(days=days)
    midnight = datetime.combine(named + timedelta(days=1), time(), line.zone)
    assert days == 0 or midnight.timestamp() <= end
