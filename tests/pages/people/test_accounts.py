"""Inviting, resetting, disabling: what coordinators do with accounts, in how many clicks."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from helpline.accounts import invitations
from helpline.accounts.registering import read_accounts
from helpline.store.account_tables import Account, Session
from helpline.store.tables import Person
from tests.messages.post import mail_server
from tests.pages.people.test_people import number_on
from tests.pages.signed import HOST, Browser, Office, office, words
from tests.shell import ALIX, BORIS, CONFIG, PUBLIC, rows_of

FUNDER: dict[str, Any] = {"name": "Gus Exemple", "email": "gus@example.org", "roles": "funder", "language": "de"}
PSYCHOLOGIST: dict[str, Any] = {
    "name": "Dana Exemple",
    "email": "Dana@example.org",
    "roles": "psychologist",
    "language": "nl",
    "phone": "+33199000144",
    "languages": ["fr", "nl"],
}


def _link(html: str) -> str:
    """The link that a page shows, once."""
    (link,) = re.findall(r'class="code">([^<]+)<', html)
    return unescape(link)


def _token(html: str) -> str:
    return _link(html).removeprefix(f"{PUBLIC}/welcome/")


def _opens(site: Office, token: str) -> str | None:
    """Whose account a link opens."""
    with site.service.store.read() as connection:
        found = invitations.account_of(connection, token, int(site.clock.now()))
    return None if found is None else found.email


def _states(site: Office) -> dict[str, str]:
    with site.service.store.read() as connection:
        return {each.email: each.state for each in read_accounts(connection, int(site.clock.now()))}


def _linked(html: str, text: str) -> str:
    """Where a link of a page leads to, by what it says."""
    found = next(href for href, said in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', html) if text in said)
    return unescape(found)


def _number(site: Office, email: str) -> int:
    with site.service.store.read() as connection:
        return connection.execute(select(Account.id).where(Account.email == email)).scalar_one()


def test_inviting_somebody_takes_three_clicks(site: Office) -> None:
    """People, invite, send: then the link is there, and leads to the page where they enrol."""
    browser = site.browser("coordinator")
    clicks = 1
    page = browser.get(_linked(browser.get("/rota/proposals"), "Personnes"))
    clicks += 1
    form = browser.get(_linked(page, "Inviter quelqu’un"))
    clicks += 1
    action = re.findall(r'<form method="post" action="([^"]*invite[^"]*)"', form)[0]
    shown = browser.post(action, 200, **FUNDER).text
    assert clicks == 3
    assert _opens(site, _token(shown)) == "gus@example.org"
    assert site.browser().client.get(_link(shown).removeprefix(PUBLIC), base_url=HOST).status_code == 200


def test_a_psychologist_is_added_and_invited_at_once(either_site: Office) -> None:
    """One form: they stand in the list of people, with an account of theirs; or nothing is done."""
    number_on(either_site)
    browser = either_site.browser("coordinator")
    wrong = browser.post("/people/invite", 400, **{**PSYCHOLOGIST, "phone": "12"})
    assert "avec l’indicatif du pays" in words(wrong.text)
    assert 'value="Dana Exemple"' in wrong.text
    refused = browser.post("/people/invite", 400, **{**PSYCHOLOGIST, "email": "dana"})
    assert "nom@exemple.org" in words(refused.text)
    assert len(rows_of(either_site.service.store, Person)) == 3
    shown = browser.post("/people/invite", 200, **PSYCHOLOGIST).text
    assert _opens(either_site, _token(shown)) == "dana@example.org"
    (row,) = [row for row in rows_of(either_site.service.store, Person) if row["name"] == "Dana Exemple"]
    assert (row["languages"], row["email"]) == ("nl fr", "Dana@example.org")


def test_who_is_in_the_list_needs_no_more_than_an_address(site: Office) -> None:
    """Their form knows their name, and that they are a psychologist."""
    browser = site.browser("coordinator")
    page = browser.get(f"/people/{BORIS}")
    form = browser.get(_linked(page, "Inviter"))
    assert "Inviter Boris Exemple" in words(form)
    assert 'name="phone"' not in form
    values = {"person": str(BORIS), "email": "boris@example.org", "language": "fr"}
    assert _opens(site, _token(browser.post("/people/invite", 200, **values).text)) == "boris@example.org"
    assert "invitation envoyée" in words(browser.get("/people"))


@pytest.mark.parametrize("form", [FUNDER, PSYCHOLOGIST])
def test_sent_twice_it_is_one_invitation(site: Office, form: dict[str, Any]) -> None:
    """A form tapped twice makes one account, and the link that is seen last works."""
    browser = site.browser("coordinator")
    first, second = (_token(browser.post("/people/invite", 200, **form).text) for _ in range(2))
    assert _opens(site, first) is None
    assert _opens(site, second) == form["email"].lower()
    assert len(_states(site)) == 2


def test_an_address_that_has_an_account_is_refused(site: Office) -> None:
    """Somebody else's: it is said beside the field, and their account stays as it is."""
    browser = site.browser("coordinator")
    browser.post("/people/invite", 200, **FUNDER)
    answer = browser.post("/people/invite", 400, **{**FUNDER, "name": "Somebody Else"})
    assert "Cette adresse a déjà un compte." in words(answer.text)
    assert 'value="Somebody Else"' in answer.text


@pytest.mark.slow
def test_an_account_needs_a_role(site: Office) -> None:
    """It is said, and nothing is made."""
    answer = site.browser("coordinator").post("/people/invite", 400, **{**FUNDER, "roles": []})
    assert "Choisissez au moins un rôle." in words(answer.text)
    assert list(_states(site)) == ["coordinator-0@example.org"]


def test_a_new_link_makes_the_old_one_useless(site: Office) -> None:
    """For who lost it, or was too late."""
    browser = site.browser("coordinator")
    old = _token(browser.post("/people/invite", 200, **FUNDER).text)
    number = _number(site, "gus@example.org")
    new = _token(browser.post(f"/people/accounts/{number}/invite", 200).text)
    assert (_opens(site, old), _opens(site, new)) == (None, "gus@example.org")


@pytest.mark.slow
def test_a_link_that_expired_is_seen_in_the_list(site: Office) -> None:
    """A week later: somebody has to give another."""
    site.browser("coordinator").post("/people/invite", 200, **FUNDER)
    site.clock.at += 8 * 86_400
    assert "invitation expirée" in words(site.browser("coordinator").get("/people"))


def test_a_coordinator_becomes_a_psychologist_without_another_link(site: Office) -> None:
    """Their own address on the form of who they are: one account with both roles, and they sign in anew."""
    theirs, number = _enrolled(site, "coordinator", "funder")
    values = {"person": str(BORIS), "email": "coordinator-funder-0@example.org", "language": "fr"}
    page = site.browser("coordinator").follow("/people/invite", **values)
    assert "Boris Exemple" in words(page)
    assert "psychologue, coordination, financeur" in words(page)
    theirs.get("/people", 303)
    assert [row["person"] for row in rows_of(site.service.store, Account) if row["id"] == number] == [BORIS]


def _enrolled(site: Office, *roles: Any) -> tuple[Browser, int]:  # noqa: ANN401 - roles
    """Somebody who has signed in, as an account that could again."""
    browser = site.browser(*roles)
    with site.service.store.durable() as tx:
        values = {"password": "x", "totp": b"x"}
        tx.execute(Account.__table__.update().where(Account.id == browser.account).values(**values))  # type: ignore[attr-defined] # a table
    return browser, browser.account


def test_a_reset_is_explained_then_done(site: Office) -> None:
    """What goes is said first; then they are out everywhere, and a link is there."""
    theirs, number = _enrolled(site, "psychologist")
    browser = site.browser("coordinator")
    assert "codes de secours sont effacés" in words(browser.get(f"/people/accounts/{number}/reset"))
    theirs.get("/my")
    shown = browser.post(f"/people/accounts/{number}/reset", 200).text
    assert _opens(site, _token(shown)) == "psychologist-1@example.org"
    theirs.get("/my", 303)


def test_somebody_is_signed_out_everywhere(site: Office) -> None:
    """A lost telephone: every browser of theirs is out, and their password still works."""
    theirs, number = _enrolled(site, "psychologist")
    page = site.browser("coordinator").follow(f"/people/accounts/{number}/sign-out")
    assert "La personne est déconnectée partout." in words(page)
    theirs.get("/my", 303)
    assert _states(site)["psychologist-1@example.org"] == "active"


@pytest.mark.slow
def test_who_signs_themselves_out_elsewhere_stays_here(site: Office) -> None:
    """Their own browser goes on."""
    browser, number = _enrolled(site, "coordinator")
    browser.follow(f"/people/accounts/{number}/sign-out")
    assert len(rows_of(site.service.store, Session)) == 1


def test_an_account_is_disabled_and_enabled_again(site: Office) -> None:
    """One button each: who is disabled is out at once."""
    theirs, number = _enrolled(site, "psychologist")
    browser = site.browser("coordinator")
    assert "Le compte est suspendu." in words(browser.follow(f"/people/accounts/{number}/disable"))
    theirs.get("/my", 303)
    assert "Le compte est rétabli." in words(browser.follow(f"/people/accounts/{number}/enable"))


def test_nobody_disables_themselves_nor_the_last_coordinator(site: Office) -> None:
    """It is said, and nothing is changed."""
    browser, number = _enrolled(site, "coordinator")
    answer = browser.post(f"/people/accounts/{number}/disable", 409)
    assert "votre propre compte" in words(answer.text)
    form = {"email": "coordinator-0@example.org", "name": "Compte Exemple", "roles": "funder"}
    answer = browser.post(f"/people/accounts/{number}/edit", 400, **form)
    assert "Plus personne ne pourrait coordonner" in words(answer.text)


def test_other_roles_end_the_sessions(site: Office) -> None:
    """Who gets another role signs in anew; a psychologist stays one unless it is taken away."""
    theirs, number = _enrolled(site, "psychologist")
    browser = site.browser("coordinator")
    form = browser.get(f"/people/accounts/{number}/edit")
    assert 'value="psychologist" checked' in form
    values: dict[str, Any] = {"email": "psychologist-1@example.org", "roles": ["psychologist", "coordinator"]}
    assert "Le compte est modifié." in words(browser.follow(f"/people/accounts/{number}/edit", **values))
    theirs.get("/my", 303)
    assert "coordination" in words(browser.get(f"/people/{ALIX}"))


@pytest.mark.slow
def test_accounts_without_a_person_have_a_page(site: Office) -> None:
    """Funders and operators are on the same list, below."""
    site.browser("operator")
    browser = site.browser("coordinator")
    page = browser.get("/people")
    assert "Autres comptes" in words(page)
    assert "exploitation" in words(browser.get(_linked(page.split("Autres comptes")[1], "Compte")))


@pytest.mark.slow
def test_a_psychologists_account_is_on_their_page(site: Office) -> None:
    """There is one place for somebody."""
    _, number = _enrolled(site, "psychologist")
    answer = site.browser("coordinator").client.get(f"/people/accounts/{number}", base_url=HOST)
    assert answer.headers["Location"] == f"/people/{ALIX}"


def test_the_link_goes_by_email_where_that_is_set_up(sqlite_url: str, tmp_path: Path) -> None:
    """In the language of whoever is invited; and where the mail server refuses, the page says to give it oneself."""
    with mail_server() as server:
        mail = f'smtp_host = "127.0.0.1"\nsmtp_port = {server.port}\nsmtp_security = "none"\nsender = "l@example.org"'
        with office(sqlite_url, tmp_path, CONFIG.replace("[carrier]", f"[messages]\n{mail}\n[carrier]")) as site:
            browser = site.browser("coordinator")
            shown = browser.post("/people/invite", 200, **FUNDER).text
            assert "Le lien est parti par e-mail à gus@example.org." in words(shown)
            (sent,) = server.mails
            assert sent["Subject"] == "Ihr Zugang zum Hilfetelefon"
            assert _link(shown) in sent.get_content()
            server.answers["RCPT"] = b"550 nobody"
            again = browser.post("/people/invite", 200, **FUNDER).text
            assert "donnez le lien vous-même" in words(again)
            assert _opens(site, _token(again)) == "gus@example.org"
