from pathlib import Path

from helpline.shifts import swapping
from helpline.shifts.swapping import offer
from rota.swap import ANY
from tests.pages.my.helping import DAY, HOUR, desk_of, held, put, standing, thumb
from tests.pages.signed import Office, office
from tests.shell import ALIX, BORIS, CHARLIE, NOON
from tests.shifts.desks import UNAPPROVED


def approve(site: Office, swap: int = 1) -> None:
    """The coordinator agrees."""
    swapping.approve(desk_of(site), swap, "cli", int(site.clock.at))


def test_a_swap_takes_three_taps_and_two(either_site: Office) -> None:
    """Alix: her shifts, "offer", "to everybody". Boris: look, take. Then it waits for the coordinators, who agree."""
    put(either_site, ALIX, DAY)
    alix = thumb(either_site).open("/my").tap("Mes gardes").tap("Proposer la garde").tap("Proposer à tous")
    assert alix.taps == 3
    boris = thumb(either_site, BORIS).open("/my/shifts").tap("Voir la garde").tap("Je la prends")
    assert boris.taps == 2
    assert "L’échange attend maintenant l’accord de la coordination." in boris.says
    assert standing(either_site) == [(ALIX, 24, 32)]
    assert "attend l’accord de la coordination" in alix.open("/my/shifts").says
    approve(either_site)
    assert standing(either_site) == [(BORIS, 24, 32)]


def test_an_offer_to_me_waits_on_my_first_page(site: Office) -> None:
    """Whoever it was offered to sees it there; nobody else does."""
    shift = put(site, ALIX, DAY)
    alix = thumb(site).open(f"/my/shifts/{shift}/offer").tap("Choisir Boris").tap("Proposer à Boris")
    assert "proposée à Boris Exemple" in alix.says
    boris = thumb(site, BORIS).open("/my")
    assert "Alix Exemple vous propose" in boris.says
    assert "vous propose" not in thumb(site, CHARLIE).open("/my").says
    assert "À prendre Aucune garde" in thumb(site, CHARLIE).open("/my/shifts").says
    boris.tap("Voir").tap("Je la prends")
    assert boris.taps == 2


def test_where_nobody_has_to_agree_the_swap_is_done(sqlite_url: str, tmp_path: Path) -> None:
    """The shift changes hands as it is taken, once however often it is tapped."""
    with office(sqlite_url, tmp_path, UNAPPROVED) as site:
        shift = put(site, ALIX, DAY)
        offer(desk_of(site), shift, BORIS, None, "cli", NOON)
        boris = thumb(site, BORIS).open("/my").tap("Voir").again("Je la prends")
        assert boris.status == 200
        assert "L’échange est fait." in boris.says
        assert standing(site) == [(BORIS, 24, 32)]


def test_i_say_no(site: Office) -> None:
    """An offer to me is refused by one tap, and the shift stays where it is."""
    shift = put(site, ALIX, DAY)
    offer(desk_of(site), shift, BORIS, None, "cli", NOON)
    boris = thumb(site, BORIS).open("/my").tap("Voir").tap("Non, je ne peux pas")
    assert "Votre réponse est notée" in boris.says
    assert "vous propose" not in boris.says
    assert held(site, shift) == ALIX


def test_a_shift_for_a_shift(site: Office) -> None:
    """Alix asks for one of Boris's shifts; he sees both, takes it, and they change hands together."""
    mine, his = put(site, ALIX, DAY), put(site, BORIS, 3 * DAY)
    alix = thumb(site).open(f"/my/shifts/{mine}/offer?to={BORIS}")
    alix.type(back=str(his)).tap("Proposer à Boris")
    boris = thumb(site, BORIS).open("/my").tap("Voir")
    assert "En échange de votre garde" in boris.says
    assert "ven. 13 mars, 13:00–21:00" in boris.says
    boris.tap("Je la prends")
    approve(site)
    assert standing(site) == [(BORIS, 24, 32), (ALIX, 72, 80)]


def test_any_shift_in_return_has_to_be_chosen(site: Office) -> None:
    """Without a choice nothing is done and the question says so; with one, the two are exchanged."""
    put(site, BORIS, 3 * DAY)
    offer(desk_of(site), put(site, ALIX, DAY), None, ANY, "cli", NOON)
    boris = thumb(site, BORIS).open("/my/shifts")
    assert "contre une de vos gardes" in boris.says
    boris.tap("Voir la garde").tap("Je la prends")
    assert boris.status == 400
    assert 'id="back-wrong"' in boris.html
    label = next(label for label in ("ven. 13 mars, 13:00–21:00",) if label in boris.says)
    boris.type(back=_value(boris.html, label)).tap("Je la prends")
    approve(site)
    assert standing(site) == [(BORIS, 24, 32), (ALIX, 72, 80)]


def _value(html: str, label: str) -> str:
    """The value of the answer that begins so."""
    before = html[: html.index(f"<span>{label}")]
    return before.rpartition('value="')[2].partition('"')[0]


def test_what_speaks_against_the_one_i_give_is_shown_first(site: Office) -> None:
    """Giving the far shift for it leaves too little rest: asked once more, then done."""
    put(site, BORIS, DAY + 10 * HOUR)
    far = put(site, BORIS, 9 * DAY)
    offer(desk_of(site), put(site, ALIX, DAY), None, ANY, "cli", NOON)
    boris = thumb(site, BORIS).open("/my/swaps/1").type(back=str(far)).tap("Je la prends")
    assert "Vous auriez trop peu de repos entre deux gardes." in boris.says
    assert f'value="{far}" checked' in boris.html
    boris.tap("Je la prends quand même")
    assert "L’échange attend maintenant" in boris.says


def test_who_is_away_can_not_take_it(site: Office) -> None:
    """It says why, and has no button."""
    offer(desk_of(site), put(site, ALIX, DAY), None, None, "cli", NOON)
    put(site, BORIS, DAY)
    boris = thumb(site, BORIS).open("/my/swaps/1")
    assert "Vous ne pouvez pas la prendre" in boris.says
    assert "Je la prends" not in boris.says


def test_two_who_take_it_at_once(site: Office) -> None:
    """The first has it; the second is told that somebody was faster."""
    offer(desk_of(site), put(site, ALIX, DAY), None, None, "cli", NOON)
    boris, charlie = (thumb(site, person).open("/my/swaps/1") for person in (BORIS, CHARLIE))
    boris.tap("Je la prends")
    charlie.tap("Je la prends")
    assert charlie.status == 404
    assert "quelqu’un a modifié entre-temps" in charlie.says


def test_an_offer_to_somebody_else_is_none_of_mine(site: Office) -> None:
    """Charlie neither sees nor takes what Alix offered to Boris, and Alix can't take her own."""
    offer(desk_of(site), put(site, ALIX, DAY), BORIS, None, "cli", NOON)
    for person in (CHARLIE, ALIX):
        browser = site.browser("psychologist", person=person)
        browser.get("/my/swaps/1", 404)
        browser.post("/my/swaps/1", 404)
    site.browser("psychologist", person=CHARLIE).post("/my/swaps/1/refuse", 409)
    site.browser("psychologist", person=CHARLIE).post("/my/swaps/1/withdraw", 409)


def test_who_accepted_may_step_back_until_it_is_approved(site: Office) -> None:
    """The shift I would give is marked, and taking it back ends the swap."""
    his = put(site, BORIS, 3 * DAY)
    offer(desk_of(site), put(site, ALIX, DAY), BORIS, his, "cli", NOON)
    boris = thumb(site, BORIS).open("/my").tap("Voir").tap("Je la prends")
    assert "attend l’accord de la coordination" in boris.says
    boris.tap("Reprendre")
    assert standing(site) == [(ALIX, 24, 32), (BORIS, 72, 80)]
