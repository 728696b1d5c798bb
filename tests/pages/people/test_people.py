"""The list of people, one person's details, adding and changing them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, text, update

from helpline.errors import UsageError
from helpline.shifts.editing import Desk, undo_edit
from helpline.store.account_tables import Account
from helpline.store.rota_tables import RotaEdit
from helpline.store.tables import Person, Shift
from reports.words import LANGUAGES
from rota.staff import DAY, Limits
from tests.pages.signed import Office, words
from tests.shell import ALIX, BORIS, NOON, revision, rows_of

FORM: dict[str, Any] = {
    "name": "Dana Exemple",
    "phone": "+33 1 99 00 01 44",
    "languages": ["fr", "nl"],
    "first": "nl",
    "email": "dana@example.org",
    "share": "80",
}


def number_on(site: Office) -> None:
    """PostgreSQL goes on numbering after those whom the tests have numbered themselves."""
    if not site.service.store.is_sqlite:
        with site.service.store.durable() as tx:
            tx.execute(text("SELECT setval(pg_get_serial_sequence('people', 'id'), 10)"))


def _person(site: Office, name: str) -> dict[str, object]:
    return next(row for row in rows_of(site.service.store, Person) if row["name"] == name)


def test_everybody_is_in_the_list(site: Office) -> None:
    """With languages and whether they have an account; by name."""
    html = site.browser("coordinator").get("/people")
    shown = words(html)
    assert [shown.index(name) for name in ("Alix", "Boris", "Charlie")] == sorted(
        shown.index(name) for name in ("Alix", "Boris", "Charlie")
    )
    assert "anglais et français" in shown
    assert "pas de compte" in shown


def test_a_person_is_found_by_any_of_their_words(site: Office) -> None:
    """Name, language, address or role, accents and capitals aside."""
    browser = site.browser("coordinator")
    for sought, found in (("ALIX", True), ("anglais", True), ("éxemple ali", True), ("ivan", False)):
        assert ("Alix Exemple" in words(browser.get(f"/people?q={sought}"))) == found


@pytest.mark.slow
def test_who_has_left_is_folded_away(site: Office) -> None:
    """A link shows them as well."""
    with site.service.store.durable() as tx:
        tx.execute(update(Person).where(Person.id == BORIS).values(left_at=NOON - DAY))
    browser = site.browser("coordinator")
    assert "Boris" not in words(browser.get("/people"))
    assert "Montrer aussi qui est parti (1)" in words(browser.get("/people"))
    assert "Boris Exemple" in words(browser.get("/people?left=1"))


def test_somebody_is_added(either_site: Office) -> None:
    """As they are typed: the phone as it is dialled, their own language first; and calls know of them at once."""
    number_on(either_site)
    before = revision(either_site.service.store)
    browser = either_site.browser("coordinator")
    page = browser.follow("/people/new", **FORM)
    assert "La personne est ajoutée." in words(page)
    row = _person(either_site, "Dana Exemple")
    assert (row["phone"], row["languages"], row["share"], row["email"]) == (
        "+33199000144",
        "nl fr",
        80,
        "dana@example.org",
    )
    assert revision(either_site.service.store) > before


WRONG = (
    ("name", "", "Écrivez le nom"),
    ("name", "alix  EXEMPLE", "Quelqu’un porte déjà ce nom"),
    ("phone", "01 99 00 01 44", "avec l’indicatif du pays"),
    ("phone", "+33 8 99 00 01 44", "un numéro ordinaire"),
    ("phone", "+33 1 99 00 01 02", "Quelqu’un d’autre a ce numéro"),
    ("email", "dana@", "nom@exemple.org"),
    ("share", "300", "de 1 à 200"),
    ("region", "XX-9", "Cette région n’est pas connue"),
    ("rest_hours", "long", "de 0 à 72"),
    ("week", "0", "de 1 à 14"),
    ("nights", "many", "de 1 à 14"),
)
"""A field, what is typed, and what is said of it."""


def test_what_is_wrong_is_said_beside_its_field(site: Office) -> None:
    """In words, with everything that was typed still there; nobody is added."""
    browser = site.browser("coordinator")
    for field, value, said in WRONG:
        answer = browser.post("/people/new", 400, **{**FORM, field: value})
        assert said in words(answer.text)
        assert f'id="{field}-wrong"' in answer.text
        assert 'value="dana@' in answer.text
    assert len(rows_of(site.service.store, Person)) == 3


def test_no_language_is_refused(site: Office) -> None:
    """Whoever answers speaks something."""
    answer = site.browser("coordinator").post("/people/new", 400, **{**FORM, "languages": [], "first": ""})
    assert "Choisissez au moins une langue." in words(answer.text)


def test_a_language_that_is_unticked_is_gone(site: Office) -> None:
    """Also if it was the one of their messages: they are then written to in the next."""
    browser = site.browser("coordinator")
    browser.post("/people/new", 303, **{**FORM, "languages": ["fr"], "first": "nl"})
    assert _person(site, "Dana Exemple")["languages"] == "fr"


def test_details_are_changed_and_their_account_goes_by_the_same_name(either_site: Office) -> None:
    """A new name shows in the rota and in their account; serving processes read it anew; the audit keeps no number."""
    either_site.browser("psychologist")
    browser, before = either_site.browser("coordinator"), revision(either_site.service.store)
    assert 'value="+33199000101"' in browser.get(f"/people/{ALIX}/edit")
    page = browser.follow(f"/people/{ALIX}/edit", **{**FORM, "name": "Alix Modèle"})
    assert "Alix Modèle" in words(page)
    accounts = rows_of(either_site.service.store, Account)
    assert [row["name"] for row in accounts if row["person"] == ALIX] == ["Alix Modèle"]
    assert revision(either_site.service.store) > before
    assert "99" not in str([(row["about"], row["done"]) for row in rows_of(either_site.service.store, RotaEdit)])


def test_a_tier_is_not_taken_from_who_holds_shifts_in_it(site: Office) -> None:
    """Nobody may plan that: it is said by the tiers, and nothing is changed."""
    shift = {"line": "france", "tier": 1, "person": ALIX, "source": "import"}
    with site.service.store.durable() as tx:
        tx.execute(insert(Shift), {**shift, "starts_at": NOON + DAY, "ends_at": NOON + 2 * DAY})
    answer = site.browser("coordinator").post(f"/people/{ALIX}/edit", 400, **{**FORM, "tiers": "2"})
    assert "niveau" in words(answer.text)
    assert _person(site, "Alix Exemple")["tiers"] == ""


@pytest.mark.slow
def test_limits_of_their_own_are_shown_and_kept(site: Office) -> None:
    """What differs from the usual is unfolded."""
    browser = site.browser("coordinator")
    assert "<details>" in browser.get(f"/people/{ALIX}/edit")
    values = {**FORM, "name": "Alix Exemple", "rest_hours": "11,5", "week": "4", "nights": "2"}
    shown = words(browser.follow(f"/people/{ALIX}/edit", **values))
    assert "11.5 h de repos ; 4 gardes en sept jours ; 2 nuits d’affilée" in shown
    assert "<details open>" in browser.get(f"/people/{ALIX}/edit")


def test_changing_people_asks_for_proof(site: Office) -> None:
    """Whoever finds an open browser sees the list, and changes nobody."""
    stale = site.browser("coordinator", "operator", fresh=False)
    site.clock.at += 20 * 60
    stale.get("/people")
    stale.get(f"/people/{ALIX}")
    for path in ("/people/new", f"/people/{ALIX}/edit", "/people/invite", f"/people/{ALIX}/leave"):
        answer = stale.client.get(path, base_url="https://helpline.example.org")
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/prove")


def test_nobody_else_sees_a_number(site: Office) -> None:
    """A list is names and languages; numbers are on one person's page, which only coordinators open."""
    assert "99 00" not in site.browser("coordinator").get("/people")
    assert "199000101" not in site.browser("coordinator").get("/people")
    site.browser("psychologist").get(f"/people/{ALIX}", 403)


@pytest.mark.slow
def test_each_page_is_in_the_readers_language(site: Office) -> None:
    """Nothing of them stays French."""
    browser = site.browser("coordinator")
    for language in LANGUAGES:
        browser.post("/account/language", language=language)
        for path in ("/people", "/people/new", f"/people/{ALIX}", "/people/invite", f"/people/{ALIX}/leave"):
            page = browser.get(path)
            assert f'<html lang="{language}">' in page
            shown = words(page)
            assert ("Personnes" in shown) == (language == "fr")
            assert any(word in shown for word in ("Inviter", "Renoncer", "Dernier")) == (language == "fr")


@pytest.mark.slow
def test_a_person_who_is_not_there(site: Office) -> None:
    """An old link, or a number that was made up."""
    browser = site.browser("coordinator")
    for path in (
        "/people/99",
        "/people/99/edit",
        "/people/99/leave",
        "/people/accounts/99",
        "/people/invite?person=99",
    ):
        browser.get(path, 404)


def test_the_list_asks_the_database_a_few_times_whoever_is_in_it(site: Office) -> None:
    """Not once for each person."""
    rows = [{"name": f"P{n} Exemple", "phone": f"+33199000{n:03}", "languages": "fr"} for n in range(200, 260)]
    with site.service.store.durable() as tx:
        tx.execute(insert(Person), rows)
    html = site.browser("coordinator").get("/people")
    assert html.count('class="row"') >= 63
    assert len(html) < 60_000


def test_an_edit_of_details_is_kept_and_not_undone(site: Office) -> None:
    """Who changed somebody, and when; what it was before isn't, so it can't come back."""
    browser = site.browser("coordinator")
    browser.post(f"/people/{ALIX}/edit", **{**FORM, "name": "Alix Exemple"})
    (row,) = rows_of(site.service.store, RotaEdit)
    assert (row["kind"], row["about"]) == ("person", '{"person": 1, "new": false}')
    desk = Desk(site.service.store, site.service.lines, Limits())
    with pytest.raises(UsageError, match="which aren't kept"):
        undo_edit(desk, row["id"], "cli", NOON)
