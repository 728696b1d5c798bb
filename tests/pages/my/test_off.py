from helpline.shifts import swapping
from helpline.shifts.reading import read_shifts
from tests.pages.my.helping import HOUR, desk_of, on_call, put, standing, thumb
from tests.pages.signed import Office
from tests.shell import ALIX, BORIS, CHARLIE


def test_one_tap_takes_me_off_for_the_hour(either_site: Office) -> None:
    """Where others are there, a single tap does it; an hour later the line rings again by itself."""
    put(either_site, ALIX, -HOUR)
    put(either_site, BORIS, -HOUR)
    page = thumb(either_site).open("/my").tap("Me retirer pour une heure")
    assert page.taps == 1
    assert "la ligne ne vous appelle plus pendant une heure" in page.says
    assert "jusqu’à 14:00" in page.says
    assert (on_call(either_site), on_call(either_site, HOUR)) == ([BORIS], [BORIS, ALIX])


def test_it_is_undone_by_one_tap(either_site: Office) -> None:
    """Back at once, without waiting for the hour to pass."""
    put(either_site, ALIX, -HOUR)
    put(either_site, BORIS, -HOUR)
    page = thumb(either_site).open("/my").tap("Me retirer").tap("Reprendre maintenant")
    assert page.taps == 2
    assert "Vous êtes de nouveau d’astreinte." in page.says
    assert set(on_call(either_site)) == {ALIX, BORIS}


def test_whoever_would_leave_nobody_is_asked_first(either_site: Office) -> None:
    """The first tap changes nothing and says who would be left and who could come; the second does it all the same."""
    put(either_site, ALIX, -HOUR)
    page = thumb(either_site).open("/my").tap("Me retirer pour une heure")
    assert page.status == 409
    assert "Il ne resterait personne." in page.says
    assert "Boris Exemple" in page.says
    assert on_call(either_site) == [ALIX]
    page.tap("Me retirer quand même")
    assert page.taps == 2
    assert page.status == 200
    assert (on_call(either_site), on_call(either_site, HOUR)) == ([], [ALIX])


def test_who_stays_changes_nothing(site: Office) -> None:
    """The big button of that question leads back to the first page."""
    put(site, ALIX, -HOUR)
    page = thumb(site).open("/my").tap("Me retirer").tap("Rester d’astreinte")
    assert "Vous êtes d’astreinte" in page.says
    assert on_call(site) == [ALIX]


def test_a_button_tapped_twice_takes_me_off_once(site: Office) -> None:
    """The second tap, seconds later, doesn't take the first seconds after the hour as well."""
    put(site, ALIX, -HOUR)
    put(site, BORIS, -HOUR)
    page = thumb(site).open("/my")
    browser = page.browser
    page.tap("Me retirer")
    before = standing(site)
    site.clock.at += 3
    browser.post("/my/off", 303)
    assert standing(site) == before


def test_who_is_not_on_call_has_nothing_to_be_taken_off(site: Office) -> None:
    """A page that is old by then says so, and nothing is changed."""
    put(site, BORIS, -HOUR)
    answer = site.browser("psychologist").post("/my/off", 409)
    assert "Ce n’est pas possible" in answer.text
    assert on_call(site) == [BORIS]


def test_a_seat_that_somebody_took_meanwhile_stays_theirs(site: Office) -> None:
    """Back too late: it is said kindly, and nobody is taken off."""
    put(site, ALIX, -HOUR)
    put(site, BORIS, -HOUR)
    page = thumb(site).open("/my").tap("Me retirer")
    desk, now = desk_of(site), int(site.clock.at)
    with site.service.store.read() as connection:
        seat = next(each.id for each in read_shifts(connection, now) if each.person is None)
    swapping.take(desk, seat, CHARLIE, "cli", now)
    page.tap("Reprendre maintenant")
    assert page.status == 409
    assert "Ce n’est pas possible" in page.says
    assert CHARLIE in on_call(site)


def test_undoing_twice_does_it_once(site: Office) -> None:
    """A second tap finds nothing to take back, and says nothing alarming."""
    put(site, ALIX, -HOUR)
    put(site, BORIS, -HOUR)
    page = thumb(site).open("/my").tap("Me retirer").again("Reprendre maintenant")
    assert page.status == 200
    assert set(on_call(site)) == {ALIX, BORIS}
