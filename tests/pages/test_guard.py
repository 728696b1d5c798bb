import re
from pathlib import Path

import pytest
from flask import Flask

from helpline.accounts.model import ROLES, Role
from helpline.app import create_service
from helpline.errors import ConfigError
from helpline.pages.routes import GUEST, Route, refuse_undeclared, table
from helpline.pages.site import own_path
from tests.pages.signed import HOST, Office, words
from tests.shell import CONFIG, SetClock, settings_in, some_secrets


@pytest.mark.parametrize("role", ROLES)
def test_everybody_comes_to_a_page_of_their_own(site: Office, role: Role) -> None:
    """Each role has a first page, and its navigation names no page that is refused."""
    browser = site.browser(role)
    answer = browser.client.get("/home", base_url=HOST)
    assert answer.status_code == 303
    assert browser.client.get(answer.headers["Location"], base_url=HOST).status_code == 200


def test_a_guest_is_led_to_sign_in_and_back(site: Office) -> None:
    """Who isn't signed in comes to the form, which knows where they wanted to go."""
    answer = site.browser().client.get("/rota?x=1", base_url=HOST)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/rota?x%3D1")


def test_a_session_that_is_over_opens_nothing(site: Office) -> None:
    """A cookie works until its session ends, signed out elsewhere or expired, and not a second longer."""
    browser = site.browser("coordinator")
    assert browser.client.get("/rota", base_url=HOST).status_code == 200
    site.clock.at += 9 * 3600
    assert browser.client.get("/rota", base_url=HOST).status_code == 303


def test_an_old_cookie_does_not_work_after_signing_out(site: Office) -> None:
    """Signing out ends the session in the database, not only in this browser."""
    browser = site.browser("coordinator")
    cookie = browser.client.get_cookie("__Host-helpline", domain="helpline.example.org")
    assert cookie is not None
    browser.post("/sign-out")
    browser.client.set_cookie("__Host-helpline", cookie.value, domain="helpline.example.org", secure=True)
    assert browser.client.get("/rota", base_url=HOST).status_code == 303


def test_a_form_without_our_token_changes_nothing(site: Office) -> None:
    """What another site makes a browser send is refused, in words."""
    browser = site.browser("psychologist")
    browser.csrf = ""
    answer = browser.post("/account/language", 400, language="nl")
    assert "Ce formulaire n’est plus valable." in words(answer.text)
    assert '<html lang="fr">' in browser.get("/my")


def test_the_language_is_kept(site: Office) -> None:
    """Whoever chooses a language reads it from then on."""
    browser = site.browser("psychologist")
    assert '<html lang="nl">' in browser.follow("/account/language", language="nl", next="/my")


@pytest.mark.parametrize(
    "text",
    ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "", "/\t/evil.example", "javascript:x"],
)
def test_nobody_is_led_elsewhere(text: str) -> None:
    """Where a form leads to is a path of ours, or nothing."""
    assert own_path(text) == ""
    assert own_path("/rota?day=2026-03-10") == "/rota?day=2026-03-10"


WHO: tuple[Role | None, ...] = (*ROLES, None)


@pytest.mark.parametrize("role", WHO)
def test_every_role_meets_every_route(site: Office, role: Role | None) -> None:
    """Each page and form opens to the roles that its row names and to no others, guests included."""
    for route in site.service.routes:
        browser = site.browser(role) if role else site.browser()
        path = re.sub("<(int:)?[a-z_]+>", "1", route.rule)
        send = browser.client.get if route.method == "GET" else browser.client.post
        answer = send(path, base_url=HOST, **({"data": {"csrf": browser.csrf}} if route.method == "POST" else {}))
        met = answer.status_code, answer.headers.get("Location", "")
        if route.roles == GUEST or (role and role in route.roles):
            assert met[0] not in {403, 405, 500}, (route.endpoint, met)
        elif role is None:
            assert met[0] == 303, (route.endpoint, met)
            assert met[1].startswith("/sign-in"), (route.endpoint, met)
        else:
            assert met[0] == 403, (route.endpoint, met)


def test_a_route_without_a_role_does_not_start() -> None:
    """A page that nothing says who may use is refused at the start, by name."""
    web = Flask("helpline", static_folder=None)
    web.add_url_rule("/everything", "everything", lambda: "")
    with pytest.raises(ConfigError, match=r"/everything \(everything\): nothing says who may use it"):
        refuse_undeclared(web, ())


def test_a_route_is_declared_once() -> None:
    """Two rows for one endpoint would leave open which of them holds."""
    row = Route("/x", "x", lambda _visit: "", GUEST)
    with pytest.raises(ConfigError, match="declared twice"):
        table((row, row))


def test_a_service_for_calls_alone_has_no_pages(sqlite_url: str, tmp_path: Path) -> None:
    """Where pages are another service's, this one answers the carrier and `/health`, and knows no other address."""
    text = CONFIG.replace("[service]", f'[service]\ndatabase_url = "{sqlite_url}"', 1)
    service = create_service(settings_in(tmp_path, text), some_secrets(), SetClock(), pages=False)
    browser = service.web.test_client()
    assert {path: browser.get(path).status_code for path in ("/health/live", "/sign-in", "/me/1-x", "/rota")} == {
        "/health/live": 200,
        "/sign-in": 404,
        "/me/1-x": 404,
        "/rota": 404,
    }
    assert browser.post("/voice/france").text == "refused: content-type\n"
    service.stop()
