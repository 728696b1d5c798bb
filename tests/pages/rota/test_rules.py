"""Coverage rules: where one isn't kept is shown before it is added, what follows before it ends."""

from functools import partial

from sqlalchemy import insert

from helpline.store.rota_tables import CoverageRule
from rota.staff import DAY
from tests.pages.rota.planned import confirm, form, landed, put, rows
from tests.pages.signed import Office, words
from tests.shell import ALIX, together

ADD, END = "/rota/rules/add", "/rota/rules/end"
NIGHTS: dict[str, str | list[str]] = {
    "line": "belgium",
    "tier": "1",
    "n": "2",
    "starts": "20:00",
    "ends": "08:00",
    "day": ["1", "2", "3", "4", "5"],
    "language": ["nl", "fr"],
    "match": "any",
    "must": "yes",
    "since": "2026-03-16",
}


def test_a_rule_is_shown_then_kept(site: Office) -> None:
    """In a sentence, with what is missing for it and what it puts an end to."""
    browser = site.browser("coordinator")
    shown = browser.post(ADD, 200, **NIGHTS)
    said = words(shown.text)
    assert (
        "2 personnes de garde (français ou néerlandais) · 20:00–08:00, lun.–ven. · à partir du lun. 16 mars 2026"
        in (said)
    )
    assert "Jusqu’ici, la ligne demandait toujours une personne à chaque niveau." in said
    assert "Ce qui reste sans personne" in said
    answers = {confirm(browser, shown.text, ADD).headers["Location"] for _ in range(2)}
    assert answers == {"/rota/rules?done=done-rule&edit=1"}
    kept = rows(site, CoverageRule)
    assert [(row["n"], row["days"], row["skills"], row["match"]) for row in kept] == [(2, "1 2 3 4 5", "fr nl", "any")]
    assert "2 personnes de garde (français ou néerlandais)" in words(browser.get("/rota/rules"))


def test_two_taps_at_the_same_moment_are_one(either_site: Office) -> None:
    """Neither is told that anything went wrong."""
    browsers = [either_site.browser("coordinator") for _ in range(2)]
    shown = [browser.post(ADD, 200, **NIGHTS).text for browser in browsers]
    taps = [partial(confirm, *each, ADD) for each in zip(browsers, shown, strict=True)]
    answers = {answer.headers["Location"].partition("&")[0] for answer in together(taps)}
    assert answers == {"/rota/rules?done=done-rule"}
    assert len(rows(either_site, CoverageRule)) == 1


def test_a_rule_that_is_kept_says_so(site: Office) -> None:
    """Nobody is missing for it."""
    put(site, ALIX, 5 * DAY, 24 * 40)
    given = {**NIGHTS, "line": "france", "n": "1", "language": [], "since": "2026-03-16"}
    assert "Personne ne manque pour cette règle" in words(site.browser("coordinator").post(ADD, 200, **given).text)


def test_what_is_wrong_is_said_and_kept(site: Office) -> None:
    """By the form, and by the rota."""
    browser = site.browser("coordinator")
    answer = browser.post(ADD, 400, **{**NIGHTS, "n": "0", "day": [], "until": "2026-03-01"})
    said = words(answer.text)
    for text in ("Écrivez un nombre de 1 à 20.", "Choisissez au moins un jour.", "La fin doit venir après le début."):
        assert text in said
    assert form(answer.text, ADD)["language"] == ["fr", "nl"]
    soft = {**NIGHTS, "tier": "", "language": [], "must": "no"}
    assert "Une règle souple pour tous les niveaux" in words(browser.post(ADD, 400, **soft).text)
    holidays = {**NIGHTS, "day": ["8"]}
    assert "ne connaît pas de jours fériés" in words(browser.post(ADD, 400, **holidays).text)


def test_a_rule_ends(site: Office) -> None:
    """What nothing asks for any more is said first."""
    row = {"line": "france", "tier": 1, "days": "1 2 3 4 5 6 7", "starts": 0, "ends": 0, "since": "2026-03-01"}
    with site.service.store.durable() as tx:
        tx.execute(insert(CoverageRule), {**row, "n": 1, "skills": "", "match": "all", "hard": True})
    browser = site.browser("coordinator")
    kept = {name: values for name, values in form(browser.get(f"{END}?rule=1"), END).items() if name != "csrf"}
    shown = browser.post(END, 200, **kept)
    assert "la ligne n’a plus de règle de cette sorte" in words(shown.text)
    assert "La règle est arrêtée." in landed(browser, confirm(browser, shown.text, END))
    assert [row["until"] for row in rows(site, CoverageRule)] == ["2026-03-10"]
    browser.get(f"{END}?rule=77", 404)
