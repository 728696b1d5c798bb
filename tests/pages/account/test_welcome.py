import re

import pyotp

from helpline.accounts import invitations
from tests.pages.account.enrolled import (
    PASSWORD,
    Somebody,
    Window,
    invited,
    parts,
    recovery_codes,
    somebody,
    window,
)
from tests.pages.signed import Office, words

USED = "Ce lien ne fonctionne plus"


def choose(browser: Window, link: str, password: str = PASSWORD) -> str:
    """The first step: opens the link, chooses a password, and sees the second."""
    browser.see(link)
    return browser.follow(browser.send(link, password=password, again=password))


def offered(page: str) -> str:
    """The secret that a page offers for typing."""
    found = re.search(r'<details>.*?<code class="code">([A-Z2-7 ]+)</code>', page, re.DOTALL)
    assert found
    return found[1].replace(" ", "")


def enrol(browser: Window, link: str, who: Somebody) -> list[str]:
    """Both steps; the codes that are shown then."""
    who.secret = offered(choose(browser, link))
    assert browser.send(f"{link}/phone", code=who.code()).status_code == 200
    return recovery_codes(browser.page)


def test_from_the_link_to_the_first_page(either_site: Office) -> None:
    """A password, a code, the recovery codes: three clicks, and whoever was invited is in."""
    link, noa = invited(either_site, "psychologist")
    browser, clicks = window(either_site), 0
    assert "Bonjour Noa Exemple" in words(browser.see(link))
    assert "psychologue" in words(browser.page)
    page = browser.follow(browser.send(link, password=PASSWORD, again=PASSWORD))
    clicks += 1
    noa.secret = offered(page)
    assert browser.send(f"{link}/phone", code=noa.code()).status_code == 200
    clicks += 1
    assert len(recovery_codes(browser.page)) == 10
    browser.follow(browser.send(f"{link}/in"))
    clicks += 1
    assert browser.signed_in
    assert clicks == 3


def test_what_was_chosen_opens_the_door_afterwards(site: Office) -> None:
    """The password, the authenticator and a recovery code work at the next sign-in."""
    link, noa = invited(site, "funder")
    codes = enrol(window(site), link, noa)
    site.clock.at += 30
    for code in (noa.code(), codes[3]):
        browser = window(site)
        browser.see("/sign-in")
        assert noa.signs_in(browser, code=code).status_code == 303


def test_a_link_works_once(either_site: Office) -> None:
    """Afterwards it says kindly that it is used, and what to do."""
    link, noa = invited(either_site, "funder")
    browser = window(either_site)
    enrol(browser, link, noa)
    other = window(either_site)
    for path in (link, f"{link}/phone"):
        assert USED in words(other.see(path))
        assert other.status == 410
    assert "demandez un nouveau lien à la coordination" in words(other.page)


def test_a_link_expires(site: Office) -> None:
    """After a week it opens nothing, in the middle of the steps either."""
    link, noa = invited(site, "funder")
    browser = window(site)
    noa.secret = offered(choose(browser, link))
    site.clock.at += 7 * 86_400
    assert browser.send(f"{link}/phone", code=noa.code()).status_code == 410
    assert USED in words(browser.page)
    assert not recovery_codes(browser.page)


def test_a_new_link_replaces_the_old(site: Office) -> None:
    """Whoever asked for another has one that works, and the first opens nothing."""
    link, noa = invited(site, "funder")
    with site.service.store.durable() as tx:
        other = invitations.path(invitations.invite(tx, noa.id, int(site.clock.now())))
    assert USED in words(window(site).see(link))
    assert len(enrol(window(site), other, noa)) == 10


def test_a_reset_link_lets_in_anew(site: Office) -> None:
    """After a reset the old password and authenticator work no more, and those that are chosen then do."""
    claude, browser = somebody(site, "coordinator"), window(site)
    browser.see("/sign-in")
    claude.signs_in(browser)
    with site.service.store.durable() as tx:
        link = invitations.path(invitations.reset(tx, claude.id, int(site.clock.now())))
    assert not browser.signed_in
    site.clock.at += 30
    old = window(site)
    old.see("/sign-in")
    assert claude.signs_in(old).status_code == 400
    claude.password = "another four words now"
    fresh = window(site)
    claude.secret = offered(choose(fresh, link, claude.password))
    fresh.send(f"{link}/phone", code=claude.code())
    fresh.follow(fresh.send(f"{link}/in"))
    assert fresh.signed_in


def test_loading_a_step_anew_loses_nothing(site: Office) -> None:
    """The picture stays the same, so that what the authenticator has scanned is right, whatever the browser did."""
    link, noa = invited(site, "funder")
    browser = window(site)
    noa.secret = offered(choose(browser, link))
    assert offered(browser.see(f"{link}/phone")) == noa.secret
    browser.see(link)
    browser.see(f"{link}/phone")
    assert browser.send(f"{link}/phone", code=noa.code()).status_code == 200


def test_the_second_step_sent_twice_is_done_once(site: Office) -> None:
    """The page with the codes, loaded anew, shows codes again: those that are shown last work."""
    link, noa = invited(site, "funder")
    browser = window(site)
    noa.secret = offered(choose(browser, link))
    form = browser.page
    shown = []
    for _ in range(2):
        browser.page = form
        assert browser.send(f"{link}/phone", code=noa.code()).status_code == 200
        shown.append(recovery_codes(browser.page))
    browser.follow(browser.send(f"{link}/in"))
    assert browser.signed_in
    for code, status in ((shown[0][0], 400), (shown[1][0], 303)):
        other = window(site)
        other.see("/sign-in")
        assert noa.signs_in(other, code=code).status_code == status


def test_no_other_browser_goes_on_with_it(site: Office) -> None:
    """What a form carries from step to step is worth nothing in another browser, nor for another step."""
    link, noa = invited(site, "funder")
    browser, thief = window(site), window(site)
    noa.secret = offered(choose(browser, link))
    second = browser.page
    browser.send(f"{link}/phone", code=noa.code())
    draft = re.search(r'name="draft" value="([^"]+)"', browser.page)
    assert draft
    thief.see("/sign-in")
    csrf = parts(site).sessions.csrf(thief.token)
    thief.page = browser.page
    assert thief.send(f"{link}/in", csrf=csrf).status_code == 410
    early = re.search(r'name="draft" value="([^"]+)"', second)
    assert early
    assert browser.send(f"{link}/in", draft=early[1]).status_code == 410
    assert not browser.signed_in


def test_a_wrong_code_uses_nothing_up(site: Office) -> None:
    """The page says what may be wrong, shows the same picture, and the right code works then."""
    link, noa = invited(site, "funder")
    browser = window(site)
    noa.secret = offered(choose(browser, link))
    assert browser.send(f"{link}/phone", code="000000").status_code == 400
    assert "Ce n’est pas le code de cette image." in words(browser.page)
    assert offered(browser.page) == noa.secret
    assert browser.send(f"{link}/phone", code=noa.code()).status_code == 200


UNFIT = (
    ("short", "short", "trop court"),
    ("many words " * 12, "many words " * 12, "trop long"),
    ("passwordpassword", "passwordpassword", "trop facilement"),
    ("noa@example.org", "noa@example.org", "votre nom ou votre adresse"),
    (PASSWORD, PASSWORD + "!", "ne sont pas les mêmes"),
)


def test_a_password_that_will_not_do(site: Office) -> None:
    """It is said at the field what is wrong, the password isn't shown, and nothing is kept."""
    link, _ = invited(site, "funder")
    browser = window(site)
    browser.see(link)
    for typed, again, said in UNFIT:
        assert browser.send(link, password=typed, again=again).status_code == 400
        assert said in words(browser.page)
        assert re.search(r'<input id="(password|again)"[^>]*aria-invalid="true"', browser.page)
        assert f'value="{typed}"' not in re.sub(r'<input id="email"[^>]*>', "", browser.page)
    assert browser.client.get(f"{link}/phone").headers["Location"].startswith(link)


def test_half_an_enrolment_opens_nothing(site: Office) -> None:
    """A password without a second factor lets nobody in."""
    link, noa = invited(site, "coordinator")
    browser = window(site)
    noa.secret = offered(choose(browser, link))
    browser.see("/sign-in")
    for code in ("", noa.code()):
        assert noa.signs_in(browser, code=code).status_code == 400


def test_the_steps_speak_the_language_of_whoever_is_invited(site: Office) -> None:
    """The account's language first; another that they choose on the way stays theirs."""
    link, noa = invited(site, "funder", language="nl")
    browser = window(site)
    assert "Dag Noa Exemple" in words(browser.see(link))
    assert "Hello Noa Exemple" in words(browser.see(f"{link}?lang=en"))
    page = browser.follow(browser.send(link, password=PASSWORD, again=PASSWORD))
    assert "2 of 2: your phone" in words(page)
    noa.secret = offered(page)
    browser.send(f"{link}/phone", code=noa.code())
    browser.follow(browser.send(f"{link}/in"))
    assert '<html lang="en">' in browser.see("/account")


def test_enrolling_anew_ends_what_was_open(site: Office) -> None:
    """A link for an account that is in use ends its other sessions once it is used, not before."""
    claude, browser = somebody(site, "funder"), window(site)
    browser.see("/sign-in")
    claude.signs_in(browser)
    with site.service.store.durable() as tx:
        link = invitations.path(invitations.invite(tx, claude.id, int(site.clock.now())))
    fresh = window(site)
    claude.secret = offered(choose(fresh, link))
    assert browser.signed_in
    fresh.send(f"{link}/phone", code=claude.code())
    assert not browser.signed_in


def test_the_picture_says_the_secret(site: Office) -> None:
    """The link that opens an authenticator on this telephone names the line and the address, and no style is inline."""
    link, noa = invited(site, "funder")
    page = choose(window(site), link)
    uri = re.search(r'href="(otpauth://[^"]+)"', page)
    assert uri
    read = pyotp.parse_uri(uri[1].replace("&amp;", "&"))
    assert (read.name, read.secret, read.issuer) == (noa.email, offered(page), "helpline.example.org")
    svg = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert svg
    assert "style" not in svg[0]
    assert "data:" not in page
