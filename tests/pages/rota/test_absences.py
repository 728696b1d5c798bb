"""Absences: what one takes is shown before it is done, and done once."""

from datetime import UTC, datetime

from helpline.store.rota_tables import Absence, RotaEdit
from rota.staff import DAY, HOUR
from tests.pages.rota.planned import confirm, form, landed, put, rows, standing
from tests.pages.signed import Office, words
from tests.shell import ALIX, BORIS, NOON

ADD = "/rota/absences/add"
TOMORROW = {"person": str(ALIX), "first": "2026-03-11", "last": "2026-03-12", "kind": "away"}


def utc(day: int, hour: int = 0) -> int:
    """An instant of March 2026."""
    return int(datetime(2026, 3, day, hour, tzinfo=UTC).timestamp())


def test_what_an_absence_takes_is_shown_then_done(site: Office) -> None:
    """The lost shift, the gap that it leaves and who could take it are there before the button that does it."""
    put(site, ALIX, DAY)
    put(site, ALIX, 9 * DAY)
    browser = site.browser("coordinator")
    shown = browser.post(ADD, 200, **TOMORROW)
    said = words(shown.text)
    assert "Alix Exemple sera en absence : du mer. 11 mars au jeu. 12 mars inclus" in said
    assert "mer. 11 mars, 13:00–21:00" in said
    assert "en moins, Alix Exemple" in said
    assert "Pourrait prendre" in said
    assert "Boris Exemple, Charlie Exemple" in said
    assert standing(site) == [(ALIX, 24, 32), (ALIX, 216, 224)]
    done = landed(browser, confirm(browser, shown.text, ADD))
    assert "L’absence est enregistrée." in done
    assert "Alix Exemple du mer. 11 mars au jeu. 12 mars inclus" in done
    assert standing(site) == [(None, 24, 32), (ALIX, 216, 224)]
    assert [row["actor"] for row in rows(site, RotaEdit)] == [f"account:{browser.account}"]


def test_the_last_day_is_part_of_it(site: Office) -> None:
    """From the first day's midnight to that after the last, in the line's zone, unless hours are given."""
    browser = site.browser("coordinator")
    for person, last in ((ALIX, "2026-03-12"), (BORIS, "")):
        shown = browser.post(ADD, 200, **{**TOMORROW, "person": str(person), "last": last})
        confirm(browser, shown.text, ADD)
    spans = [(row["starts_at"], row["ends_at"]) for row in rows(site, Absence)]
    assert spans == [(utc(10, 23), utc(12, 23)), (utc(10, 23), utc(11, 23))]
    given = {**TOMORROW, "first": "14/03/2026", "last": "", "from": "14h", "until": "18h30"}
    confirm(browser, browser.post(ADD, 200, **given).text, ADD)
    assert (rows(site, Absence)[2]["starts_at"], rows(site, Absence)[2]["ends_at"]) == (utc(14, 13), utc(14, 17) + 1800)


def test_what_was_typed_wrong_is_said_beside_it_and_kept(site: Office) -> None:
    """Nothing that was typed is lost."""
    browser = site.browser("coordinator")
    answer = browser.post(ADD, 400, person="99", first="soon", last="2026-03-12", kind="wish", until="25:00")
    said = words(answer.text)
    assert "Rien n’a été modifié." in said
    assert "Choisissez quelqu’un dans la liste." in said
    assert 'id="first-wrong"' in answer.text
    kept = form(answer.text, ADD)
    assert (kept["first"], kept["last"], kept["until"], kept["kind"]) == (["soon"], ["2026-03-12"], ["25:00"], ["wish"])
    assert "La fin doit venir après" in browser.post(ADD, 400, **{**TOMORROW, "last": "2026-03-10"}).text
    over = {**TOMORROW, "first": "2026-03-01", "last": "2026-03-02"}
    assert "Le passé reste tel qu’il était" in browser.post(ADD, 400, **over).text


def test_a_form_tapped_twice_does_it_once(site: Office) -> None:
    """The second tap leads to the same page as the first."""
    put(site, ALIX, DAY)
    browser = site.browser("coordinator")
    shown = browser.post(ADD, 200, **TOMORROW).text
    answers = [confirm(browser, shown, ADD) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(rows(site, Absence)) == 1


def test_what_comes_to_something_else_meanwhile_is_shown_anew(site: Office) -> None:
    """Somebody else took the shift off Alix: the page says so and shows what it would be now, and nothing is done."""
    put(site, ALIX, DAY)
    put(site, ALIX, DAY + 12 * HOUR)
    browser, other = site.browser("coordinator"), site.browser("coordinator", "operator")
    shown = browser.post(ADD, 200, **TOMORROW).text
    given = {"line": "france", "remove": str(ALIX), "add": str(BORIS), "first": "2026-03-11", "from": "13:00"}
    override = other.post("/rota/overrides/add", 200, **given, until="21:00").text
    confirm(other, override, "/rota/overrides/add")
    again = confirm(browser, shown, ADD, 409)
    assert "Le planning a été modifié entre-temps." in words(again.text)
    assert rows(site, Absence) == []
    confirm(browser, again.text, ADD)
    assert len(rows(site, Absence)) == 1


def test_what_others_change_elsewhere_is_in_nobodys_way(site: Office) -> None:
    """What was shown is still what it comes to: it is done."""
    put(site, ALIX, DAY)
    browser, other = site.browser("coordinator"), site.browser("coordinator", "operator")
    shown = browser.post(ADD, 200, **TOMORROW).text
    confirm(
        other, other.post(ADD, 200, **{**TOMORROW, "person": str(BORIS), "first": "2026-04-01", "last": ""}).text, ADD
    )
    assert "L’absence est enregistrée." in landed(browser, confirm(browser, shown, ADD))


def test_who_would_rather_not_keeps_their_shifts(site: Office) -> None:
    """A wish takes nothing away; what speaks against it is said."""
    put(site, ALIX, DAY)
    browser = site.browser("coordinator")
    shown = browser.post(ADD, 200, **{**TOMORROW, "kind": "wish"})
    assert "Aucune garde ne change de mains." in words(shown.text)
    assert "préférerait ne pas être de garde à ce moment-là" in words(shown.text)
    confirm(browser, shown.text, ADD)
    assert standing(site) == [(ALIX, 24, 32)]
    assert [row["hard"] for row in rows(site, Absence)] == [False]


def test_it_can_be_gone_back_to_the_form(site: Office) -> None:
    """With everything as it was typed."""
    browser = site.browser("coordinator")
    shown = browser.post(ADD, 200, **TOMORROW).text
    given = {name: values for name, values in form(shown, ADD).items() if name != "csrf"}
    kept = form(browser.post(ADD, 200, **given, go="back").text, ADD)
    assert {name: kept[name] for name in TOMORROW} == {name: [value] for name, value in TOMORROW.items()}


def test_an_absence_ends_and_its_shifts_can_come_back(site: Office) -> None:
    """Ending it leaves the shifts; the other button takes the whole edit back."""
    put(site, ALIX, DAY)
    browser = site.browser("coordinator")
    confirm(browser, browser.post(ADD, 200, **TOMORROW).text, ADD)
    shown = browser.post("/rota/absences/end", 200, absence=str(rows(site, Absence)[0]["id"]))
    assert "ne reviennent pas d’elles-mêmes" in words(shown.text)
    undo = browser.get("/rota/audit/1/undo")
    assert 'href="/rota/audit/1/undo"' in shown.text
    confirm(browser, undo, "/rota/audit/1/undo")
    assert standing(site) == [(ALIX, 24, 32)]
    assert rows(site, Absence) == []


def test_an_absence_that_somebody_else_ended_is_said_kindly(site: Office) -> None:
    """Not an error page: where to look."""
    browser = site.browser("coordinator")
    confirm(browser, browser.post(ADD, 200, **TOMORROW).text, ADD)
    end = "/rota/absences/end"
    shown = browser.post(end, 200, absence="1").text
    other = site.browser("coordinator", "operator")
    confirm(other, other.post(end, 200, absence="1").text, end)
    assert "Cette absence n’existe plus" in words(confirm(browser, shown, end, 409).text)


def test_in_every_language_and_on_either_database(either_site: Office) -> None:
    """Dutch, German and English say it in their own words."""
    put(either_site, ALIX, DAY)
    said = {
        "nl": ("Alix Exemple is afwezig", "van wo 11 mrt tot en met do 12 mrt"),
        "de": ("Alix Exemple ist abwesend", "bis einschließlich"),
        "en": ("Alix Exemple will be away", "Could take it: Boris Exemple"),
    }
    browser = either_site.browser("coordinator")
    for language, texts in said.items():
        answer = browser.post(f"{ADD}?lang={language}", 200, **TOMORROW)
        assert all(text in words(answer.text) for text in texts), words(answer.text)
    confirm(browser, browser.post(ADD, 200, **TOMORROW).text, ADD)
    assert standing(either_site) == [(None, 24, 32)]


def test_an_absence_from_now_on_may_be_confirmed_a_minute_later(site: Office) -> None:
    """Time goes by between looking and tapping, and that alone changes nothing."""
    put(site, ALIX, -HOUR)
    browser = site.browser("coordinator")
    shown = browser.post(ADD, 200, **{**TOMORROW, "first": "2026-03-10"}).text
    site.clock.at = NOON + 90
    assert "L’absence est enregistrée." in landed(browser, confirm(browser, shown, ADD))
