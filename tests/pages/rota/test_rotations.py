"""Rotations: the weeks to come are shown before one begins, changes or ends."""

from sqlalchemy import insert

from helpline.pages.rota.rotation_form import Form, order_of
from helpline.store.rota_tables import Absence, Rotation
from helpline.store.tables import Shift
from rota.staff import DAY
from tests.pages.rota.planned import confirm, form, landed, rows
from tests.pages.signed import Browser, Office, words
from tests.shell import ALIX, BORIS, CHARLIE, NOON

ADD, CHANGE, END = "/rota/rotations/add", "/rota/rotations/change", "/rota/rotations/end"
NIGHTS: dict[str, str | list[str]] = {
    "line": "france",
    "name": "Nuits",
    "since": "2026-03-16",
    "starts": "20:00",
    "ends": "08:00",
    "day": ["1", "2", "3", "4", "5", "6", "7"],
    "every": "1",
    "unit": "week",
    f"order-{ALIX}": "2",
    f"order-{BORIS}": "1",
}


def begun(browser: Browser) -> None:
    """The rotation of these tests, Boris first."""
    confirm(browser, browser.post(ADD, 200, **NIGHTS).text, ADD)


def test_four_weeks_are_shown_and_then_made(site: Office) -> None:
    """In the order of the numbers; half a year of shifts follows."""
    browser = site.browser("coordinator")
    shown = browser.post(ADD, 200, **NIGHTS)
    said = words(shown.text)
    assert "Dans l’ordre : Boris Exemple, Alix Exemple." in said
    weeks = said[said.index("Les quatre premières semaines") : said.index("Ce qui change")]
    assert weeks.split(" semaines ")[1].strip() == (
        "du lun. 16 mars au dim. 22 mars · 7 gardes Boris Exemple "
        "du lun. 23 mars au dim. 29 mars · 7 gardes Alix Exemple "
        "du lun. 30 mars au dim. 5 avr. · 7 gardes Boris Exemple "
        "du lun. 6 avr. au dim. 12 avr. · 7 gardes Alix Exemple"
    )
    assert rows(site, Shift) == []
    answer = confirm(browser, shown.text, ADD)
    said = landed(browser, answer)
    assert "Le tour de garde est enregistré." in said
    assert "Ensuite : Alix Exemple" in said
    assert len(rows(site, Shift)) > 150
    assert confirm(browser, shown.text, ADD).headers["Location"] == answer.headers["Location"]
    assert len(rows(site, Rotation)) == 1


def test_whose_turn_it_is_while_they_are_away_shows_as_open(site: Office) -> None:
    """Before it is begun, with how many there are."""
    with site.service.store.durable() as tx:
        tx.execute(insert(Absence), [{"person": BORIS, "starts_at": NOON, "ends_at": NOON + 9 * DAY, "hard": True}])
    said = words(site.browser("coordinator").post(ADD, 200, **NIGHTS).text)
    assert "du lun. 16 mars au mer. 18 mars · 3 gardes Place libre" in said
    assert "Gardes que personne ne tient" in said


def test_what_is_wrong_is_said_and_nothing_is_lost(site: Office) -> None:
    """Numbers beside names, days and times stay as they were typed."""
    browser = site.browser("coordinator")
    bad = {**NIGHTS, "name": "", "starts": "late", "day": [], "every": "0", f"order-{CHARLIE}": "third"}
    answer = browser.post(ADD, 400, **bad)
    said = words(answer.text)
    for text in ("Donnez-lui un nom", "Écrivez une heure", "Choisissez au moins un jour", "Écrivez un nombre de 1"):
        assert text in said
    assert "Écrivez des nombres" in said
    kept = form(answer.text, ADD)
    assert kept[f"order-{CHARLIE}"] == ["third"]
    assert kept[f"order-{BORIS}"] == ["1"]
    begun(browser)
    assert "Il y a déjà un tour de garde « Nuits »" in words(browser.post(ADD, 400, **NIGHTS).text)


def test_a_rotation_changes_from_a_day_on(site: Office) -> None:
    """The form is as it stands; what isn't changed stays, and who moves up comes before whom they meet."""
    browser = site.browser("coordinator")
    begun(browser)
    kept = {n: v for n, v in form(browser.get(f"{CHANGE}?line=france&name=Nuits"), CHANGE).items() if n != "csrf"}
    assert (kept["starts"], kept[f"order-{BORIS}"], kept["since"]) == (["20:00"], ["1"], ["2026-03-16"])
    assert "Rien n’est différent" in words(browser.post(CHANGE, 400, **kept).text)
    kept |= {"since": ["2026-03-30"], f"order-{CHARLIE}": ["1"], "starts": ["21:00"]}
    shown = browser.post(CHANGE, 200, **kept)
    assert "du lun. 30 mars au dim. 5 avr. · 7 gardes Charlie Exemple" in words(shown.text)
    confirm(browser, shown.text, CHANGE)
    versions = [(row["version"], row["people"], row["starts"], row["until"]) for row in rows(site, Rotation)]
    assert versions[0] == (1, f"{BORIS} {ALIX}", 1200, "2026-03-30")
    assert versions[1][0] == 2
    assert versions[1][2:] == (1260, None)
    said = words(browser.get("/rota/rotations"))
    assert "à partir du lun. 30 mars 2026" in said


def test_changing_the_hours_leaves_the_order_of_turns(site: Office) -> None:
    """Whoever has the turn that day keeps it, also when the form was shown in another week."""
    browser = site.browser("coordinator")
    begun(browser)
    kept = {n: v for n, v in form(browser.get(f"{CHANGE}?line=france&name=Nuits"), CHANGE).items() if n != "csrf"}
    kept |= {"since": ["2026-03-24"], "starts": ["21:00"]}
    said = words(browser.post(CHANGE, 200, **kept).text)
    assert "du mar. 24 mars au dim. 29 mars · 6 gardes Alix Exemple du lun. 30 mars" in said


def test_a_rotation_ends(site: Office) -> None:
    """What goes is shown; what it made from then on is gone."""
    browser = site.browser("coordinator")
    begun(browser)
    kept = {n: v for n, v in form(browser.get(f"{END}?line=france&name=Nuits"), END).items() if n != "csrf"}
    assert "Le passé reste" in browser.post(END, 400, **{**kept, "since": ["2026-03-01"]}).text
    shown = browser.post(END, 200, **{**kept, "since": ["2026-03-23"]})
    assert "ne fait plus de garde à partir du lun. 23 mars 2026." in words(shown.text)
    assert "Le tour de garde est arrêté." in landed(browser, confirm(browser, shown.text, END))
    assert len([row for row in rows(site, Shift) if row["status"] != "cancelled"]) == 7
    assert browser.get(f"{END}?line=france&name=Unknown", 404)


def test_equal_numbers_follow_who_was_moved() -> None:
    """Moved up to a number somebody has: before them. Moved down to it: after them. Several numbers: several turns."""
    was = {1: "1", 2: "2", 3: "3", 4: "4"}
    assert order_of(Form({}, order={**was, 4: "2"}, was=was)) == (1, 4, 2, 3)
    assert order_of(Form({}, order={**was, 1: "3"}, was=was)) == (2, 3, 1, 4)
    assert order_of(Form({}, order={1: "1, 3", 2: "2", 3: ""})) == (1, 2, 1)
    assert order_of(Form({}, order={1: "-1"})) is None


def test_the_list_says_who_comes_next(site: Office) -> None:
    """From whose turn it is today."""
    browser = site.browser("coordinator")
    begun(browser)
    site.clock.at += 14 * DAY
    said = words(site.browser("coordinator").get("/rota/rotations"))
    assert "En ce moment : Alix Exemple Ensuite : Boris Exemple" in said
    assert "20:00–08:00, tous les jours · un tour par semaine" in said
