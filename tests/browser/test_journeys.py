"""What people come for, from their first page to the end of it, with scripts and without, each click counted."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Page, expect

from helpline.figures import records
from helpline.jobs.generating import Generating
from helpline.shifts.editing import Desk
from helpline.shifts.reading import standard
from tests.browser.house import NOON, House
from tests.browser.windows import DESKTOP, PHONE, Hand, Windows
from tests.shell import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180), pytest.mark.parametrize("scripts", [True, False])]
PASSWORD = "quatre chevaux calmes"


def _says(page: Page, text: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(text)


def _hand(page: Page, path: str, *, scripts: bool) -> Hand:
    page.goto(path)
    return Hand(page, looks=scripts)


def test_code_a_call(own_windows: Windows, own_house: House, *, scripts: bool) -> None:
    """At three in the morning, on a phone: "code", the reason, "save". Three taps, and nothing is left to code."""
    service, person = own_house.service, 1
    with service.store.durable() as tx:
        records.expect(tx, service.lines["france"], person, NOON - 900, 900, NOON)
    page = own_windows.as_role("psychologist", scripts=scripts, width=PHONE, theme="dark", name="Camille Exemple")
    hand = _hand(page, "/my", scripts=scripts)
    hand.follow("Coder")
    reasons = page.get_by_role("group", name="Motif principal")
    hand.click(reasons.get_by_label("Épuisement professionnel", exact=False).first)
    hand.press("Enregistrer")
    _says(page, "Merci, c’est enregistré.")
    with service.store.read() as connection:
        assert list(records.pending(connection, person)) == []
    assert (hand.clicks, hand.faults) == (3, [])


def test_cover_a_gap(own_windows: Windows, *, scripts: bool) -> None:
    """The calendar, the gap, whoever can best: three clicks; then it is gone, and could be undone."""
    page = own_windows.as_role("coordinator", scripts=scripts, width=DESKTOP)
    hand = _hand(page, "/rota", scripts=scripts)
    hand.go("Calendrier")
    gaps = page.locator(".grid a.gap")
    expect(gaps.first).to_be_visible()
    before = gaps.count()
    hand.leave(gaps.first)
    hand.press("Confier à")
    _says(page, "C’est fait")
    expect(gaps).to_have_count(before - 1)
    assert (hand.clicks, hand.faults) == (3, [])
    hand.press("Annuler")
    expect(page.locator(".grid a.gap")).to_have_count(before)


def test_swap_a_shift(own_windows: Windows, *, scripts: bool) -> None:
    """One offers, another takes it, the coordinator agrees, each with three taps: the shift has changed hands."""
    camille = own_windows.as_role("psychologist", scripts=scripts, width=PHONE, name="Camille Exemple")
    giver = _hand(camille, "/my", scripts=scripts)
    giver.go("Mes gardes")
    offered = camille.locator("main .row").filter(has=camille.get_by_role("link", name="Proposer")).first
    when = offered.locator("strong").inner_text()
    giver.follow("Proposer", offered)
    name = camille.locator("main .row span").first.inner_text().split(" Exemple")[0] + " Exemple"
    giver.press("Proposer à tous")
    _says(camille, "Votre proposition est faite.")
    other = own_windows.as_role("psychologist", scripts=scripts, width=PHONE, name=name)
    taker = _hand(other, "/my", scripts=scripts)
    taker.go("Mes gardes")
    taker.follow("Voir la garde", taker.row("Camille", when))
    taker.press("Je la prends")
    _says(other, "L’échange attend maintenant l’accord de la coordination.")
    page = own_windows.as_role("coordinator", scripts=scripts)
    agrees = _hand(page, "/rota/planning", scripts=scripts)
    agrees.follow("Échanges et places libres")
    agrees.follow("Décider", agrees.row("Camille", name))
    agrees.press("Approuver l’échange")
    _says(page, "L’échange est fait")
    assert (giver.clicks, taker.clicks, agrees.clicks) == (3, 3, 3)
    assert giver.faults + taker.faults + agrees.faults == []
    other.goto("/my/shifts?all=1")
    expect(other.locator("main")).to_contain_text(when)


def _worked(house: House) -> None:
    """What `work` does in its own process until nothing is left to be made."""
    service = house.service
    desk = Desk(service.store, service.lines, standard(service.settings.limits))
    generating = Generating(desk, 1.0)
    eventually(lambda: not generating.run(NOON))


def test_generate_and_accept(own_windows: Windows, own_house: House, *, scripts: bool) -> None:
    """Ask, compare, accept: four clicks; a fifth to look again where no script does."""
    page = own_windows.as_role("coordinator", scripts=scripts)
    hand = _hand(page, "/rota/planning", scripts=scripts)
    hand.follow("Propositions de planning")
    hand.press("Préparer la proposition")
    expect(page.get_by_text("La proposition se prépare")).to_be_visible()
    _worked(own_house)
    if not scripts:
        hand.follow("Regarder à nouveau")
    expect(page.get_by_role("heading", name="Qui aurait combien")).to_be_visible(timeout=20_000)
    hand.press("Voir ce qui changerait")
    hand.press("Accepter cette proposition")
    _says(page, "La proposition est acceptée")
    assert (hand.clicks, hand.faults) == (4 if scripts else 5, [])


def test_invite_a_person(own_windows: Windows, *, scripts: bool) -> None:
    """Four clicks to the link; whoever gets it has a password, an authenticator and a first page after three more."""
    page = own_windows.as_role("coordinator", scripts=scripts)
    hand = _hand(page, "/rota", scripts=scripts)
    hand.go("Personnes")
    hand.follow("Inviter quelqu’un")
    page.locator("#name").fill("Charlie Modèle")
    page.locator("#email").fill("charlie@example.org")
    hand.click(page.get_by_role("group", name="Rôles").get_by_label("coordination"))
    hand.press("Inviter")
    link = page.locator(".code").first.inner_text()
    guest = own_windows.guest(scripts=scripts, width=PHONE)
    charlie = _hand(guest, re.sub(r"^https?://[^/]+", "", link), scripts=scripts)
    guest.get_by_label("Mot de passe", exact=False).first.fill(PASSWORD)
    guest.locator("#again").fill(PASSWORD)
    charlie.press("Continuer")
    secret = re.sub(r"\s", "", guest.locator(".code").first.text_content() or "")
    guest.locator("#code").fill(pyotp.TOTP(secret).at(datetime.fromtimestamp(NOON, UTC)))
    charlie.press("Terminer")
    expect(guest.locator(".codes .code")).to_have_count(10)
    charlie.press("Je les ai")
    expect(guest).to_have_url(re.compile(r"/rota\b"))
    assert (hand.clicks, charlie.clicks) == (4, 3)
    assert hand.faults + charlie.faults == []
