from pathlib import Path

import pytest

from reports.words import LANGUAGES, Language
from tests.pages.my.helping import DAY, HOUR, confirmed, put, reminded, talked, thumb
from tests.pages.signed import Office, office, words
from tests.shell import ALIX, BORIS, CHARLIE, counting
from tests.shifts.desks import TWO_TIERS


def test_it_says_whether_i_am_on_call_until_when_and_with_whom(either_site: Office) -> None:
    """On the line's clocks, with the others who are on call there, and never a number."""
    put(either_site, ALIX, -HOUR)
    put(either_site, BORIS, -HOUR, 9)
    page = thumb(either_site).open("/my").says
    assert "Vous êtes d’astreinte" in page
    assert "jusqu’à 20:00" in page
    assert "avec Boris Exemple" in page
    assert "+33" not in page


def test_an_end_on_another_day_is_said_with_its_day(site: Office) -> None:
    """A shift over midnight ends "mer. 11 mars, 08:00"."""
    put(site, ALIX, -HOUR, 20)
    assert "jusqu’à mer. 11 mars, 08:00" in thumb(site).open("/my").says


def test_each_seat_that_i_hold_is_named(sqlite_url: str, tmp_path: Path) -> None:
    """Of a line with tiers, in which; of two lines, both."""
    with office(sqlite_url, tmp_path, TWO_TIERS) as site:
        put(site, ALIX, -HOUR, tier=2)
        put(site, ALIX, -HOUR, line="belgium")
        page = thumb(site).open("/my").says
    assert "rang 2" in page or "niveau 2" in page
    assert page.count("jusqu’à 20:00") == 2


def test_off_duty_it_says_when_the_next_shift_is(site: Office) -> None:
    """The next shift, in its line's time, by name; and that nobody rings until then."""
    put(site, BORIS, -HOUR)
    put(site, ALIX, 7 * HOUR, 12)
    page = thumb(site).open("/my").says
    assert "Vous n’êtes pas d’astreinte" in page
    assert "mar. 10 mars, 20:00–08:00" in page
    assert "heure de Paris" in page
    assert "Me retirer" not in page


def test_the_one_big_button_is_what_waits_to_be_coded(site: Office) -> None:
    """One tap leads to the form of the first call."""
    assert "Coder 1 appel" not in thumb(site).open("/my").says
    talked(site, times=2)
    page = thumb(site).open("/my").tap("Coder 2 appels")
    assert "2 appels attendent d’être codés." in page.says


def test_others_codings_are_no_business_of_mine(site: Office) -> None:
    """What waits for Boris isn't counted for Alix."""
    talked(site, BORIS)
    assert "Coder 1" not in thumb(site).open("/my").says


def test_a_reminded_shift_is_confirmed_by_one_tap(either_site: Office) -> None:
    """The reminder's shift is there with its button, which confirms it once however often it is tapped."""
    reminded(either_site, put(either_site, ALIX, DAY))
    page = thumb(either_site).open("/my")
    assert "mer. 11 mars, 13:00–21:00" in page.says
    page.again("Je confirme")
    assert confirmed(either_site) == 1
    assert "Gardes à confirmer" not in thumb(either_site).open("/my").says


def test_nobody_confirms_for_somebody_else(site: Office) -> None:
    """The number of Boris's reminder does nothing for Alix."""
    reminded(site, put(site, BORIS, DAY), BORIS)
    site.browser("psychologist").post("/my/confirm", 303, notice="1")
    site.browser("psychologist").post("/my/confirm", 404, notice="x")
    assert confirmed(site) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_in_the_readers_language(site: Office, language: Language) -> None:
    """Titles, hours and the line's name in each of the four."""
    put(site, ALIX, -HOUR)
    put(site, ALIX, 2 * DAY)
    html = site.browser("psychologist", language=language).get("/my")
    said = {"fr": "d’astreinte", "nl": "U hebt nu dienst", "de": "Bereitschaft", "en": "You are on call"}
    zone = {"fr": "heure de Paris", "nl": "tijd van Parijs", "de": "Zeit in Paris", "en": "Paris time"}
    assert said[language] in words(html)
    assert zone[language] in words(html)


def test_a_full_calendar_needs_no_more_questions_to_the_database(site: Office) -> None:
    """The number of statements doesn't grow with the number of shifts, swaps or reminders."""

    def asked() -> int:
        with counting() as sent:
            thumb(site).open("/my")
        return len(sent)

    put(site, ALIX, DAY)
    thumb(site).open("/my")
    before = asked()
    for day in range(2, 30):
        for person in (ALIX, BORIS, CHARLIE, None):
            put(site, person, day * DAY)
    reminded(site, put(site, ALIX, 40 * DAY))
    assert asked() <= before + 4
