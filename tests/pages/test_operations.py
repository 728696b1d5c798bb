"""The coordinator's operational report, asked for by browsers."""

import csv
import re
from datetime import datetime
from html import unescape
from io import StringIO

from sqlalchemy import insert

from helpline.accounts.model import ROLES
from helpline.demo.year import synthetic_year
from helpline.store.tables import HourlyCount, MonthlyCount, Shift
from reports.indicators import RATES, indicators
from reports.operations_rows import COLUMNS
from reports.words import LANGUAGES
from tests.pages.signed import HOST, Office, words
from tests.shell import ALIX, BORIS, NOON

HOUR = 3600
PATH = "/figures/operations"


def at(text: str) -> int:
    """UTC seconds of a time with its offset."""
    return int(datetime.fromisoformat(text).timestamp())


def put_counts(site: Office, *rows: tuple[str, str, str, int], line: str = "france") -> None:
    """Counters: hour, outcome, wait band, number."""
    columns = ("hour", "outcome", "wait_band", "n")
    with site.service.store.durable() as tx:
        tx.execute(
            insert(HourlyCount),
            [{"line": line, **dict(zip(columns, (at(row[0]), *row[1:]), strict=True))} for row in rows],
        )


def put_talk(site: Office, n: int, seconds: int, month: str = "2026-03", line: str = "france") -> None:
    """Conversations of a month."""
    row = {"line": line, "month": month, "duration_band": "15-30", "n": n, "talk_seconds": seconds}
    with site.service.store.durable() as tx:
        tx.execute(insert(MonthlyCount), row)


def put_shift(site: Office, start: str, hours: int, person: int = ALIX) -> None:
    """Somebody was on call."""
    first = at(start)
    row = {"line": "france", "tier": 1, "person": person, "starts_at": first, "ends_at": first + hours * HOUR}
    with site.service.store.durable() as tx:
        tx.execute(insert(Shift), {**row, "source": "test"})


def said(site: Office, query: str = "") -> str:
    """What the page says to a coordinator."""
    return unescape(words(site.browser("coordinator").get(f"{PATH}{query}")))


def test_it_is_for_coordinators_alone(site: Office) -> None:
    """Exact counts beside a release help to subtract: neither funders nor psychologists nor operators get them."""
    for role in ROLES:
        for path in (PATH, f"{PATH}.csv"):
            answer = site.browser(role).client.get(path, base_url=HOST)
            assert answer.status_code == (200 if role == "coordinator" else 403), (role, path)
    assert site.browser().client.get(PATH, base_url=HOST).status_code == 303


def test_the_figures_by_hand(either_site: Office) -> None:
    """Numbers, rates with their formulas, waits, months, and the week with what is on call and what is needed."""
    put_counts(
        either_site,
        ("2026-03-02T10:00+01:00", "answered", "0-5", 8),
        ("2026-03-02T10:00+01:00", "answered", "5-20", 12),
        ("2026-03-02T10:00+01:00", "abandoned", "0-5", 5),
        ("2026-03-02T10:00+01:00", "abandoned", "20-60", 5),
        ("2026-03-02T10:00+01:00", "overflow", "0-5", 3),
        ("2026-02-02T10:00+01:00", "answered", "5-20", 7),
    )
    put_talk(either_site, 20, 20 * 1_740)
    put_shift(either_site, "2026-03-02T10:00+01:00", 1)
    put_shift(either_site, "2026-03-02T10:00+01:00", 1, BORIS)
    text = said(either_site, "?period=2026-03")
    assert "Chiffres exacts, internes : ne pas publier." in text
    assert "Appels reçus 30 Taux de réponse 67 % Niveau de service à 20 s 80 % Niveau de service à 60 s 100 %" in text
    assert "Durée moyenne 29 min Heures couvertes 0 %" in text
    assert "Niveau de service à 20 s 80 % 20 / 25" in text
    assert "pris en moins de 20 s ÷ (pris + abandonnés après 20 s ou plus)" in text
    assert "Taux d'abandon hors abandons brefs 20 % 5 / 25" in text
    assert "5 à 20 s 12 60 % 0 0 %" in text
    assert "mars 2026 30 20 10 67 % 80 % 100 %" in text
    assert "Appels au-delà de la limite 3 " in text
    grids = text[text.index("La semaine, heure par heure") :]
    assert re.search(r"lun\. 0 0 0 0 0 0 0 0 0 0 15 0", grids), grids[:600]
    assert re.search(r"lun\. – – – – – – – – – – 67 –", grids)
    # 15 calls of 31 minutes in an hour are 7.75 Erlang.
    assert re.search(r"lun\. (0 1! ){10}1 13! 0 1!", grids), grids[-3000:]


def test_nothing_is_a_dash(site: Office) -> None:
    """Without calls there is no rate, without a rota nobody is missing, and no staff is worked out of nothing."""
    text = said(site, "?period=2026-02")
    assert "Taux de réponse – Niveau" in text
    assert "Aucune astreinte n’est inscrite dans cette période." in text
    assert "sans durée moyenne, le besoin ne se calcule pas" in text
    assert not re.search(r"\b(nan|inf|None)\b", text)


def test_lines_periods_and_targets_are_links(site: Office) -> None:
    """Nothing to fill in: each choice keeps the others, and what is chosen is marked."""
    put_counts(site, ("2025-06-02T10:00+02:00", "answered", "0-5", 8), line="belgium")
    page = site.browser("coordinator").get(f"{PATH}?line=belgium&period=2025-Q2&target=90-60")
    main = page[page.index("<main") : page.index("</main>")]
    assert "<form" not in main
    links = dict(re.findall(r'<a href="([^"]+)"( aria-current="page")?>', unescape(main)))
    assert f"{PATH}?line=france&period=2025-Q2&target=90-60" in links
    assert f"{PATH}?line=belgium&period=2025&target=90-60" in links
    assert f"{PATH}?line=belgium&period=2025-06&target=90-60" in links
    assert f"{PATH}?line=belgium&period=13-months&target=90-60" in links
    assert links[f"{PATH}?line=belgium&period=2025-Q2&target=90-60"]
    assert f"{PATH}?line=belgium&period=2025-Q2&target=80-20" in links
    assert f"{PATH}.csv?line=belgium&period=2025-Q2&target=90-60" in main.replace("&amp;", "&")


def test_what_cannot_be_chosen_is_not_there(site: Office) -> None:
    """An address that none of our links has."""
    browser = site.browser("coordinator")
    for query in ("line=spain", "period=2027", "period=2026-13", "period=x", "target=99-1"):
        browser.get(f"{PATH}?{query}", 404)


def test_a_period_that_is_going_on_says_so(site: Office) -> None:
    """Only hours that are over count, and the page says up to which; of a new month perhaps none."""
    assert "seules les heures closes comptent, jusqu’à 13:00" in said(site, "?period=2026-03")
    assert "seules les heures closes" not in said(site, "?period=2026-02")
    site.clock.at = at("2026-04-01T00:20+02:00")
    assert "Aucune heure n’est encore close dans cette période." in said(site, "?period=2026-04")


def test_calls_older_than_thirteen_months_have_no_week(site: Office) -> None:
    """The page says why."""
    put_counts(site, ("2024-06-03T10:00+02:00", "answered", "0-5", 8))
    text = said(site, "?period=2024")
    assert "Appels reçus 8" in text
    assert "il n’y en a plus de cette période" in text


def test_each_rate_is_called_what_reports_call_it(site: Office) -> None:
    """Name and formula, in the reader's language."""
    for language in LANGUAGES:
        text = said(site, f"?lang={language}")
        for name in RATES:
            for part in (indicators()[name].name, indicators()[name].formula):
                assert " ".join(part.to(language).split()) in text


def test_the_grids_are_tables_that_are_read_aloud(site: Office) -> None:
    """Each called by its caption, 7 rows and 24 columns named by their headers, and its bars silent."""
    page = site.browser("coordinator").get(PATH)
    for name in ("Appels reçus par heure", "Taux de réponse", "Personnes d’astreinte et besoin"):
        start = page.index(f'<caption class="unseen">{name}</caption>')
        table = page[start : page.index("</table>", start)]
        assert table.count('<th scope="col">') == 25
        assert table.count('<th scope="row"') == 7
        assert table.count("<td>") == 168
    assert set(re.findall(r"<svg[^>]*>", page)) <= set(re.findall(r'<svg[^>]*aria-hidden="true"[^>]*>', page))


def test_a_year_is_a_small_page(site: Office) -> None:
    """Under 60 kB with 7,000 calls, and a handful of statements."""
    _, hourly, monthly = synthetic_year(2025, "france", 7_000, 1)
    with site.service.store.durable() as tx:
        rows = [
            {"line": each.line, "hour": each.hour, "outcome": each.outcome, "wait_band": each.wait_band, "n": each.n}
            for each in hourly
        ]
        tx.execute(insert(HourlyCount), rows)
    put_shift(site, "2025-01-01T00:00+01:00", 8_760)
    for each in monthly[:1]:
        put_talk(site, each.n, each.talk_seconds, each.month)
    page = site.browser("coordinator", language="de").get(f"{PATH}?period=2025")
    assert "7.000" in page
    assert len(page.encode()) < 60_000


def test_the_table_is_downloaded_by_who_has_proved_who_they_are(site: Office) -> None:
    """The same figures, a row each, dots for decimals whatever the language; without a fresh proof a question first."""
    put_counts(site, ("2026-03-02T10:00+01:00", "answered", "0-5", 3), ("2026-03-02T10:00+01:00", "failed", "0-5", 1))
    path = f"{PATH}.csv?line=france&period=2026-03"
    browser = site.browser("coordinator", language="fr")
    answer = browser.client.get(path, base_url=HOST)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="operations-france-2026-03.csv"'
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert tuple(rows[0]) == COLUMNS
    found = {tuple(row.values())[2:8]: row["value"] for row in rows}
    assert found["calls", "", "", "", "answer-rate", ""] == "0.75"
    assert found["week", "", "1", "10", "offered", ""] == "4"
    assert found["week", "", "1", "10", "on-call", ""] == ""
    assert not [cell for row in rows for cell in row.values() if re.match(r"[=+\-@\t\r]", cell)]
    site.clock.at = NOON + HOUR
    assert browser.client.get(path, base_url=HOST).status_code == 303
