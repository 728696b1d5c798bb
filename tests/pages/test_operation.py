import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import insert, text, update

from helpline.pages import operation_facts
from helpline.store.account_tables import Account
from helpline.store.beats import beat
from helpline.store.rota_tables import Notice
from helpline.store.tables import Erasure
from tests.pages.signed import Office, office, words
from tests.shell import CONFIG, NOON

HOUR = 3600


def page(site: Office) -> str:
    """What the operator reads."""
    return words(site.browser("operator").get("/operation"))


def badge(said: str, what: str) -> str:
    """The word beside one of the things that were looked at."""
    rest = said.split(f" {what} ", 1)[1]
    return next(word for word in ("À réparer", "À surveiller", "Bien") if rest.startswith(word))


def test_a_service_that_runs_is_well(either_site: Office) -> None:
    """Database, tables, processes, erasures and clocks, on either database."""
    for name in ("serve", "work"):
        beat(either_site.service.store, name, NOON)
    either_site.clock.at = operation_facts_now(either_site)
    for name in ("serve", "work"):
        beat(either_site.service.store, name, int(either_site.clock.at))
    said = page(either_site)
    for what in (
        "Base de données",
        "Tables de la base",
        "Réponse aux appels (serve)",
        "Tâches de fond (work)",
        "Effacements en retard d’une heure ou plus",
        "Requêtes de l’opérateur refusées par ce processus",
        "Horloges",
    ):
        assert badge(said, what) == "Bien", what


def operation_facts_now(site: Office) -> float:
    """The database's own time, where it has one: the tests' clock stands still."""
    if site.service.store.is_sqlite:
        return NOON
    with site.service.store.read() as connection:
        return float(connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())")) or 0)


@pytest.mark.parametrize(("name", "what"), [("serve", "Réponse aux appels (serve)"), ("work", "Tâches de fond (work)")])
def test_a_process_that_stopped_is_told_with_what_to_do(site: Office, name: str, what: str) -> None:
    """Never heard of, or not for minutes: to be mended, and how."""
    assert badge(page(site), what) == "À réparer"
    beat(site.service.store, name, NOON)
    assert badge(page(site), what) == "Bien"
    site.clock.at += 600
    said = page(site)
    assert badge(said, what) == "À réparer"
    assert f"redémarrez « helpline {name} »" in said
    assert "depuis 10 min" in said


def test_erasures_that_are_late_are_counted(site: Office) -> None:
    """An hour's grace; then how many, and never which."""
    row = {"kind": "call", "hangup": False, "erased_at": None, "uncounted": None}
    with site.service.store.durable() as tx:
        for n, due in enumerate((NOON - 2 * HOUR, NOON - 3 * HOUR, NOON - 60)):
            tx.execute(insert(Erasure), {**row, "carrier_id": f"CA-secret-{n}", "due_at": due})
    said = page(site)
    assert badge(said, "Effacements en retard d’une heure ou plus") == "À réparer"
    assert "Nombre : 2" in said
    assert "CA-secret" not in said


def test_webhooks_that_were_refused_are_counted(site: Office) -> None:
    """By reason, as the health page tells machines."""
    for _ in range(3):
        site.service.web.test_client().post("/voice/france", data={"CallSid": "CA1"})
    said = page(site)
    assert badge(said, "Requêtes de l’opérateur refusées par ce processus") == "À surveiller"
    assert "signature: 3" in said


class Usage(NamedTuple):
    """What `shutil.disk_usage` tells."""

    total: int
    used: int
    free: int


@pytest.mark.parametrize(("used", "expected"), [(79, "Bien"), (80, "À surveiller"), (95, "À réparer")])
def test_a_disk_that_fills_is_told(site: Office, monkeypatch: pytest.MonkeyPatch, used: int, expected: str) -> None:
    """From 80 % on somebody should look, from 95 % on it can't wait."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(100, used, 100 - used))
    said = page(site)
    assert badge(said, f"Disque de {site.service.settings.folder / 'run'}") == expected
    assert f"Occupé à {used} %" in said


def test_clocks_that_disagree_are_told(site: Office) -> None:
    """A process that speaks from the future runs on a machine whose clock is another."""
    beat(site.service.store, "work", NOON + 40)
    said = page(site)
    assert badge(said, "Horloges") == "À réparer"
    assert "diffèrent de 40 s" in said


def test_tables_of_an_older_version_are_told(site: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that mends it."""
    monkeypatch.setattr(operation_facts, "head", lambda: "9999")
    said = page(site)
    assert badge(said, "Tables de la base") == "À réparer"
    assert "helpline migrate" in said


def test_messages_that_nobody_gets_are_told(sqlite_url: str, tmp_path: Path) -> None:
    """Nothing configured, nobody to tell, late, undeliverable: each in words."""
    mail = '[messages]\nsmtp_host = "mail.example.org"\nsender = "rota@example.org"\n[lines.france]'
    deaf = CONFIG.replace("[lines.france]", mail)
    with office(sqlite_url, tmp_path, deaf) as opened:
        said = page(opened)
        assert "Personne n’est prévenu pour : Ligne d’écoute France" in said
        row = {"kind": "gap", "line": "france", "tries": 3, "about": ""}
        with opened.service.store.durable() as tx:
            tx.execute(insert(Notice), {**row, "key": "a", "state": "wanted", "due_at": NOON - 2 * HOUR})
            tx.execute(insert(Notice), {**row, "key": "b", "state": "failed", "due_at": NOON - 2 * HOUR})
        said = page(opened)
        assert badge(said, "Messages et alarmes") == "À réparer"
        assert "En retard : 1. Non remis cette semaine : 1." in said


def test_nothing_to_send_with_is_told(site: Office) -> None:
    """No alarm would leave."""
    assert "aucune alarme ne partira" in page(site)


@pytest.fixture
def installed(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    """A service whose folder has a configuration and secrets, like those it runs with but not the same."""
    (tmp_path / "secrets").mkdir()
    for name in ("auth_token", "seal_key", "link_key", "report_secret"):
        (tmp_path / "secrets" / name).write_text(f"a secret of the tests: {name}")
    (tmp_path / "config.toml").write_text(CONFIG)
    with office(sqlite_url, tmp_path) as opened:
        yield opened


def test_files_that_were_changed_since_the_start_are_told(installed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """They count after a restart; as long as they are those that run, all is well."""
    site = installed.service.site
    monkeypatch.setattr(operation_facts, "read_secrets", lambda _: site.secrets)
    with monkeypatch.context() as patch:
        patch.setattr(operation_facts, "load", lambda _: site.settings)
        assert badge(page(installed), "Configuration") == "Bien"
    config = site.settings.folder / "config.toml"
    config.write_text(config.read_text().replace('period = "quarter"', 'period = "year"'))
    said = page(installed)
    assert badge(said, "Configuration") == "À surveiller"
    assert "Redémarrez" in said


def test_files_that_would_not_start_again_are_told(installed: Office) -> None:
    """Everything that is wrong, as `helpline check` says it; of a secret never what it is."""
    folder = installed.service.settings.folder
    (folder / "config.toml").write_text(CONFIG.replace('flow = "france"', 'flow = "nowhere.toml"'))
    (folder / "secrets" / "seal_key").write_text("short")
    said = page(installed)
    assert badge(said, "Configuration") == "À réparer"
    assert "lines.france.flow" in said
    assert "seal_key is shorter than 16 characters" in said
    assert "a secret of the tests" not in said


def test_accounts_are_counted_and_not_named(site: Office) -> None:
    """How many of each role work, are invited or switched off."""
    rows = [("a@example.org", "coordinator", "hash", False), ("b@example.org", "coordinator funder", "hash", True)]
    with site.service.store.durable() as tx:
        for email, roles, password, disabled in rows:
            values = {"email": email, "name": "Nom Secret", "roles": roles, "language": "fr", "password": password}
            tx.execute(insert(Account), {**values, "disabled": disabled})
    browser = site.browser("operator")
    with site.service.store.durable() as tx:
        tx.execute(update(Account).where(Account.roles == "operator").values(name="Moi"))
    said = words(browser.get("/operation"))
    assert "Coordination 1 0 1 Financeurs 0 0 1 Exploitation 0 1 0" in said
    assert "Nom Secret" not in said
    assert "a@example.org" not in said
