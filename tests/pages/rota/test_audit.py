"""Who changed the rota, in the reader's words, and taking it back."""

import json

import pytest
from sqlalchemy import insert

from helpline.shifts.editing import Desk
from helpline.shifts.overriding import override
from helpline.store.rota_tables import RotaEdit
from reports.words import LANGUAGES
from rota.model import Span
from rota.staff import DAY, HOUR, Limits
from tests.pages.rota.planned import confirm, landed, put, standing
from tests.pages.signed import Office, words
from tests.shell import ALIX, BORIS, NOON, counting

ABOUTS: tuple[tuple[str, dict[str, object], str], ...] = (
    ("override", {"line": "france", "tier": None, "start": NOON, "end": NOON + HOUR, "remove": ALIX, "add": BORIS},
     "Boris Exemple remplace Alix Exemple · mar. 10 mars, 13:00–14:00 · Ligne d’écoute France"),
    ("override", {"line": "belgium", "tier": 1, "start": NOON, "end": NOON + HOUR, "remove": None, "add": BORIS},
     "Boris Exemple en plus"),
    ("override", {"line": "france", "tier": 1, "start": NOON, "end": NOON + HOUR, "remove": ALIX, "add": None},
     "Alix Exemple : place libre"),
    ("unseat", {"shift": 3, "line": "france", "tier": 1, "start": NOON, "end": NOON + HOUR}, "Place supprimée"),
    ("exchange", {"shift": 3, "back": 4}, "Deux gardes échangées"),
    ("off", {"person": ALIX, "start": NOON, "end": NOON + HOUR}, "Alix Exemple n’est pas de garde un moment"),
    ("absence", {"person": ALIX, "absences": [9], "hard": True}, "Absence de Alix Exemple"),
    ("absence", {"person": ALIX, "absences": [9], "hard": False}, "Alix Exemple préfère ne pas être de garde"),
    ("absence-end", {"person": ALIX, "absences": [9], "hard": True}, "Fin de l’absence"),
    ("leave", {"person": ALIX, "at": NOON + DAY, "was": None}, "Alix Exemple quitte l’équipe, mer. 11 mars 2026"),
    ("leave", {"person": ALIX, "at": None, "was": NOON}, "Alix Exemple reste finalement"),
    ("take", {"person": 99, "shift": 3}, "quelqu’un qui n’est plus là prend une place libre"),
    ("swap", {"swap": 3, "step": "offered"}, "Échange proposé"),
    ("swap", {"swap": 3, "step": "odd"}, "Échange"),
    ("undo", {"edit": 1}, "Annulation. Boris Exemple remplace Alix Exemple"),
    ("rotation", {"line": "france", "rotation": "Nuits", "since": "2026-03-16"},
     "Tour de garde « Nuits », à partir du lun. 16 mars 2026 · Ligne d’écoute France"),
    ("proposal", {"proposal": 3}, "Proposition de planning appliquée"),
    ("import", {"absences": []}, "Tableaux importés"),
    ("rule", {"rule": 3}, "Règle de couverture ajoutée"),
    ("rule-end", {"rule": 3, "was": None}, "Règle de couverture arrêtée"),
    ("something new", {}, "Planning modifié"),
)  # fmt: skip


def kept(site: Office, kind: str, about: dict[str, object], actor: str = "cli", at: int = NOON) -> None:
    """An edit, as it is stored."""
    row = {"at": at, "actor": actor, "kind": kind, "about": json.dumps(about), "done": "{}"}
    with site.service.store.durable() as tx:
        tx.execute(insert(RotaEdit), row)


def test_every_kind_of_edit_has_its_words(site: Office) -> None:
    """In each language, whatever is kept of it; an unknown kind as what it is: a change."""
    for kind, about, _ in ABOUTS:
        kept(site, kind, about)
    browser = site.browser("coordinator")
    said = words(browser.get("/rota/audit"))
    for *_, text in ABOUTS:
        assert text in said
    assert len({words(browser.get(f"/rota/audit?lang={language}")) for language in LANGUAGES}) == 4


def test_who_it_was(site: Office) -> None:
    """A psychologist or an account by name, a command, a job, somebody who has gone."""
    browser = site.browser("coordinator")
    actors = ("cli", "job", f"person:{ALIX}", f"account:{browser.account}", "account:77", "person:77")
    for n, actor in enumerate(actors):
        kept(site, "import", {}, actor, NOON + n)
    said = words(browser.get("/rota/audit"))
    for who in ("coordination, en ligne de commande", "automatique", "Alix Exemple", "Compte Exemple"):
        assert f"· {who}" in said
    assert said.count("· quelqu’un qui n’est plus là") == 2


def test_month_by_month_and_page_by_page(site: Office) -> None:
    """This month first; a month's rest is behind a link; what no rotation changed in a night is left out."""
    for n in range(65):
        kept(site, "import", {}, at=NOON + n)
    kept(site, "horizon", {}, "job")
    kept(site, "rule", {"rule": 1}, at=NOON - 20 * DAY)
    browser = site.browser("coordinator")
    with counting() as sent:
        first = browser.get("/rota/audit")
    assert len(sent) < 15
    assert (first.count("Tableaux importés"), "Suite des tours" in first) == (60 + 60, False)
    assert 'href="/rota/audit?month=2026-03&amp;before=6"' in first
    assert words(browser.get("/rota/audit?month=2026-03&before=6")).count("Tableaux importés Annuler") == 0
    assert browser.get("/rota/audit?month=2026-03&before=6").count('<li class="row">') == 5
    assert "Règle de couverture ajoutée" in words(browser.get("/rota/audit?month=2026-02"))
    assert "mars 2026" in browser.get("/rota/audit?month=nonsense")


def edited(site: Office) -> int:
    """Boris stands in for Alix tomorrow; the edit's number."""
    put(site, ALIX, DAY)
    service = site.service
    desk, line = Desk(service.store, service.lines, Limits()), service.lines["france"]
    span = Span(NOON + DAY, NOON + DAY + 8 * HOUR)
    return override(desk, line, span, "cli", NOON, remove=ALIX, add=BORIS).edit or 0


def test_an_edit_is_taken_back_as_it_was_shown(site: Office) -> None:
    """Once, however often it is tapped; afterwards the list says so."""
    number = edited(site)
    browser = site.browser("coordinator")
    undo = f"/rota/audit/{number}/undo"
    shown = browser.get(undo)
    assert "Alix Exemple au lieu de Boris Exemple" in words(shown)
    answers = [confirm(browser, shown, undo) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert "annulée" in landed(browser, answers[0])
    assert standing(site) == [(ALIX, 24, 32)]
    assert "C’est déjà annulé." in words(browser.get(undo, 409))


def test_what_was_changed_since_is_not_taken_back(site: Office) -> None:
    """It says which has to go first; one that never was is said to be gone."""
    number = edited(site)
    browser = site.browser("coordinator")
    service = site.service
    desk, line = Desk(service.store, service.lines, Limits()), service.lines["france"]
    shown = browser.get(f"/rota/audit/{number}/undo")
    with pytest.raises(Exception, match="another override"):
        override(desk, line, Span(NOON + DAY, NOON + DAY + HOUR), "cli", NOON, remove=BORIS)
    away = browser.post("/rota/absences/add", 200, person=str(BORIS), first="2026-03-11", kind="away").text
    confirm(browser, away, "/rota/absences/add")
    answer = confirm(browser, shown, f"/rota/audit/{number}/undo", 409)
    assert "annulez d’abord la modification plus récente" in words(answer.text)
    assert "n’existe plus" in words(browser.get("/rota/audit/77/undo", 409))
    browser.get(f"/rota/audit/{10**30}/undo", 404)
