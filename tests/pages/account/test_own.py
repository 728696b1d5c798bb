import re
from functools import partial

from sqlalchemy import Engine, event

from tests.accounts.device import Device
from tests.pages.account.enrolled import (
    PASSWORD,
    Somebody,
    Window,
    parts,
    recovery_codes,
    somebody,
    window,
)
from tests.pages.signed import HOST, Office, words

ANDROID = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1 Version/18.5 Mobile Safari/604.1"


def entered(who: Somebody, agent: str = ANDROID) -> Window:
    """A browser of theirs, signed in half a minute later than the last."""
    who.site.clock.at += 30
    browser = window(who.site, agent)
    browser.see("/sign-in")
    assert who.signs_in(browser).status_code == 303
    return browser


def test_the_page_says_who_one_is_here(site: Office) -> None:
    """Name, address, roles, how one signs in, and from which browsers, in words."""
    claude = somebody(site, "coordinator", "psychologist")
    page = words(entered(claude).see("/account"))
    for said in (
        "Claude Exemple",
        "claude@example.org",
        "psychologue, coordination",
        "Firefox, Android",
        "il en reste 0",
    ):
        assert said in page
    assert "Mozilla" not in page


def test_another_browser_is_signed_out_from_here(either_site: Office) -> None:
    """One of the list, by its name, at once."""
    claude = somebody(either_site, "funder")
    phone, desk = entered(claude, IPHONE), entered(claude)
    page = desk.see("/account")
    assert "Safari, iPhone" in words(page)
    ends = re.findall(r'action="(/account/sessions/[0-9a-f]{16}/end)"', page)
    assert len(ends) == 1
    assert "Ce navigateur est déconnecté." in words(desk.follow(desk.send(ends[0])))
    assert desk.signed_in
    assert not phone.signed_in


def test_all_others_are_signed_out_at_once(site: Office) -> None:
    """All but the one in hand."""
    claude = somebody(site, "funder")
    others = [entered(claude), entered(claude, IPHONE)]
    desk = entered(claude)
    desk.see("/account")
    desk.follow(desk.send("/account/sessions/end"))
    assert desk.signed_in
    assert not any(other.signed_in for other in others)


def test_nobody_ends_a_strangers_session(site: Office) -> None:
    """An address that names somebody else's browser is nobody's."""
    claude, alex = somebody(site, "funder"), somebody(site, "operator", email="alex@example.org", name="Alex Exemple")
    theirs, mine = entered(alex), entered(claude)
    with site.service.store.read() as connection:
        number = parts(site).sessions.of(connection, alex.id, int(site.clock.now()))[0].id
    csrf = parts(site).sessions.csrf(mine.token)
    answer = mine.client.post(f"/account/sessions/{number}/end", base_url=HOST, data={"csrf": csrf})
    assert answer.status_code == 404
    assert theirs.signed_in


def test_a_new_password_ends_other_sessions(either_site: Office) -> None:
    """Who knows the old one chooses another; every other browser is out, and only the new one opens."""
    claude = somebody(either_site, "coordinator")
    other, desk = entered(claude), entered(claude)
    desk.see("/account/password")
    chosen = "another four words now"
    sent = desk.send("/account/password", current=PASSWORD, password=chosen, again=chosen)
    assert "Votre mot de passe est changé." in words(desk.follow(sent))
    assert desk.signed_in
    assert not other.signed_in
    either_site.clock.at += 30
    for password, status in ((PASSWORD, 400), (chosen, 303)):
        other.see("/sign-in")
        assert claude.signs_in(other, password=password).status_code == status


def test_a_password_isnt_changed_by_mistake(site: Office) -> None:
    """What is wrong is said at its field, no password is shown, and the old one stays."""
    claude, chosen = somebody(site, "funder"), "another four words now"
    desk = entered(claude)
    desk.see("/account/password")
    for current, typed, again, field in (
        ("not the password", chosen, chosen, "current"),
        (PASSWORD, "short", "short", "password"),
        (PASSWORD, chosen, "another four words", "again"),
    ):
        assert desk.send("/account/password", current=current, password=typed, again=again).status_code == 400
        assert re.search(rf'<input id="{field}"[^>]*aria-invalid="true"', desk.page)
        assert chosen not in desk.page
    entered(claude)


def test_guessing_the_old_password_becomes_slow(site: Office) -> None:
    """A telephone left on a table doesn't give its owner's password away."""
    claude = somebody(site, "funder")
    desk, chosen = entered(claude), "another four words now"
    desk.see("/account/password")
    for n in range(12):
        desk.send("/account/password", current=f"guess number {n}", password=chosen, again=chosen)
    assert desk.status == 429
    assert "Trop d’essais." in words(desk.page)


def test_another_authenticator_takes_the_place_of_the_old(either_site: Office) -> None:
    """Whoever has proved that it is them scans, types a code, and the old authenticator opens nothing."""
    claude = somebody(either_site, "coordinator")
    desk, other = entered(claude), entered(claude)
    page = desk.see("/account/authenticator")
    found = re.search(r'<details>.*?<code class="code">([A-Z2-7 ]+)</code>', page, re.DOTALL)
    assert found
    old, claude.secret = claude.secret, found[1].replace(" ", "")
    assert found[1] in desk.see("/account/authenticator")
    assert desk.send("/account/authenticator", code="000000").status_code == 400
    assert found[1] in desk.page
    desk.follow(desk.send("/account/authenticator", code=claude.code()))
    assert not other.signed_in
    assert found[1] not in desk.see("/account/authenticator")
    either_site.clock.at += 30
    browser = window(either_site)
    browser.see("/sign-in")
    assert claude.signs_in(browser).status_code == 303
    claude.secret = old
    other.see("/sign-in")
    assert claude.signs_in(other).status_code == 400


def test_new_recovery_codes_replace_the_old(site: Office) -> None:
    """Ten new ones are shown once, and those from before stop working."""
    claude = somebody(site, "coordinator")
    desk = entered(claude)
    desk.see("/account/recovery")
    shown = []
    for _ in range(2):
        assert desk.send("/account/recovery").status_code == 200
        shown.append(recovery_codes(desk.page))
        desk.see("/account/recovery")
        assert not recovery_codes(desk.page)
    assert "Il en reste 10." in words(desk.page)
    for code, status in ((shown[0][0], 400), (shown[1][0], 303)):
        browser = window(site)
        browser.see("/sign-in")
        assert claude.signs_in(browser, code=code).status_code == status


def test_what_could_lock_its_owner_out_is_asked_for_anew(site: Office) -> None:
    """A psychologist's session alone changes no second factor: they prove that it is them, and come back there."""
    desk = entered(somebody(site, "psychologist"))
    for path in ("/account/authenticator", "/account/recovery", "/account/passkeys/new"):
        answer = desk.client.get(path, base_url=HOST)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/prove?next={path}")


def keep(who: Somebody, browser: Window, device: Device, name: str = "Téléphone") -> str:
    """Adds a passkey as the script does; the account's page."""
    page = browser.see("/account/passkeys/new")
    asked = browser.send_for("/account/passkeys/challenge", page)
    browser.page = page
    return browser.follow(browser.send("/account/passkeys/new", name=name, credential=device.create(asked)))


def test_a_passkey_is_added_and_signs_in(either_site: Office) -> None:
    """Made here, it opens the door alone, without password and code."""
    claude, device = somebody(either_site, "coordinator"), Device()
    desk = entered(claude)
    assert "Téléphone" in words(keep(claude, desk, device))
    browser = window(either_site)
    page = browser.see("/sign-in?next=/people")
    asked = browser.send_for("/sign-in/challenge", page)
    browser.page = page
    answer = browser.send("/sign-in", credential=device.get(asked))
    assert answer.headers["Location"] == "/people"
    assert browser.signed_in


def test_a_passkeys_answer_works_once_and_here_only(site: Office) -> None:
    """What a device signed is worth nothing a second time, nor in another browser; the page says what else to do."""
    claude, device = somebody(site, "coordinator"), Device()
    keep(claude, entered(claude), device)
    browser, thief = window(site), window(site)
    page = browser.see("/sign-in")
    answer = device.get(browser.send_for("/sign-in/challenge", page))
    thief.see("/sign-in")
    assert thief.send("/sign-in", credential=answer).status_code == 400
    assert "Cette clé d’accès n’a pas pu être vérifiée." in words(thief.page)
    browser.page = page
    assert browser.send("/sign-in", credential=answer).status_code == 303
    csrf = parts(site).sessions.csrf(browser.token)
    browser.page = re.sub(r'name="csrf" value="[^"]*"', f'name="csrf" value="{csrf}"', page)
    assert browser.send("/sign-in", credential=answer).status_code == 400


def test_what_is_no_passkey_is_refused_in_words(site: Office) -> None:
    """Whatever is sent in its place, the form is there again."""
    browser = window(site)
    browser.see("/sign-in")
    texts = ("{}", "[]", "null", "x", '{"id": 1}', "9" * 5000, '{"response": {"clientDataJSON": "e30"}}', "[" * 9000)
    for text in texts:
        assert browser.send("/sign-in", credential=text).status_code == 400, text[:20]
        assert "Cette clé d’accès n’a pas pu être vérifiée." in words(browser.page)


def test_a_passkey_is_renamed_and_removed(site: Office) -> None:
    """It has the name its owner gives it, and once removed it opens nothing."""
    claude, device = somebody(site, "coordinator"), Device()
    desk = entered(claude)
    page = keep(claude, desk, device)
    base = re.search(r'action="(/account/passkeys/\d+)/name"', page)
    assert base
    assert "<strong>Cuisine</strong>" in desk.follow(desk.send(f"{base[1]}/name", name=" Cuisine "))
    assert "Cuisine" not in words(desk.follow(desk.send(f"{base[1]}/remove"))).replace("Claude", "")
    browser = window(site)
    page = browser.see("/sign-in")
    asked = browser.send_for("/sign-in/challenge", page)
    browser.page = page
    assert browser.send("/sign-in", credential=device.get(asked)).status_code == 400


def test_the_last_second_factor_stays(either_site: Office) -> None:
    """Whoever has nothing but this passkey is told what to set up first."""
    claude, device = somebody(either_site, "coordinator"), Device()
    desk = entered(claude)
    page = keep(claude, desk, device)
    with either_site.service.store.durable() as tx:
        parts(either_site).authenticators.remove(tx, claude.id)
    remove = re.search(r'action="(/account/passkeys/\d+/remove)"', page)
    assert remove
    assert desk.send(remove[1]).status_code == 409
    assert "Sans elle, vous ne pourriez plus vous connecter." in words(desk.page)
    assert "Téléphone" in words(desk.see("/account"))


def test_nobody_touches_a_strangers_passkey(site: Office) -> None:
    """Another account's passkey can't be renamed or removed, nor seen; nor one that can't be."""
    claude, alex = somebody(site, "funder"), somebody(site, "operator", email="alex@example.org", name="Alex Exemple")
    theirs, mine = entered(alex), entered(claude)
    page = keep(alex, theirs, Device())
    number = re.search(r'action="/account/passkeys/(\d+)/name"', page)
    assert number
    with site.service.store.durable() as tx:
        parts(site).sessions.freshen(tx, mine.token, int(site.clock.now()))
    csrf = parts(site).sessions.csrf(mine.token)
    for key in (number[1], "99999999999999999999"):
        for action in ("name", "remove"):
            path = f"/account/passkeys/{key}/{action}"
            answer = mine.client.post(path, base_url=HOST, data={"csrf": csrf, "name": "mine"})
            assert answer.status_code == 404
    assert "Téléphone" in words(theirs.see("/account"))
    assert "Téléphone" not in words(mine.see("/account"))


def test_the_page_asks_the_database_a_few_times(site: Office) -> None:
    """However many browsers and passkeys are listed, the questions are the same few."""
    claude = somebody(site, "funder")
    desk, asked = entered(claude), []
    for _ in range(2):
        statements: list[str] = []
        listen = partial(_note, statements)
        event.listen(Engine, "before_cursor_execute", listen)
        desk.see("/account")
        event.remove(Engine, "before_cursor_execute", listen)
        asked.append(len(statements))
        for _ in range(3):
            entered(claude)
    assert asked[0] == asked[1] <= 8


def _note(statements: list[str], _conn: object, _cursor: object, statement: str, *_rest: object) -> None:
    statements.append(statement)
