"""The phone, the calendar, what is kept, the protocol for a life in danger."""

import re

import pytest

from helpline.pages.my.phone import Unusable, read_phone
from helpline.pages.texts import load_texts
from helpline.shifts.absences import add_absence
from helpline.store.tables import Base, Person
from reports.words import LANGUAGES, Language
from rota.model import Span
from tests.pages.my.helping import DAY, change, desk_of, put, reminded, talked, thumb
from tests.pages.signed import HOST, Office, words
from tests.shell import ALIX, BORIS, NOON, revision, rows_of


def person(site: Office, number: int = ALIX) -> dict[str, object]:
    """Somebody's row."""
    return next(row for row in rows_of(site.service.store, Person) if row["id"] == number)


# --- the phone


def test_a_new_number_is_used_at_once(either_site: Office) -> None:
    """Typed as one does at home, kept as the carrier dials it; every serving process reads the rota anew."""
    before = revision(either_site.service.store)
    page = thumb(either_site).open("/my/phone").tap("Changer le numéro")
    page.type(phone="02 61 91 00 42", languages="de").choose("Nederlands").tap("Enregistrer")
    assert "C’est enregistré" in page.says
    assert "+33 2 61 91 00 42" in page.says
    assert person(either_site)["phone"] == "+33261910042"
    assert str(person(either_site)["languages"]).split()[0] == "nl"
    assert revision(either_site.service.store) == before + 1


def test_the_first_language_is_the_one_i_am_spoken_to_in(site: Office) -> None:
    """The others follow it, each once."""
    browser = site.browser("psychologist")
    browser.post("/my/phone/change", phone="+33199000101", first="de", languages=["fr", "de", "nl", "xx"])
    assert person(site)["languages"] == "de fr nl"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Ce numéro n’existe pas."),
        ("12", "Ce numéro n’existe pas."),
        ("+33 1 99", "Ce numéro n’existe pas."),
        ("bonjour", "Ce numéro n’existe pas."),
        ("+33 826 00 04 01", "C’est un numéro spécial"),
        ("+33199000102", "Quelqu’un d’autre sur la ligne a déjà ce numéro."),
    ],
)
def test_a_number_that_can_not_be_rung_is_said_and_kept(site: Office, typed: str, said: str) -> None:
    """At its field, in words; what was typed is still there, and callers reach the old one."""
    page = thumb(site).open("/my/phone/change").type(phone=typed).tap("Enregistrer")
    assert page.status == 400
    assert said in page.says
    assert 'id="phone-wrong"' in page.html
    assert f'value="{typed}"' in page.html
    assert person(site)["phone"] == "+33199000101"


def test_the_number_of_somebody_who_has_left_is_free(site: Office) -> None:
    """Nobody is rung there any more."""
    change(site, BORIS, left_at=NOON - DAY)
    page = thumb(site).open("/my/phone/change").type(phone="+33199000102").tap("Enregistrer")
    assert "C’est enregistré" in page.says


@pytest.mark.parametrize(
    ("text", "own", "number"),
    [
        ("01 99 00 01 05", "+33199000101", "+33199000105"),
        ("+33 (0)1 99.00-01 05", "+33199000101", "+33199000105"),
        ("02 345 67 89", "+3223456780", "+3223456789"),
        ("0033199000105", "+33199000101", "+33199000105"),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, own: str, number: str) -> None:
    """With blanks, dots, a nought in brackets; without a country code in the country of the number before."""
    assert read_phone(text, own) == number


def test_a_number_is_never_in_what_is_refused() -> None:
    """The error names a text and not what was typed."""
    with pytest.raises(Unusable) as refused:
        read_phone("+33 1 99", "+33199000101")
    assert "99" not in str(refused.value)


def test_a_language_has_to_be_chosen(site: Office) -> None:
    """Whatever else a form may hold."""
    answer = site.browser("psychologist").post("/my/phone/change", 400, phone="+33199000101", first="xx")
    assert "Choisissez une langue." in answer.text


def test_only_who_has_just_proved_who_they_are_changes_it(site: Office) -> None:
    """A telephone that lies about shows the number, and can't send callers elsewhere."""
    browser = site.browser("psychologist", fresh=False)
    assert "+33 1 99 00 01 01" in words(browser.get("/my/phone"))
    answer = browser.client.get("/my/phone/change", base_url=HOST)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/prove")
    browser.post("/my/phone/change", 303, phone="+33261910042", first="fr")
    assert person(site)["phone"] == "+33199000101"


# --- the calendar


def test_a_calendars_address_is_made_by_one_tap_and_shows_my_shifts(either_site: Office) -> None:
    """It is shown for copying and opens in the telephone's own calendar."""
    put(either_site, ALIX, DAY)
    page = thumb(either_site).open("/my/shifts").tap("Mes gardes dans mon agenda").tap("Créer l’adresse")
    assert page.taps == 2
    [address] = re.findall(r"https://helpline\.example\.org(/feed/\S+?\.ics)<", page.html)
    assert f"webcal://helpline.example.org{address}" in page.html
    feed = either_site.service.web.test_client().get(address, base_url=HOST)
    assert feed.status_code == 200
    assert b"20260311T120000Z" in feed.data


def _address(html: str) -> str:
    return str(re.findall(r"/feed/\S+?\.ics", html)[0])


def test_an_address_can_be_changed_and_taken_back(site: Office) -> None:
    """Each time the one before shows nothing any more."""
    client = site.service.web.test_client()
    page = thumb(site).open("/my/shifts/calendar").again("Créer l’adresse")
    first = _address(page.html)
    second = _address(page.tap("Changer l’adresse").html)
    assert [client.get(path, base_url=HOST).status_code for path in (first, second)] == [404, 200]
    page.tap("Supprimer l’adresse")
    assert "/feed/" not in page.html
    assert client.get(second, base_url=HOST).status_code == 404


def test_an_address_made_twice_is_one(site: Office) -> None:
    """A second tap doesn't make the first address useless."""
    page = thumb(site).open("/my/shifts/calendar")
    first = _address(page.tap("Créer l’adresse").html)
    site.browser("psychologist").post("/my/shifts/calendar")
    assert _address(thumb(site).open("/my/shifts/calendar").html) == first


# --- what is kept


def test_what_is_kept_of_me_is_mine_alone(either_site: Office) -> None:
    """Name, number, counts of my own rows, until when; nothing of anybody else's."""
    reminded(either_site, put(either_site, ALIX, DAY))
    for day in (2, 3, 4):
        put(either_site, BORIS, day * DAY)
    talked(either_site, times=2)
    talked(either_site, BORIS)
    add_absence(desk_of(either_site), ALIX, Span(NOON + 9 * DAY, NOON + 10 * DAY), f"person:{ALIX}", NOON)
    page = thumb(either_site).open("/my/kept").says
    for said in (
        "Nom jusqu’à la fin de votre engagement Alix Exemple",
        "engagement +33 1 99 00 01 01",
        "avec leurs changements jusqu’à la fin de votre engagement 1 ",
        "(un nombre, sans heure) jusqu’à leur codage, deux jours au plus 2 ",
        "jamais de raison) jusqu’à 90 jours après leur fin 1 ",
        "à votre sujet pendant un an 1 ",
        "(rappels, changements) pendant 90 jours 1 ",
    ):
        assert said in page
    assert "Boris" not in page


def test_every_kind_of_row_about_a_person_is_told(site: Office) -> None:
    """A table that gets a column for a person has to be on the page: this list is held against the schema."""
    told = {
        "shifts", "duty_log", "fairness_ledger", "absences", "overrides", "swaps", "rota_edits", "notices",
        "proposals", "wrap_ups", "legs", "feeds", "sessions", "passkeys", "recovery_codes", "rotations",
        "people", "accounts", "directory_edits",
    }  # fmt: skip
    # The call in progress and the callback go with their leg; an invitation is used up before anybody sees the page.
    passing = {"live_calls", "callbacks", "invitations"}
    about = {"person", "account", "giver", "taker", "people", "remove", "add", "actor"}
    found = {name for name, table in Base.metadata.tables.items() if about & {column.name for column in table.columns}}
    assert found <= told | passing


# --- a life in danger


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_protocol_is_one_tap_away_from_every_page(site: Office, language: Language) -> None:
    """In each language, without a link to a telephone number: this is the phone that the caller is on."""
    browser = site.browser("psychologist", language=language)
    for path in ("/my", "/my/coding", "/my/shifts", "/my/absences", "/my/phone", "/my/kept"):
        assert 'href="/my/danger"' in browser.get(path)
    page = browser.get("/my/danger")
    for key in ("danger-where", "danger-call", "danger-stay", "danger-note"):
        assert load_texts()[key].to(language) in page
    assert "tel:" not in page
