import re

import pytest

from helpline.accounts.passkeys import Owner
from helpline.pages.account.proving import with_word
from tests.accounts.device import Device
from tests.pages.account.enrolled import PASSWORD, Window, hidden, parts, somebody, window
from tests.pages.signed import HOST, Office, words

LATER = 30


def stale(site: Office) -> tuple[Window, str, int]:
    """Somebody signed in who hasn't proved anything lately; the code of their authenticator, their account."""
    alix, browser = somebody(site, "psychologist"), window(site)
    browser.see("/sign-in")
    alix.signs_in(browser)
    site.clock.at += LATER
    return browser, alix.code(), alix.id


@pytest.mark.parametrize("using", ["", "password"])
def test_a_code_or_the_password_leads_on(either_site: Office, using: str) -> None:
    """Either is enough, and whoever proved it comes to the page they wanted."""
    browser, code, _ = stale(either_site)
    page = browser.follow(browser.client.get("/account/recovery", base_url=HOST))
    assert "C’est bien vous" in words(page)
    browser.see(f"/prove?next=/account/recovery&using={using}")
    answer = browser.send("/prove", proof=PASSWORD if using else code)
    assert answer.headers["Location"] == "/account/recovery?done=done-proved"
    assert "Codes de secours" in words(browser.follow(answer))


def test_a_passkey_leads_on(site: Office) -> None:
    """One of their own; somebody else's doesn't."""
    browser, _, account = stale(site)
    mine, other = Device(), Device()
    stranger = somebody(site, "operator", email="alex@example.org", name="Alex Exemple")
    accounts, now = parts(site), int(site.clock.now())
    with site.service.store.durable() as tx:
        for number, device in ((account, mine), (stranger.id, other)):
            asked = accounts.passkeys.to_register(tx, Owner(number, "Exemple", "x@example.org"), "a browser", now)
            accounts.passkeys.register(tx, number, "a browser", device.create(asked), "Clé", now)
    for device, status in ((other, 400), (mine, 303)):
        page = browser.see("/prove?next=/account/recovery")
        asked = browser.send_for("/sign-in/challenge", page)
        browser.page = page
        assert browser.send("/prove", credential=device.get(asked)).status_code == status


def test_a_code_proves_once(site: Office) -> None:
    """The code that signed in doesn't prove anything afterwards."""
    claude, browser = somebody(site, "psychologist"), window(site)
    browser.see("/sign-in")
    code = claude.code()
    claude.signs_in(browser)
    browser.see("/prove?next=/account/recovery")
    assert browser.send("/prove", proof=code).status_code == 400
    assert "Un code ne sert qu’une fois" in words(browser.page)
    assert 'name="next" value="/account/recovery"' in browser.page


def test_it_holds_for_a_quarter_of_an_hour(site: Office) -> None:
    """Then it is asked for again."""
    browser, code, _ = stale(site)
    browser.see("/prove")
    browser.send("/prove", proof=code)
    assert browser.client.get("/account/recovery", base_url=HOST).status_code == 200
    site.clock.at += 15 * 60
    assert browser.client.get("/account/recovery", base_url=HOST).status_code == 303


def test_guessing_becomes_slow(site: Office) -> None:
    """A browser left open doesn't let anybody try a million codes."""
    browser, _, _ = stale(site)
    browser.see("/prove")
    for n in range(12):
        browser.send("/prove", proof=f"{n:06}")
    assert browser.status == 429


def test_a_button_that_asks_first_leads_back_to_its_page(site: Office) -> None:
    """Whoever pressed a button comes back to where it was, and is told that it can be pressed again."""
    browser, code, _ = stale(site)
    csrf = parts(site).sessions.csrf(browser.token)
    answer = browser.client.post(
        "/account/passkeys/1/remove", base_url=HOST, data={"csrf": csrf}, headers={"Referer": f"{HOST}/account"}
    )
    assert answer.headers["Location"] == "/prove?next=/account"
    browser.follow(answer)
    page = browser.follow(browser.send("/prove", proof=code))
    assert "C’est confirmé. Vous pouvez reprendre." in words(page)
    assert re.search(r"<h1>Mon compte</h1>", page)


def test_nobody_is_led_away_by_proving(site: Office) -> None:
    """Where it leads on to is a page of ours, whatever the address or the form says."""
    browser, code, _ = stale(site)
    elsewhere = ("https://evil.example/", "//evil.example", "/\\evil.example")
    for wanted in elsewhere:
        browser.see(f"/prove?next={wanted}")
        assert hidden(browser.page, "/prove")["next"] == ""
    assert browser.send("/prove", proof=code, next=elsewhere[0]).headers["Location"] == "/account?done=done-proved"
    for wanted in elsewhere:
        answer = browser.client.get("/prove", base_url=HOST, query_string={"next": wanted})
        assert answer.headers["Location"] == "/account?done=done-proved"


def test_an_addresss_own_values_are_kept() -> None:
    """What the page was asked to show stays, and what it said before doesn't."""
    assert with_word("/rota?day=2026-03-10&done=done-x#now") == "/rota?day=2026-03-10&done=done-proved#now"
    assert with_word("") == ""
