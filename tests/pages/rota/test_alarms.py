"""What coordinators were told, and who hasn't confirmed."""

from sqlalchemy import insert

from helpline.messages import notices
from helpline.messages.notices import CALLBACKS, FAILED, GAP, REMINDER, SENT, UNCONFIRMED
from helpline.store.rota_tables import Notice
from rota.staff import DAY, HOUR
from tests.pages.rota.planned import put
from tests.pages.signed import Office, words
from tests.shell import ALIX, BORIS, CHARLIE, NOON, counting


def noted(site: Office, kind: str, *, state: str = SENT, confirmed: int | None = None, **values: object) -> None:
    """A notice that was sent an hour ago."""
    row = notices.new(kind, f"{kind}:{values}", "france", NOON - HOUR, **values)
    with site.service.store.durable() as tx:
        tx.execute(insert(Notice), {**row, "state": state, "sent_at": NOON - HOUR, "confirmed_at": confirmed})


def test_alarms_are_told_in_the_readers_words(site: Office) -> None:
    """A gap, whether it is settled, a shift that isn't confirmed, and what didn't arrive."""
    shift = put(site, ALIX, HOUR)
    spans = [[NOON + DAY, NOON + DAY + 8 * HOUR], [NOON + 2 * DAY, NOON + 3 * DAY]]
    gap = {"stage": "7", "kind": "language", "tier": None, "languages": ["nl"], "spans": spans}
    noted(site, GAP, about=gap)
    noted(site, GAP, confirmed=NOON, about={**gap, "kind": "nobody", "tier": 1, "languages": []})
    noted(site, UNCONFIRMED, state=FAILED, shift=shift, seq=0)
    browser = site.browser("coordinator")
    with counting() as sent:
        said = words(browser.get("/rota/alarms"))
    assert len(sent) < 15
    assert "mer. 11 mars, 13:00–21:00 : personne qui parle néerlandais · et 1 de plus" in said
    assert "mar. 10 mars, 12:00 envoyée réglée" in said
    assert "Garde non confirmée : Alix Exemple, mar. 10 mars, 14:00–22:00" in said
    assert "pas arrivée" in said


def test_nothing_tells_when_somebody_called(site: Office) -> None:
    """Callbacks that came to nothing are a number of a month, without a day or an hour."""
    noted(site, CALLBACKS, about={"n": 3})
    said = words(site.browser("coordinator").get("/rota/alarms"))
    assert "Demandes de rappel sans suite ce mois-là : 3 Ligne d’écoute France · mars 2026 envoyée" in said


def test_who_has_not_confirmed_can_be_replaced(site: Office) -> None:
    """Each shift of three days by whether it is confirmed; the link fills in the form."""
    shifts = [put(site, person, n * DAY) for n, person in ((1, ALIX), (2, BORIS), (2, CHARLIE))]
    noted(site, REMINDER, person=ALIX, shift=shifts[0], seq=0, confirmed=NOON)
    noted(site, REMINDER, person=BORIS, shift=shifts[1], seq=0)
    browser = site.browser("coordinator")
    page = browser.get("/rota/alarms")
    said = words(page)
    assert "Alix Exemple mer. 11 mars, 13:00–21:00 · Ligne d’écoute France confirmée" in said
    assert "Boris Exemple jeu. 12 mars, 13:00–21:00 · Ligne d’écoute France pas encore confirmée" in said
    assert "Charlie Exemple jeu. 12 mars, 13:00–21:00 · Ligne d’écoute France pas encore de rappel" in said
    link = page.split('href="/rota/overrides/add')[2].split('"')[0].replace("&amp;", "&")
    form = browser.get("/rota/overrides/add" + link)
    assert 'value="2026-03-12"' in form
    assert 'value="13:00"' in form
    assert f'<option value="{BORIS}" selected>' in form
