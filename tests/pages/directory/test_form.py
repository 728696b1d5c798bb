"""Adding and editing an entry, taking it out, and going back to what it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from helpline.directory.entries import Audience, Cost, Entry, Kind
from tests.directory.some import SERVICE, TODAY
from tests.pages.directory.desk import edits, hidden, put, there, typed
from tests.pages.signed import Office, words

EDIT = "/directory/entries/service/edit"
REMOVE = "/directory/entries/service/remove"


def test_an_entry_is_added(either_site: Office) -> None:
    """By name of its territories as by their codes; its key is made from its name, and it is to be verified."""
    browser = either_site.browser("coordinator")
    browser.get("/directory/new")
    answer = browser.post(
        "/directory/new",
        name="Aide d’Exemple, été",
        kind="clinic",
        audiences=["doctor", "relative"],
        more="Haute-Garonne, 2a; Occitanie",
        languages=["en", "fr"],
        phone="01 99 00 12 34",
        cost="free",
        independent="",
        connect="no",
    )
    assert answer.headers["Location"] == "/directory/entries/aide-d-exemple-ete?done=done-directory-saved"
    assert there(either_site)["aide-d-exemple-ete"] == Entry(
        "aide-d-exemple-ete",
        "Aide d’Exemple, été",
        Kind.CLINIC,
        frozenset({Audience.DOCTOR, Audience.RELATIVE}),
        ("31", "2A", "FR-OCC"),
        ("fr", "en"),
        "+33199001234",
        cost=Cost.FREE,
    )


@pytest.mark.slow
def test_an_unchanged_form_changes_nothing(site: Office) -> None:
    """What the form shows is what there is: sent as it is, it is no edit."""
    put(site, SERVICE)
    browser = site.browser("coordinator")
    browser.post(EDIT, 303, **typed(SERVICE, seen=hidden(browser.get(EDIT))))
    assert (there(site), len(edits(site))) == ({"service": SERVICE}, 1)


def test_an_entry_is_changed(site: Office) -> None:
    """A territory unticked, another one added; the history tells it in words."""
    put(site, SERVICE)
    browser = site.browser("coordinator")
    fields = typed(SERVICE, territories=[], more="Gers", phone="3114", connect="no", kind="crisis")
    shown = words(browser.follow(EDIT, **fields, seen=hidden(browser.get(EDIT))))
    assert "C’est enregistré. Le numéro a changé : la fiche est à vérifier." in shown
    assert "Modifiée" in shown
    assert "Sorte : association d’entraide → numéro d’urgence" in shown
    assert "Territoires : Haute-Garonne → Gers" in shown
    assert "Téléphone : 01 99 00 12 34 → 3114" in shown
    assert there(site)["service"].territories == ("32",)


def test_a_new_number_is_to_be_verified(site: Office) -> None:
    """The day that the form went on showing is that of the old one; a day of its own stands."""
    put(site, SERVICE)
    browser = site.browser("coordinator")

    def save(**fields: str) -> date | None:
        shown = browser.get(EDIT)
        browser.post(EDIT, 303, **typed(there(site)["service"], **fields), seen=hidden(shown))
        return there(site)["service"].verified

    assert save(hours="le matin") == SERVICE.verified
    assert save(phone="01 99 00 12 35") is None
    assert save(phone="01 99 00 12 36", verified=TODAY.isoformat()) == TODAY


@pytest.mark.parametrize(
    ("field", "given", "said"),
    [
        ("name", "", "Écrivez le nom."),
        ("name", "a <b>", "un signe qu’une voix ne lit pas"),
        ("phone", "01 99 00 12", "Ce numéro ne peut pas être composé"),
        ("phone", "3114", "L’opérateur ne compose pas ce numéro"),
        ("more", "Atlantide", "seulement de ceux qui existent"),
        ("more", "BE", "Deux pays dans une fiche"),
        ("website", "example.org", "Écrivez l’adresse avec https://"),
        ("verified", "2026-03-11", "Ce jour est à venir"),
        ("verified", "demain", "Écrivez le jour comme"),
        ("kind", "circus", "Cette valeur n’est pas connue"),
        ("cost", "circus", "Cette valeur n’est pas connue"),
        ("hours", "x" * 121, "C’est trop long"),
        ("audiences", [], "Choisissez au moins une réponse"),
        ("languages", [], "Choisissez au moins une langue"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_is_kept(
    site: Office, field: str, given: str | list[str], said: str
) -> None:
    """Beside the field and on top; nothing is changed."""
    put(site, SERVICE)
    browser = site.browser("coordinator")
    seen = hidden(browser.get(EDIT))
    answer = browser.post(EDIT, 400, **typed(SERVICE, **{field: given, "source": "ma source"}), seen=seen)
    assert words(answer.text).count(said) == 2
    assert 'value="ma source"' in answer.text
    assert (
        not isinstance(given, str)
        or not given
        or field in {"kind", "cost"}
        or given in answer.text.replace("&lt;b&gt;", "<b>")
    )
    assert 'lang="en"' not in answer.text.split("<main")[1].split("</main>")[0]
    assert there(site) == {"service": SERVICE}


@pytest.mark.slow
def test_all_that_is_wrong_is_said_at_once(site: Office) -> None:
    """An empty form names each field that can't be empty."""
    html = site.browser("coordinator").post("/directory/new", 400).text
    for name in ("name", "kind", "audiences", "more", "languages", "phone"):
        assert f'<a href="#{name}">' in html, name
        assert f'id="{name}"' in html, name


def test_the_second_of_two_is_told_and_loses_nothing(site: Office) -> None:
    """What saving would change is shown with all that was typed; saving again is meant."""
    put(site, SERVICE)
    browser = site.browser("coordinator")
    seen = hidden(browser.get(EDIT))
    put(site, replace(SERVICE, phone="+33199001299"))
    answer = browser.post(EDIT, 409, **typed(SERVICE, hours="à midi"), seen=seen)
    shown = words(answer.text)
    assert "Téléphone : 01 99 00 12 99 → 01 99 00 12 34" in shown
    assert "Horaires : le soir → à midi" in shown
    assert 'value="à midi"' in answer.text
    assert there(site)["service"].hours == "le soir"
    browser.post(EDIT, 303, **typed(SERVICE, hours="à midi"), seen=hidden(answer.text))
    assert there(site)["service"] == replace(SERVICE, hours="à midi", verified=None)


@pytest.mark.slow
def test_what_somebody_has_taken_out_meanwhile_is_not_lost(site: Office) -> None:
    """The form stays with what was typed; saving puts the entry back."""
    put(site, SERVICE)
    browser = site.browser("coordinator")
    seen = hidden(browser.get(EDIT))
    browser.post(REMOVE, seen=hidden(browser.get(REMOVE)))
    answer = browser.post(EDIT, 409, **typed(SERVICE, hours="à midi"), seen=seen)
    assert "a retiré cette fiche entre-temps" in words(answer.text)
    browser.post("/directory/new", 303, **typed(SERVICE, hours="à midi", key="service"))
    assert there(site)["service"].hours == "à midi"


@pytest.mark.slow
def test_a_key_that_is_taken_is_refused(site: Office) -> None:
    """A new entry never replaces another one; the very same sent twice is one."""
    put(site, SERVICE)
    browser = site.browser("coordinator")
    answer = browser.post("/directory/new", 400, **typed(SERVICE, hours="à midi", key="service"))
    assert "Une autre fiche a cet identifiant" in words(answer.text)
    for _ in range(2):
        browser.post("/directory/new", 303, **typed(SERVICE, name="Deux fois"))
    assert set(there(site)) == {"service", "deux-fois"}


def test_an_entry_is_taken_out_after_a_question(site: Office) -> None:
    """And not if it has been changed since the question was shown; twice is once."""
    put(site, SERVICE)
    browser = site.browser("coordinator")
    seen = hidden(browser.get(REMOVE))
    put(site, replace(SERVICE, hours="à midi"))
    again = browser.post(REMOVE, 409, seen=seen).text
    assert "service" in there(site)
    browser.post(REMOVE, seen=hidden(again))
    shown = browser.follow(REMOVE, seen=hidden(again))
    assert "Cette fiche n’est plus dans l’annuaire." in words(shown)
    assert there(site) == {}


def test_the_way_back_is_the_form_with_what_was(site: Office) -> None:
    """Of what was changed, and of what was taken out: nothing happens until it is saved."""
    put(site, SERVICE)
    put(site, replace(SERVICE, hours="à midi", verified=TODAY))
    browser = site.browser("coordinator")
    one = edits(site)[0].id
    assert f'href="{EDIT}?since={one}"' in browser.get("/directory/history")
    form = browser.get(f"{EDIT}?since={one}")
    assert "Horaires : à midi → le soir" in words(form)
    browser.post(EDIT, 303, **typed(SERVICE), seen=hidden(form))
    assert there(site)["service"] == SERVICE
    browser.post(REMOVE, seen=hidden(browser.get(REMOVE)))
    gone = edits(site)[0].id
    assert f'href="/directory/new?since={gone}"' in browser.get("/directory/entries/service")
    form = browser.get(f"/directory/new?since={gone}")
    assert 'value="service"' in form
    browser.post("/directory/new", 303, **typed(SERVICE, key="service"))
    assert there(site)["service"] == SERVICE


@pytest.mark.slow
@pytest.mark.parametrize("since", ["0", "99", "x", "-1", "9" * 30, "٣"])
def test_an_edit_that_is_not_there_leads_to_the_form_as_it_is(site: Office, since: str) -> None:
    """No address breaks it."""
    put(site, SERVICE)
    assert 'value="Service Exemple"' in site.browser("coordinator").get(f"{EDIT}?since={since}")


@pytest.mark.slow
@pytest.mark.parametrize("key", ["nothing", "A", "x" * 50, "a%20b", "-"])
def test_an_entry_that_never_was_is_said_to_be_gone(site: Office, key: str) -> None:
    """For its page, its form, and what is sent."""
    browser = site.browser("coordinator")
    for path in ("", "/edit", "/remove"):
        browser.get(f"/directory/entries/{key}{path}", 404)
    for path in ("/edit", "/verify"):
        browser.post(f"/directory/entries/{key}{path}", 404, **typed(SERVICE))


def test_changing_what_callers_are_told_takes_a_fresh_proof(site: Office) -> None:
    """Whoever finds a browser open can't send callers elsewhere."""
    put(site, SERVICE)
    browser = site.browser("coordinator", fresh=False)
    site.clock.at += 20 * 60
    for path in (EDIT, REMOVE, "/directory/new", "/directory/files"):
        assert browser.post(path).headers["Location"].startswith("/prove")
    assert there(site) == {"service": SERVICE}
