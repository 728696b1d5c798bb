import logging

import pytest
from sqlalchemy import delete

from helpline.people.links import Links
from helpline.store.tables import Person
from tests.pages.conftest import ALIX, BRECHT, Desk, ShownForm


def _elsewhere(desk: Desk) -> dict[str, str]:
    own = desk.path()
    return {
        "forged": Links(b"another key than ours", "").path(ALIX, 0),
        "next-version": desk.links.path(ALIX, 1),
        "nobody": desk.links.path(99, 0),
        "cut": own[:-1],
        "lengthened": own + "x",
        "of-another": desk.path(BRECHT).replace(f"/me/{BRECHT}-", f"/me/{ALIX}-"),
        "word": "/me/hello",
        "huge": "/me/" + "9" * 3000,
        "null": "/me/%00",
        "letters": "/me/%C2%B9-abc",
    }


@pytest.mark.parametrize(
    "kind", ["forged", "next-version", "nobody", "cut", "lengthened", "of-another", "word", "huge", "null", "letters"]
)
def test_every_unknown_link_gets_the_same_answer(desk: Desk, kind: str) -> None:
    """Forged, cut, mistyped: one page in French and English that says what to do, for the page and for the form."""
    path, browser = _elsewhere(desk)[kind], desk.browser()
    plain = browser.get("/me/x")
    for answer in (browser.get(path), browser.post(path + "/code", data={"main": "burnout"})):
        assert (answer.status_code, answer.text) == (404, plain.text)
    assert "Demandez un nouveau lien à la coordination" in plain.text
    assert "Ask your line’s coordinator for a new one" in plain.text


def test_a_revoked_link_opens_nothing(either_desk: Desk) -> None:
    """After the link was renewed the old one neither shows nor codes, and the new one does."""
    either_desk.talked()
    form = ShownForm(either_desk.show())
    either_desk.revoke(ALIX)
    browser = either_desk.browser()
    assert browser.get(either_desk.path()).text == browser.get("/me/x").text
    assert browser.post(form.action, data=form.tapped(main="burnout")).status_code == 404
    assert either_desk.coded() == []
    assert "Bonjour Alix Exemple" in browser.get(either_desk.path(version=1)).text


def test_the_link_of_somebody_who_left_opens_nothing(desk: Desk) -> None:
    """A person who was taken out has no page."""
    with desk.store.durable() as tx:
        tx.execute(delete(Person).where(Person.id == ALIX))
    assert desk.browser().get(desk.path()).status_code == 404


def test_a_database_that_fails_is_said_and_not_told(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Without its database the page asks to try again; the log holds neither the link nor the answers."""
    desk.talked()
    form = ShownForm(desk.show())
    with desk.store.durable() as tx:
        tx.exec_driver_sql("DROP TABLE erasures")
    with caplog.at_level(logging.DEBUG):
        answer = desk.browser().post(form.action, data=form.tapped(main="burnout"))
    assert answer.status_code == 503
    assert "Réessayez dans une minute." in answer.text
    assert "OperationalError" in caplog.text
    assert "burnout" not in caplog.text
    assert desk.path() not in caplog.text
