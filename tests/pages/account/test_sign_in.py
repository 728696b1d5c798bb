import re

from sqlalchemy import update

from helpline.store.account_tables import Account
from tests.pages.account.enrolled import COOKIE, PASSWORD, hidden, parts, somebody, window
from tests.pages.signed import HOST, Office, words

WRONG = "L’e-mail, le mot de passe ou le code ne va pas."


def test_one_form_lets_in(either_site: Office) -> None:
    """E-mail, password and code in one form: one click, and the first page is there."""
    claude, browser = somebody(either_site, "coordinator"), window(either_site)
    browser.see("/sign-in")
    answer = claude.signs_in(browser)
    assert answer.headers["Location"] == "/home"
    assert browser.signed_in


def test_blanks_and_capitals_of_an_address_do_not_matter(site: Office) -> None:
    """What a telephone's keyboard makes of an address, and how a code is grouped, is no mistake."""
    claude, browser = somebody(site, "funder"), window(site)
    browser.see("/sign-in")
    code = claude.code()
    assert claude.signs_in(browser, email=" Claude@Example.org ", code=f"{code[:3]} {code[3:]}").status_code == 303


WRONGS: tuple[dict[str, str], ...] = (
    {"email": "nobody@example.org"},
    {"password": "not the password at all"},
    {"code": "000000"},
    {"code": ""},
    {"password": ""},
    {"email": "nobody@example.org", "code": ""},
)


def test_whatever_is_wrong_has_one_answer(site: Office) -> None:
    """The answers are equal byte for byte but for what was typed as the address, and never hold the password."""
    claude, browser = somebody(site, "coordinator"), window(site)
    browser.see("/sign-in")
    assert claude.signs_in(browser, password="wrong in every way").status_code == 400
    usual = browser.page.replace(claude.email, "ADDRESS")
    assert WRONG in words(usual)
    for typed in WRONGS:
        answer, email = claude.signs_in(browser, **typed), typed.get("email", claude.email)
        assert (answer.status_code, answer.text.replace(email, "ADDRESS")) == (400, usual), typed
        assert PASSWORD not in answer.text
        assert f'value="{email}"' in answer.text


def test_a_disabled_account_is_answered_like_a_wrong_password(site: Office) -> None:
    """Nobody learns that there was an account."""
    claude, browser = somebody(site, "funder"), window(site)
    browser.see("/sign-in")
    wrong = claude.signs_in(browser, password="not the password at all").text
    with site.service.store.durable() as tx:
        tx.execute(update(Account).where(Account.id == claude.id).values(disabled=True))
    assert claude.signs_in(browser).text == wrong


def test_a_code_works_once(either_site: Office) -> None:
    """The same six digits open the door a single time; the next ones do again."""
    claude = somebody(either_site, "coordinator")
    one, other = window(either_site), window(either_site)
    for browser, status in ((one, 303), (other, 400)):
        browser.see("/sign-in")
        assert claude.signs_in(browser).status_code == status
    either_site.clock.at += 30
    assert claude.signs_in(other).status_code == 303


def test_a_recovery_code_stands_in_once(site: Office) -> None:
    """Without the telephone: a link away, a code that was kept, and never that code again."""
    claude = somebody(site, "coordinator")
    with site.service.store.durable() as tx:
        code = parts(site).recovery.renew(tx, claude.id)[0]
    browser = window(site)
    browser.see("/sign-in")
    link = re.search(r'href="(/sign-in\?[^"]*using=recovery[^"]*)"', browser.page)
    assert link
    assert "Code de secours" in words(browser.see(link[1].replace("&amp;", "&")))
    assert claude.signs_in(browser, code=code.upper().replace("-", " ")).status_code == 303
    again = window(site)
    again.see("/sign-in?using=recovery")
    assert claude.signs_in(again, code=code).status_code == 400
    assert "Code de secours" in words(again.page)


def test_signing_in_changes_the_cookie(site: Office) -> None:
    """A cookie that somebody put into a browser beforehand opens nothing afterwards."""
    claude, browser = somebody(site, "coordinator"), window(site)
    browser.token = planted = "A" * 43
    browser.see("/sign-in")
    assert browser.token == planted
    claude.signs_in(browser)
    assert browser.token != planted
    thief = window(site)
    thief.token = planted
    assert browser.signed_in
    assert not thief.signed_in


def test_signing_in_again_ends_what_this_browser_had(site: Office) -> None:
    """Whoever signs in over another session leaves none behind."""
    claude, browser = somebody(site, "coordinator"), window(site)
    browser.see("/sign-in")
    form = browser.page
    claude.signs_in(browser)
    first = browser.token
    site.clock.at += 30
    csrf = parts(site).sessions.csrf(first)
    browser.page = re.sub(r'name="csrf" value="[^"]*"', f'name="csrf" value="{csrf}"', form)
    assert claude.signs_in(browser).status_code == 303
    assert browser.token != first
    browser.token = first
    assert not browser.signed_in


def test_the_cookie_stays_with_this_host(site: Office) -> None:
    """Sent to this very host only, over https only, to no script, and by no other site's form."""
    claude, browser = somebody(site, "coordinator"), window(site)
    browser.see("/sign-in")
    cookie = claude.signs_in(browser).headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    attributes = {part.strip().partition("=")[0]: part.strip().partition("=")[2] for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly"} <= set(attributes)
    assert (attributes["SameSite"], attributes["Path"]) == ("Lax", "/")
    assert "Domain" not in attributes


def test_whoever_wanted_a_page_comes_to_it(site: Office) -> None:
    """The form remembers where they were going, through a mistake too."""
    claude, browser = somebody(site, "coordinator"), window(site)
    browser.see("/sign-in?next=/people%3Fx%3D1")
    assert claude.signs_in(browser, code="000000").status_code == 400
    assert claude.signs_in(browser).headers["Location"] == "/people?x=1"


def test_a_form_sent_after_the_session_ended_leads_back_to_it(site: Office) -> None:
    """Whoever was signed out while filling something in comes back to that page, once signed in."""
    for origin, next_ in ((f"{HOST}/account/password", "?next=/account/password"), ("https://evil.example/x", "")):
        sent = window(site).client.post("/account/password", base_url=HOST, headers={"Referer": origin})
        assert sent.headers["Location"] == f"/sign-in{next_}"


def test_the_page_after_signing_out_speaks_their_language(site: Office) -> None:
    """Whoever reads German is told in German that they are out, whatever their browser speaks."""
    browser = site.browser("funder", language="de")
    assert "Sie sind abgemeldet." in words(browser.follow("/sign-out"))


def test_nobody_is_led_away_by_signing_in(site: Office) -> None:
    """An address of another site is forgotten, whether it came with the page or with the form."""
    claude = somebody(site, "coordinator")
    for wanted in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        browser = window(site)
        browser.see(f"/sign-in?next={wanted}")
        assert hidden(browser.page, "/sign-in")["next"] == ""
        assert claude.signs_in(browser, next=wanted).headers["Location"] == "/home"
        answer = browser.client.get("/sign-in", base_url=HOST, query_string={"next": wanted})
        assert answer.headers["Location"] == "/home"
        site.clock.at += 30


def test_a_form_that_we_did_not_show_signs_nobody_in(site: Office) -> None:
    """Another site can't sign a browser in to an account that its owner doesn't expect."""
    claude, browser = somebody(site, "coordinator"), window(site)
    browser.see("/sign-in")
    assert claude.signs_in(browser, csrf="").status_code == 400
    assert "Ce formulaire n’est plus valable." in words(browser.page)
    assert not browser.signed_in


def test_a_form_sent_twice_leads_in(site: Office) -> None:
    """Whoever taps twice, and is in by the time of the second, is led on and not told off."""
    claude, browser = somebody(site, "coordinator"), window(site)
    form = browser.see("/sign-in")
    claude.signs_in(browser)
    browser.page = form
    answer = claude.signs_in(browser)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home")


def test_guessing_becomes_slow(site: Office) -> None:
    """After a few wrong ones the page says how long to wait, kindly, and the right password waits as well."""
    claude, browser = somebody(site, "coordinator"), window(site)
    browser.see("/sign-in")
    statuses = [claude.signs_in(browser, password=f"guess number {n} of many").status_code for n in range(12)]
    assert statuses[0] == 400
    answer = claude.signs_in(browser)
    assert answer.status_code == 429
    assert re.search(
        r"Trop d’essais. Réessayez dans \d+ (secondes|minutes?)\.", words(answer.text).replace("\xa0", " ")
    )
    assert int(answer.headers["Retry-After"]) > 0


def test_strangers_keep_nobody_out(site: Office) -> None:
    """A browser that has signed in before still does while strangers are told to wait."""
    claude, browser, stranger = somebody(site, "psychologist"), window(site), window(site)
    browser.see("/sign-in")
    claude.signs_in(browser)
    browser.see("/account")
    browser.follow(browser.send("/sign-out"))
    stranger.see("/sign-in")
    for n in range(12):
        claude.signs_in(stranger, password=f"guess number {n} of many")
    assert stranger.status == 429
    site.clock.at += 30
    assert claude.signs_in(browser).status_code == 303


def test_the_page_keeps_to_itself(site: Office) -> None:
    """Its headers: nothing is stored, nothing foreign or inline runs, its address goes nowhere else."""
    answer = site.browser().client.get("/sign-in", base_url=HOST)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert not re.search(r"\sstyle=|\son[a-z]+=|<script(?! src)|<style", answer.text)


def test_browsers_fill_the_form_in(site: Office) -> None:
    """Each field tells a password manager and a telephone's keyboard what it is."""
    page = site.browser().get("/sign-in")
    for name, hints in (
        ("email", ('type="email"', 'autocomplete="username webauthn"')),
        ("password", ('type="password"', 'autocomplete="current-password"')),
        ("code", ('autocomplete="one-time-code"', 'inputmode="numeric"')),
    ):
        field = re.search(rf'<input id="{name}"[^>]*>', page)
        assert field
        assert all(hint in field[0] for hint in hints), field[0]


def test_the_form_speaks_their_language(site: Office) -> None:
    """The language that was chosen is kept through a mistake, and so is where they were going."""
    claude = somebody(site, "coordinator")
    for language, title in (("nl", "Aanmelden"), ("de", "Anmelden"), ("en", "Sign in")):
        browser = window(site)
        assert f"<h1>{title}</h1>" in browser.see(f"/sign-in?lang={language}&next=/people")
        claude.signs_in(browser, code="1")
        assert f"<h1>{title}</h1>" in browser.page
        assert hidden(browser.page, "/sign-in")["next"] == "/people"
