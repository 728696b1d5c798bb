from helpline.shifts.swapping import offer
from tests.pages.my.helping import DAY, HOUR, change, desk_of, held, put, standing, thumb
from tests.pages.signed import Office
from tests.shell import ALIX, BORIS, CHARLIE, NOON, counting


def test_my_shifts_are_listed_on_their_lines_clocks(either_site: Office) -> None:
    """By when they begin, with their length; others' are not there."""
    put(either_site, ALIX, 2 * DAY, 12)
    put(either_site, ALIX, -HOUR, 8)
    put(either_site, BORIS, 3 * DAY)
    page = thumb(either_site).open("/my/shifts").says
    assert page.index("mar. 10 mars, 12:00–20:00") < page.index("jeu. 12 mars, 13:00–01:00")
    assert "12 heures" in page
    assert "Ligne d’écoute France · heure de Paris" in page
    assert "ven. 13 mars" not in page


def test_clocks_that_differ_are_named_at_each_shift(site: Office) -> None:
    """On lines of two towns, each shift says whose hours those are."""
    put(site, ALIX, DAY)
    put(site, ALIX, 2 * DAY, line="belgium")
    page = thumb(site).open("/my/shifts").says
    assert "heure de Paris" in page
    assert "heure de Bruxelles" in page


def test_far_shifts_are_a_tap_away(site: Office) -> None:
    """Eight weeks at first, then the year."""
    put(site, ALIX, 100 * DAY)
    page = thumb(site).open("/my/shifts")
    assert "18 juin" not in page.says
    assert "18 juin" in page.tap("Voir toute l’année").says


def test_hours_are_those_of_the_month_on_the_lines_clocks(site: Office) -> None:
    """Of a shift over midnight into March, each month has its part; what is to come is told apart."""
    # 28 February, 20:00 in Paris, to 1 March, 08:00.
    put(site, ALIX, -10 * DAY + 7 * HOUR, 12)
    put(site, ALIX, -2 * HOUR, 8)
    put(site, ALIX, 5 * DAY, 12)
    page = thumb(site).open("/my/shifts").says
    assert "février 2026 4 h" in page
    assert "mars 2026 10 h et 18 h à venir" in page


def test_a_seat_of_nobodys_is_taken_by_two_taps(either_site: Office) -> None:
    """It is listed; a look, and it is mine, once however often I tap."""
    put(either_site, None, DAY)
    page = thumb(either_site).open("/my/shifts").tap("Voir la garde").again("Je la prends")
    assert page.taps == 1
    assert "Cette garde est maintenant la vôtre." in page.says
    assert standing(either_site) == [(ALIX, 24, 32)]


def test_what_speaks_against_it_is_shown_before_it_is_taken(site: Office) -> None:
    """Too little rest is told, and it may be taken all the same."""
    put(site, ALIX, DAY)
    put(site, None, DAY + 12 * HOUR)
    page = thumb(site).open("/my/shifts").tap("Voir la garde")
    assert "Vous auriez trop peu de repos entre deux gardes." in page.says
    page.tap("Je la prends quand même")
    assert [person for person, _, _ in standing(site)] == [ALIX, ALIX]


def test_a_seat_that_i_can_not_hold_is_not_offered(site: Office) -> None:
    """Not while I hold another, nor in a tier or language that isn't mine."""
    put(site, ALIX, DAY)
    put(site, None, DAY)
    assert "Aucune garde à prendre" in thumb(site).open("/my/shifts").says
    put(site, None, 3 * DAY)
    for mine in ({"tiers": "2"}, {"tiers": "", "languages": "de"}):
        change(site, ALIX, **mine)
        assert "Aucune garde à prendre" in thumb(site).open("/my/shifts").says
    change(site, ALIX, languages="fr")
    assert "ven. 13 mars, 13:00–21:00" in thumb(site).open("/my/shifts").says


def test_somebody_was_faster(site: Office) -> None:
    """The seat was taken while I looked: it says by whom, and nothing changes."""
    put(site, None, DAY)
    mine, other = thumb(site).open("/my/shifts").tap("Voir la garde"), thumb(site, BORIS)
    other.open("/my/shifts").tap("Voir la garde").tap("Je la prends")
    mine.tap("Je la prends")
    assert mine.status == 409
    assert "Ce n’est pas possible" in mine.says
    assert standing(site) == [(BORIS, 24, 32)]


def test_others_shifts_can_not_be_offered(site: Office) -> None:
    """Neither looked at nor posted: for Alix there is no such page."""
    shift = put(site, BORIS, DAY)
    browser = site.browser("psychologist")
    browser.get(f"/my/shifts/{shift}/offer", 404)
    browser.post(f"/my/shifts/{shift}/offer", 404, to="", back="")
    assert held(site, shift) == BORIS


def test_an_offer_is_taken_back_by_one_tap(site: Office) -> None:
    """The shift stays mine, and can be offered again."""
    put(site, ALIX, DAY)
    page = thumb(site).open("/my/shifts").tap("Proposer la garde").tap("Proposer à tous")
    assert "proposée à tous" in page.says
    page.tap("Reprendre")
    assert "la garde reste la vôtre" in page.says
    assert "Proposer" in page.says


def test_an_offer_made_twice_is_one_offer(site: Office) -> None:
    """Tapped twice, it is made once and said kindly."""
    put(site, ALIX, DAY)
    page = thumb(site).open("/my/shifts").tap("Proposer la garde").again("Proposer à tous")
    assert page.status == 200
    assert "Votre proposition est faite." in page.says


def test_who_can_not_have_it_is_not_proposed(site: Office) -> None:
    """Of those who could, what speaks against them is told; who is on call then isn't there."""
    shift = put(site, ALIX, DAY)
    put(site, BORIS, DAY)
    put(site, CHARLIE, DAY + 10 * HOUR)
    page = thumb(site).open(f"/my/shifts/{shift}/offer").says
    assert "Charlie Exemple" in page
    assert "Boris" not in page


def test_an_offer_that_can_not_be_says_why_and_keeps_what_was_chosen(site: Office) -> None:
    """Boris may hold no such tier: the page says so, and "any shift" is still chosen."""
    shift = put(site, ALIX, DAY)
    page = thumb(site).open(f"/my/shifts/{shift}/offer?to={BORIS}")
    change(site, BORIS, tiers="3")
    page.choose("une garde de l’autre personne, à son choix").tap("Proposer à Boris Exemple")
    assert page.status == 409
    assert "Rien n’a été modifié." in page.says
    assert 'value="any" checked' in page.html


def test_an_unknown_person_is_nobody(site: Office) -> None:
    """A number that a page of ours doesn't hold."""
    shift = put(site, ALIX, DAY)
    for to in ("99", "x", str(ALIX), "-1", "9" * 25):
        site.browser("psychologist").get(f"/my/shifts/{shift}/offer?to={to}", 404)
    site.browser("psychologist").post(f"/my/shifts/{shift}/offer", 404, to="x", back="")
    site.browser("psychologist").post(f"/my/shifts/{shift}/offer", 404, to="9" * 25, back="")
    site.browser("psychologist").post(f"/my/shifts/{shift}/offer", 404, to="", back="x")


def test_a_full_calendar_needs_no_more_questions_to_the_database(site: Office) -> None:
    """The number of statements doesn't grow with what is listed."""
    put(site, ALIX, DAY)
    put(site, None, 2 * DAY)
    thumb(site).open("/my/shifts")

    def asked() -> int:
        with counting() as sent:
            thumb(site).open("/my/shifts")
        return len(sent)

    before = asked()
    for day in range(3, 40, 2):
        put(site, ALIX, day * DAY)
        put(site, None, day * DAY + 30 * HOUR)
        offer(desk_of(site), put(site, BORIS, day * DAY + 60 * HOUR), None, None, "cli", NOON)
    assert asked() <= before + 2
