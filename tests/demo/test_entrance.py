import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from helpline.demo.accounts import PASSWORD, STAFF, furnish, logins
from helpline.demo.running import demo_server
from helpline.demo.team import PEOPLE
from helpline.settings import load
from helpline.store.account_tables import Account, Session
from helpline.store.migrate import migrate
from helpline.store.sessions import Store
from tests.demo.conftest import NOON, Demo


def _browser(demo: Demo) -> FlaskClient:
    """One that keeps its cookie."""
    return demo.rehearsal.service.web.test_client()


def _account(demo: Demo, name: str) -> int:
    with demo.store.read() as connection:
        return connection.execute(select(Account.id).where(Account.name == name)).scalar_one()


def _enter(demo: Demo, browser: FlaskClient, name: str, **headers: str) -> TestResponse:
    return browser.post("/demo/enter", data={"account": str(_account(demo, name))}, headers=headers)


def test_everybody_has_an_account(demo: Demo) -> None:
    """Each psychologist and each other role; the page shows those on call and the others, each with a button."""
    with demo.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(Account)) == len(PEOPLE) + len(STAFF)
    page = demo.browser.get("/?lang=en").text
    shown = re.findall(r'aria-label="Enter as ([^"]+)"', page)
    assert shown == ["Camille Exemple", "Dominique Exemple", "Sacha Exemple", *(name for name, _ in STAFF)]


@pytest.mark.parametrize("name", ["Camille Exemple", *(name for name, _ in STAFF)])
def test_a_button_enters(demo: Demo, name: str) -> None:
    """By a session like everybody's, in a cookie that no script reads, to a page of their own."""
    browser = _browser(demo)
    answer = _enter(demo, browser, name)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    page = browser.get("/home", follow_redirects=True)
    assert (page.status_code, name in page.text) == (200, True)


def test_each_button_press_uses_a_code_up(demo: Demo) -> None:
    """As for everybody: those that are good now, once each; then one waits for the next."""
    browser = _browser(demo)
    answers = [_enter(demo, browser, "Claude Exemple") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 409]
    assert answers[3].mimetype == "text/plain"
    assert re.search(r"Réessayez dans \d+ secondes", answers[3].text)
    demo.passes(31)
    assert _enter(demo, browser, "Claude Exemple").status_code == 303
    with demo.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(Session)) == 1


def test_the_button_gets_in_for_the_same_reasons_as_the_form(demo: Demo) -> None:
    """Where the password was changed, or the account disabled, it opens nothing."""
    with demo.store.durable() as tx:
        tx.execute(update(Account).where(Account.name == "Alex Exemple").values(password="x"))
        tx.execute(update(Account).where(Account.name == "Noa Exemple").values(disabled=True))
    assert _enter(demo, _browser(demo), "Alex Exemple").status_code == 409
    assert _enter(demo, _browser(demo), "Noa Exemple").status_code == 404


def test_nobody_elses_page_signs_anybody_in(demo: Demo) -> None:
    """What another site makes a browser send is refused, and who isn't in the table has no button."""
    assert _enter(demo, _browser(demo), "Claude Exemple", **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert _enter(demo, _browser(demo), "Claude Exemple", Origin="https://evil.example.org").status_code == 403
    assert _enter(demo, _browser(demo), "Claude Exemple", **{"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert _browser(demo).post("/demo/enter", data={"account": "99"}).status_code == 404


def test_the_codes_that_are_shown_are_good(demo: Demo) -> None:
    """Beside each address, renewed for a page that stays open."""
    found = {login.account: login for login in logins(demo.rehearsal.service.site.accounts, (), NOON)}
    codes = demo.browser.get("/demo/codes").json
    page = demo.browser.get("/").text
    assert codes is not None
    for number, login in found.items():
        assert codes[str(number)] == login.code
        assert f'<code data-code="{number}">{login.code}</code>' in page
    assert PASSWORD in page
    demo.passes(31)
    assert demo.browser.get("/demo/codes").json != codes


def test_furnishing_again_changes_nothing(demo: Demo) -> None:
    """A demonstration that is started again has the accounts it had, with what was changed in them."""
    with demo.store.durable() as tx:
        tx.execute(update(Account).where(Account.name == "Alex Exemple").values(password="x"))
    with demo.store.read() as connection:
        before = connection.execute(select(*Account.__table__.c)).all()
    furnish(demo.rehearsal.service.site.accounts)
    with demo.store.read() as connection:
        assert connection.execute(select(*Account.__table__.c)).all() == before


@pytest.mark.slow
def test_a_demonstration_of_an_earlier_version_goes_on(folder: Path, port: int) -> None:
    """Its database is brought to this version's tables, and everybody in it gets an account."""
    config = folder / "config.toml"
    store = Store(load(config).database_url)
    migrate(store, "0004")
    store.close()
    with demo_server(config, port) as service, service.store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(Account)) == len(PEOPLE) + len(STAFF)
