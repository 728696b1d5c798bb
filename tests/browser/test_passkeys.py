"""Passkeys in a real browser, with a device of its own: the only part of signing in that takes our script."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from helpline.accounts import invitations, registering
from helpline.accounts.registering import Wanted
from tests.browser.looking import small, violations, wide
from tests.browser.windows import Windows

PASSWORD = "four unrelated words here"
BY_PASSKEY = "Se connecter avec une clé d’accès"
ADD = "Ajouter une clé d’accès"


def device(page: Page) -> tuple[CDPSession, str]:
    """Gives the browser a device that holds passkeys and is unlocked at once; what it is steered by."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(made["authenticatorId"])


def button(page: Page, name: str) -> None:
    """Presses it."""
    page.get_by_role("button", name=name, exact=True).click()


def looked_at(page: Page) -> list[str]:
    """What is wrong with how a page looks on this screen."""
    return [*violations(page), *wide(page), *small(page)]


def test_a_passkey_from_making_it_to_signing_in(own_windows: Windows) -> None:
    """Added in two clicks; signed out, one click signs in without a word typed."""
    page = own_windows.as_role("coordinator")
    device(page)
    page.goto("/account")
    page.get_by_role("link", name=ADD).click()
    button(page, "Créer la clé")
    expect(page.get_by_role("status").first).to_contain_text("Votre clé d’accès est prête.")
    expect(page.get_by_role("region", name="Clés d’accès")).to_contain_text("Chrome, Linux")
    page.locator("footer").get_by_role("button", name="Se déconnecter").click()
    button(page, BY_PASSKEY)
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def test_an_invitation_with_a_passkey(own_windows: Windows) -> None:
    """A password, a passkey in place of an authenticator, the recovery codes: three clicks, and in; each page fits."""
    house = own_windows.house
    now = int(house.clock.now())
    with house.service.store.durable() as tx:
        wanted = Wanted("Ines Exemple", "ines.invited@example.org", frozenset({"funder"}))
        link = invitations.path(invitations.invite(tx, registering.create(tx, wanted, now), now))
    page = own_windows.guest(width=360)
    device(page)
    page.goto(link)
    assert looked_at(page) == []
    page.get_by_label("Nouveau mot de passe").fill(PASSWORD)
    page.get_by_label("Le même, encore une fois").fill(PASSWORD)
    button(page, "Continuer")
    page.locator("summary").click()
    assert looked_at(page) == []
    button(page, "Créer une clé d’accès et terminer")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos codes de secours")
    expect(page.locator(".codes li")).to_have_count(10)
    assert looked_at(page) == []
    button(page, "Je les ai gardés")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/account")
    expect(page.get_by_role("region", name="Clés d’accès")).to_contain_text("Chrome, Linux")


def test_proving_by_passkey(own_windows: Windows) -> None:
    """Whoever has a passkey proves with it that it is them, and comes to the page they wanted."""
    page = own_windows.as_role("psychologist")
    device(page)
    page.goto("/account/passkeys/new")
    button(page, "Créer la clé")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
    house = own_windows.house
    house.clock.at += 3600
    page.goto("/account/recovery")
    button(page, "Continuer avec une clé d’accès")
    expect(page.get_by_role("heading", level=1)).to_have_text("Codes de secours")


def test_a_device_that_says_no(own_windows: Windows) -> None:
    """Nothing is lost: a sentence says so, and the form for password and code is there still."""
    page = own_windows.guest()
    session, key = device(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.goto("/sign-in")
    button(page, BY_PASSKEY)
    expect(page.locator(".passkey [role=alert]")).to_contain_text("Rien n’est perdu", timeout=20_000)
    expect(page.get_by_role("button", name=BY_PASSKEY)).to_be_enabled()
    expect(page.get_by_label("Mot de passe")).to_be_editable()


@pytest.mark.parametrize("width", [360, 1440])
def test_without_script_there_is_no_passkey_and_everything_else(own_windows: Windows, width: int) -> None:
    """The button isn't shown, and the page that would make one says what it takes."""
    page = own_windows.guest(scripts=False, width=width)
    page.goto("/sign-in")
    expect(page.get_by_role("button", name="Se connecter", exact=True)).to_be_visible()
    expect(page.locator(".passkey")).to_be_hidden()
    signed = own_windows.as_role("coordinator", scripts=False, width=width)
    signed.goto("/account/passkeys/new")
    expect(signed.get_by_text("il faut un navigateur qui les connaît")).to_be_visible()
