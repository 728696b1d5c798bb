"""Somebody put in for somebody else, and somebody taken off for a while."""

from helpline.store.rota_tables import Override
from rota.staff import DAY, HOUR
from tests.pages.rota.planned import confirm, form, landed, put, rows, standing
from tests.pages.signed import Office, words
from tests.shell import ALIX, BORIS, CHARLIE

ADD, OFF = "/rota/overrides/add", "/rota/off"
NIGHT = {"line": "france", "remove": str(ALIX), "add": str(BORIS), "first": "2026-03-10", "from": "20:00"}


def test_an_override_is_shown_done_and_taken_back(site: Office) -> None:
    """An end earlier in the day than the beginning is on the next day; undo is on the page that follows."""
    put(site, ALIX, 7 * HOUR, 12)
    browser = site.browser("coordinator")
    shown = browser.post(ADD, 200, **NIGHT, until="08:00")
    said = words(shown.text)
    assert "Boris Exemple remplace Alix Exemple" in said
    assert "mar. 10 mars, 20:00–08:00" in said
    assert standing(site) == [(ALIX, 7, 19)]
    answer = confirm(browser, shown.text, ADD)
    assert "Boris Exemple remplace Alix Exemple" in landed(browser, answer)
    assert standing(site) == [(BORIS, 7, 19)]
    assert 'href="/rota/audit/1/undo"' in browser.get(
        answer.headers["Location"].removeprefix("https://helpline.example.org")
    )
    undo = "/rota/audit/1/undo"
    assert "La modification est annulée." in landed(browser, confirm(browser, browser.get(undo), undo))
    assert standing(site) == [(ALIX, 7, 19)]


def test_from_now_on_when_no_time_is_given(site: Office) -> None:
    """The most frequent case: today, until this evening."""
    put(site, ALIX, -HOUR, 12)
    browser = site.browser("coordinator")
    shown = browser.post(ADD, 200, line="france", remove=str(ALIX), add=str(BORIS), first="2026-03-10", until="18:00")
    site.clock.at += 45
    confirm(browser, shown.text, ADD)
    assert standing(site) == [(ALIX, -1, 45 / 3600), (BORIS, 45 / 3600, 5), (ALIX, 5, 11)]


REFUSED = (
    ({"remove": "", "add": ""}, "Choisissez qui est remplacé"),
    ({"add": str(ALIX)}, "Personne ne peut se remplacer soi-même"),
    ({"remove": str(CHARLIE)}, "Charlie Exemple n’est pas de garde à ce moment-là."),
    ({"first": "2026-03-09", "last": "2026-03-10"}, "Le passé reste tel qu’il était"),
    ({"from": "", "last": "2026-03-10"}, "La fin doit venir après le début."),
    ({"until": "8 o'clock"}, "Écrivez une heure"),
    ({"line": "spain"}, "Choisissez une ligne."),
)


def test_what_can_not_be_is_said_and_what_was_typed_is_kept(site: Office) -> None:
    """In words, whoever refuses it: the form or the rota."""
    put(site, ALIX, 7 * HOUR, 12)
    browser = site.browser("coordinator")
    for given, said in REFUSED:
        sent = {**NIGHT, "until": "08:00", **given}
        answer = browser.post(ADD, 400, **sent)
        assert said in words(answer.text), given
        assert form(answer.text, ADD)["until"] == [sent["until"]]


def test_an_hour_that_comes_twice_is_told(site: Office) -> None:
    """And one that never comes: which instant counts is said before anything is done."""
    site.clock.at += 5 * DAY
    put(site, ALIX, 17 * DAY, 48)
    browser = site.browser("coordinator")
    spring = {"line": "france", "remove": str(ALIX), "add": str(BORIS), "first": "2026-03-29", "from": "02:30"}
    assert "n’existe pas (changement d’heure)" in words(browser.post(ADD, 200, **spring, until="06:00").text)
    put(site, CHARLIE, 228 * DAY, 48)
    autumn = {"line": "france", "remove": str(CHARLIE), "add": str(BORIS), "first": "2026-10-25", "from": "02:30"}
    assert "deux fois (changement d’heure)" in words(browser.post(ADD, 200, **autumn, until="06:00").text)


def test_twice_is_once(site: Office) -> None:
    """Also where somebody is put in beside the others. Where nobody is, that is warned of."""
    put(site, ALIX, 7 * HOUR, 12)
    browser = site.browser("coordinator")
    shown = browser.post(ADD, 200, **{**NIGHT, "add": ""}, until="08:00")
    assert "Personne n’est mis à la place" in words(shown.text)
    extra = browser.post(ADD, 200, **{**NIGHT, "remove": ""}, until="08:00").text
    assert {confirm(browser, extra, ADD).headers["Location"] for _ in range(2)} == {
        "/rota/overrides?done=done-override&edit=1"
    }
    assert len(rows(site, Override)) == 1


def test_somebody_is_taken_off_for_a_while(site: Office) -> None:
    """While another is there; the form offers those who are on call soon."""
    put(site, ALIX, -HOUR, 8)
    put(site, BORIS, -HOUR, 8)
    browser = site.browser("coordinator")
    page = browser.get(OFF)
    assert "Alix Exemple" in page
    assert "Charlie Exemple" not in page
    shown = browser.post(OFF, 200, person=str(ALIX), minutes="60").text
    site.clock.at += 20
    assert "la personne n’est plus de garde" in landed(browser, confirm(browser, shown, OFF))
    assert {person for person, start, end in standing(site) if start <= 0.5 < end} == {None, BORIS}


def test_nobody_is_left_only_for_who_insists(site: Office) -> None:
    """The first answer says so; a tick does it all the same."""
    put(site, ALIX, -HOUR, 8)
    browser = site.browser("coordinator")
    refused = browser.post(OFF, 400, person=str(ALIX), minutes="60")
    assert "Il ne resterait personne pour répondre." in words(refused.text)
    assert 'name="alone"' in refused.text
    shown = browser.post(OFF, 200, person=str(ALIX), minutes="60", alone="yes").text
    confirm(browser, shown, OFF)
    assert [person for person, start, end in standing(site) if start <= 0.5 < end] == [None]
