"""The page on which a psychologist confirms a shift."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from helpline.messages.confirming import ShiftLinks
from helpline.pages.confirm import ConfirmPages
from helpline.people.links import Links
from helpline.store.rota_tables import Notice
from helpline.store.sessions import Store, StoreDown
from reports.words import LANGUAGES, Language
from tests.messages.post import DAY, HOUR, KEY, Office, office_in
from tests.pages.conftest import ShownForm
from tests.shell import ALIX, BORIS, NOON, PUBLIC, SetClock, together

THANKS, ALREADY = "Merci, c’est confirmé.", "Cette garde est déjà confirmée."


@pytest.fixture
def office(either_database_url: str, tmp_path: Path) -> Iterator[Office]:
    """Alix is on call tomorrow at one, and was reminded."""
    with office_in(either_database_url, tmp_path) as office:
        shift = office.shift(NOON + DAY)
        row = {"key": "r", "kind": "reminder", "line": "france", "person": ALIX, "shift": shift, "seq": 0}
        with office.store.durable() as tx:
            tx.execute(insert(Notice), row | {"due_at": NOON, "state": "sent", "tries": 1, "sent_at": NOON})
        yield office


@pytest.fixture
def clock() -> SetClock:
    """Noon."""
    return SetClock()


@pytest.fixture
def web(office: Office, clock: SetClock) -> FlaskClient:
    """A browser that keeps no cookie and follows nothing by itself."""
    app = Flask("helpline", static_folder=None, template_folder=None)
    pages = ConfirmPages(office.store, office.lines, clock, office.links, demo=False)
    app.register_blueprint(pages.blueprint())
    return app.test_client(use_cookies=False)


@pytest.fixture
def path(office: Office) -> str:
    """The link in the reminder."""
    return office.links.url(1, 1, 0).removeprefix(PUBLIC)


def test_one_tap_confirms(office: Office, web: FlaskClient, path: str) -> None:
    """The page shows the shift and a button; the button confirms it and says so."""
    page = web.get(path)
    assert page.status_code == 200
    assert "mer 11/03 13:00-21:00" in page.text
    assert "Ligne d’écoute France" in page.text
    answer = web.post(ShownForm(page.text).action)
    assert answer.status_code == 303
    assert THANKS in web.get(answer.headers["Location"]).text
    assert office.notices("confirmed_at") == [(NOON,)]


def test_a_second_tap_says_already(office: Office, web: FlaskClient, path: str, clock: SetClock) -> None:
    """And changes nothing."""
    web.post(path)
    clock.at += HOUR
    answer = web.post(path)
    page = web.get(answer.headers["Location"]).text
    assert ALREADY in page
    assert "<form" not in page
    assert office.notices("confirmed_at") == [(NOON,)]


def test_two_taps_at_once_confirm_once(office: Office, path: str, web: FlaskClient) -> None:
    """One of them is thanked."""
    app = web.application
    answers = together([lambda: app.test_client().post(path).headers["Location"]] * 3)
    assert sorted(answer.endswith("done=1") for answer in answers) == [False, False, True]
    assert office.notices("confirmed_at") == [(NOON,)]


@pytest.mark.parametrize("method", ["get", "head"])
def test_whoever_only_looks_confirms_nothing(office: Office, web: FlaskClient, path: str, method: str) -> None:
    """Mail servers and telephones open links before people do."""
    for query in ("", "?done=1", "?lang=nl"):
        assert getattr(web, method)(path + query).status_code == 200
    assert office.notices("confirmed_at") == [(None,)]
    assert THANKS not in web.get(path + "?done=1").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_in_four_languages(web: FlaskClient, path: str, language: Language) -> None:
    """In the reader's own first, each of the others a link away, also after the tap."""
    assert '<html lang="fr">' in web.get(path).text
    page = web.get(f"{path}?lang={language}").text
    assert f'<html lang="{language}">' in page
    assert f'href="{path}?lang={language}"' in web.get(path).text
    answer = web.post(ShownForm(page).action)
    assert f'<html lang="{language}">' in web.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": "cancelled", "seq": 1}, "Cette garde a changé depuis ce message"),
        ({"person": BORIS}, "Cette garde a changé depuis ce message"),
        ({"seq": 1}, "Cette garde a changé depuis ce message"),
        ({"starts_at": NOON}, "Cette garde a commencé."),
    ],
    ids=["cancelled", "given away", "changed", "begun"],
)
def test_what_is_no_longer_so_is_not_confirmed(
    office: Office, web: FlaskClient, path: str, values: dict[str, object], words: str
) -> None:
    """The page says what happened, and has no button; a form that was open is heeded no more."""
    office.change(1, **values)
    page = web.get(path).text
    assert words in page
    assert "<form" not in page
    assert web.post(path).status_code == 303
    assert office.notices("confirmed_at") == [(None,)]
    if "starts_at" not in values:
        assert "13:00" not in page


def test_a_link_is_good_until_the_shift_is_over(web: FlaskClient, path: str, clock: SetClock) -> None:
    """Then it is nobody's."""
    clock.at = NOON + DAY + 8 * HOUR - 1
    assert web.get(path).status_code == 200
    clock.at += 1
    assert web.get(path).status_code == 404


def test_every_unknown_link_gets_the_same_answer(office: Office, web: FlaskClient, path: str) -> None:
    """Forged, cut, of another notice, of another purpose: one page that says what to do."""
    row = {"key": "other", "kind": "moved", "line": "france", "person": ALIX, "shift": 1, "seq": 0, "state": "sent"}
    with office.store.durable() as tx:
        tx.execute(insert(Notice), row | {"due_at": NOON})
    personal = Links(KEY, PUBLIC).token(1, 0)
    forged = [
        ShiftLinks(b"another key than ours", "").url(1, 1, 0),
        office.links.url(1, 1, 1).removeprefix(PUBLIC),
        office.links.url(2, 1, 0).removeprefix(PUBLIC),
        office.links.url(99, 1, 0).removeprefix(PUBLIC),
        f"/shift/{personal}",
        path[:-1],
        path + "x",
        path.replace("/shift/1-", "/shift/01-"),
        "/shift/hello",
        "/shift/" + "9" * 3000,
        "/shift/%00",
        "/shift/%C2%B9-abc",
    ]
    plain = web.get("/shift/x")
    assert "Ask your line’s coordinator" in plain.text
    for address in forged:
        for answer in (web.get(address), web.post(address)):
            assert (answer.status_code, answer.text) == (404, plain.text), address
    assert office.notices("confirmed_at") == [(None,), (None,)]


def test_a_personal_page_is_not_opened_by_a_shifts_link(office: Office, path: str) -> None:
    """The same key signs both, and one is never the other."""
    with office.store.read() as connection:
        assert Links(KEY, PUBLIC).person(connection, path.removeprefix("/shift/"), NOON) is None


def test_the_page_keeps_its_address_to_itself(web: FlaskClient, path: str) -> None:
    """No referrer, no cache, no script, no frame."""
    for answer in (web.get(path), web.post(path), web.get("/shift/x")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in web.get(path).text


def test_a_database_that_fails_is_said_and_not_told(
    web: FlaskClient, path: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asks to try again; the log holds no link."""

    def down(_store: Store) -> None:
        raise StoreDown("the database is down")

    monkeypatch.setattr(Store, "durable", down)
    with caplog.at_level(logging.DEBUG):
        answer = web.post(path)
    assert answer.status_code == 503
    assert "Réessayez dans une minute." in answer.text
    assert "StoreDown" in caplog.text
    assert path not in caplog.text
