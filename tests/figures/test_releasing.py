"""From a closed period to a release: audited, drawn, stored in one piece, once, and provable ever after."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, update

from helpline.errors import StoreError, UsageError
from helpline.figures import history, making, releasing, verifying
from helpline.figures.frozen import closed
from helpline.figures.known import read_known
from helpline.figures.making import make
from helpline.figures.preparing import SOURCES, prepare, put
from helpline.figures.preparing import Published as Out
from helpline.figures.questions import Finding, Made, Question, Sources
from helpline.figures.releasing import ExposedError, look, release
from helpline.figures.shelf import volumes
from helpline.figures.verifying import rebuild, stored, verify
from helpline.lines import Line
from helpline.store.figure_tables import Release, ReleaseFile
from helpline.store.sessions import Store
from helpline.store.tables import HourlyCount, MonthlyCount
from reports.audit.verdict import Exposure
from reports.cells import CALLS, TALKS, Cell
from reports.figures import TOGETHER, freeze, thaw
from reports.history import Earlier, history_csv
from reports.periods import Profile
from reports.rounding import Published
from reports.taxonomy import default_taxonomy
from tests.figures.released import close, drawn, put_out, year_of
from tests.shell import NOON, lines_in, opened, rows_of, together

DAY = 86_400


@dataclass
class House:
    """A database with this version's tables, and both lines."""

    store: Store
    lines: dict[str, Line]

    def out(self) -> set[tuple[str, str, int]]:
        """What is out."""
        with self.store.read() as connection:
            return {volume.address for volume in volumes(connection)}

    def files(self, period: str = "2025", line: str = "france", revision: int = 1) -> dict[str, bytes]:
        """Of a release."""
        with self.store.read() as connection:
            return stored(connection, (line, period, revision))


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """On SQLite."""
    with opened(sqlite_url) as store:
        yield House(store, lines_in(tmp_path))


@pytest.fixture
def either_house(either_database_url: str, tmp_path: Path) -> Iterator[House]:
    """On SQLite, and in `make check` on PostgreSQL."""
    with opened(either_database_url) as store:
        yield House(store, lines_in(tmp_path))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The auditor agrees, and files are drawn by their names alone."""
    monkeypatch.setattr(releasing, "make", _quickly)


def _quickly(question: Question, on_progress: object = None) -> Made:
    return Made(files=drawn(thaw(question.sources.figures)))


@pytest.mark.usefixtures("quick")
def test_a_release_is_its_files_and_a_moment(either_house: House) -> None:
    """Everything that was drawn is there under its name and its hash, and the period is out since now."""
    close(either_house.store, year_of(2025))
    done = release(either_house.store, either_house.lines, "france", "2025", NOON)
    assert (done.revision, done.released_at, done.public, done.new) == (1, NOON, False, True)
    assert either_house.out() == {("france", "2025", 1)}
    assert either_house.files().keys() == {*drawn(year_of(2025)), SOURCES}


@pytest.mark.usefixtures("quick")
def test_published_again_it_stays_as_it_is(either_house: House) -> None:
    """Same files, same moment; only that it may become public."""
    close(either_house.store, year_of(2025))
    release(either_house.store, either_house.lines, "france", "2025", NOON)
    before = rows_of(either_house.store, ReleaseFile)
    again = release(either_house.store, either_house.lines, "france", "2025", NOON + DAY)
    assert (again.new, again.released_at, again.public) == (False, NOON, False)
    assert release(either_house.store, either_house.lines, "france", "2025", NOON, public=True).public
    assert rows_of(either_house.store, ReleaseFile) == before
    assert [row["released_at"] for row in rows_of(either_house.store, Release)] == [NOON]


@pytest.mark.usefixtures("quick")
def test_two_who_publish_at_once_make_one_release(either_house: House) -> None:
    """One is new, and both are told the same."""
    close(either_house.store, year_of(2025))

    def publish(at: int) -> Callable[[], Out]:
        return lambda: release(either_house.store, either_house.lines, "france", "2025", at)

    done = together([publish(NOON), publish(NOON + 1)])
    assert sorted(each.new for each in done) == [False, True]
    assert len({each.released_at for each in done}) == 1
    assert either_house.files().keys() == {*drawn(year_of(2025)), SOURCES}


def test_what_came_out_meanwhile_is_audited_too(house: House) -> None:
    """Two releases, each harmless alone, may expose together: the slower one is begun anew."""
    close(house.store, year_of(2024), year_of(2025))
    slow = prepare(house.store, house.lines, "france", "2025", NOON)
    fast = prepare(house.store, house.lines, "france", "2024", NOON)
    assert put(house.store, fast, Made(files=drawn(year_of(2024))), NOON, public=False)
    assert put(house.store, slow, Made(files=drawn(year_of(2025))), NOON, public=False) is None
    assert house.out() == {("france", "2024", 1)}
    assert len(prepare(house.store, house.lines, "france", "2025", NOON).question.released) == 1


def test_a_revision_that_came_meanwhile_is_published_instead(house: House) -> None:
    """What is out of date when it is done isn't put out."""
    close(house.store, year_of(2025))
    old = prepare(house.store, house.lines, "france", "2025", NOON)
    close(house.store, year_of(2025, revision=2))
    assert put(house.store, old, Made(files=drawn(year_of(2025))), NOON, public=False) is None
    assert house.out() == set()


@pytest.mark.parametrize("statement", ["INSERT INTO release_files", "UPDATE releases", "DELETE FROM release_orders"])
def test_a_crash_leaves_nothing(either_house: House, statement: str) -> None:
    """Whatever statement fails, neither a file nor a moment is there; afterwards it works."""
    store = either_house.store
    close(store, year_of(2025))
    prepared, made = prepare(store, either_house.lines, "france", "2025", NOON), Made(files=drawn(year_of(2025)))

    def crash(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
        if text.startswith(statement):
            raise RuntimeError("the power is out")

    event.listen(store.engine, "before_cursor_execute", crash)
    with pytest.raises(RuntimeError):
        put(store, prepared, made, NOON, public=True)
    event.remove(store.engine, "before_cursor_execute", crash)
    assert rows_of(store, ReleaseFile) == []
    assert [(row["released_at"], row["public"]) for row in rows_of(store, Release)] == [(None, False)]
    assert put(store, prepared, made, NOON, public=True)


def test_an_open_period_is_refused(house: House) -> None:
    """With when it can be closed; one that is over says how."""
    with pytest.raises(UsageError, match=r"2026 isn't over on the line france: close it from 2027-01-04 00:00 on"):
        release(house.store, house.lines, "france", "2026", NOON)
    with pytest.raises(UsageError, match=r"'helpline report close 2025 --line france' does that"):
        release(house.store, house.lines, "france", "2025", NOON)
    with pytest.raises(UsageError, match="--all-lines"):
        release(house.store, house.lines, TOGETHER, "2025", NOON)


def exposing(monkeypatch: pytest.MonkeyPatch, *exposed: Exposure) -> None:
    """An auditor who finds this as soon as more than one release is looked at."""

    def exposures(ledger: Any, _known: Any, _progress: Any = None) -> tuple[Exposure, ...]:  # noqa: ANN401 - a stand-in
        return exposed if len(tuple(ledger)) > 1 else ()

    monkeypatch.setattr(making, "exposures", exposures)


@dataclass(frozen=True)
class Named:
    """A release as the auditor names it."""

    line: str
    period: str
    revision: int


BURNOUT = Exposure(
    "france",
    Cell("2025", "main-reason", "burnout"),
    3,
    4,
    "few",
    "anybody",
    (Named("france", "2024", 1), Named("france", "2025", 1)),  # type: ignore[arg-type]  # as the auditor's own
)


def test_a_refusal_names_cells_and_releases(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words, without a figure, with what helps; and nothing is written."""
    put_out(house.store, house.lines, year_of(2024), NOON)
    close(house.store, year_of(2025))
    exposing(monkeypatch, BURNOUT)
    with pytest.raises(ExposedError) as refused:
        release(house.store, house.lines, "france", "2025", NOON)
    said = str(refused.value)
    assert "france, 2025, table main-reason: burnout (from france 2024 and france 2025)" in said
    assert "Nothing was written." in said
    assert "3" not in said.replace("2023", "")
    assert refused.value.findings == (
        Finding("france", "2025", "main-reason", "burnout", (("france", "2024", 1), ("france", "2025", 1))),
    )
    assert house.out() == {("france", "2024", 1)}


def test_what_is_out_already_is_no_reason_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that was exposed before stands in nobody's way, unless more is told of it now."""
    exposed = {2: BURNOUT, 3: BURNOUT}
    monkeypatch.setattr(making, "exposures", lambda ledger, *_: (exposed[len(tuple(ledger))],))
    monkeypatch.setattr(making, "draw", lambda *_: {"a": b"b"})
    texts = [freeze(year_of(year)) for year in (2023, 2024, 2025)]
    question = Question(Sources(texts[2]), (texts[0], texts[1]))
    assert make(question).files == {"a": b"b"}
    exposed[2] = replace(BURNOUT, low=2)
    assert make(question).findings


def test_the_auditor_itself_refuses_what_gives_a_cell_away(house: House) -> None:
    """Two differences of larger figures leave room for two or three short abandons: hidden, and known all the same."""
    printed = {"offered": 1000, "offered-without-short": 1005, "abandoned": 100, "abandoned-without-short": 90}
    counts = {Cell("2025", CALLS, measure): Published(value) for measure, value in printed.items()}
    counts[Cell("2025", CALLS, "abandoned-wait-0-5")] = Published(None)
    close(house.store, replace(year_of(2025), counts=counts, profile=Profile.YEAR))
    with pytest.raises(ExposedError, match=r"table calls: abandoned-wait-0-5 \(from france 2025\)"):
        release(house.store, house.lines, "france", "2025", NOON)
    assert house.out() == set()


@pytest.mark.slow
def test_an_ordinary_year_is_published_whole_and_drawn_again(house: House) -> None:
    """Audited and drawn as the product does it; every byte comes out again, with the year before and imported ones."""
    text = history_csv(
        [Earlier(2020, "offered", "all", 900, "Rapport 2020"), Earlier(2021, "offered", "all", 950, "R")]
    )
    history.bring(house.store, house.lines["france"], text, default_taxonomy(), NOON)
    close(house.store, year_of(2024), year_of(2025))
    told: list[str] = []
    release(house.store, house.lines, "france", "2024", NOON)
    release(house.store, house.lines, "france", "2025", NOON, on_progress=lambda what, *_: told.append(what))
    assert set(told) == {"audit", "files"}
    history.bring(house.store, house.lines["france"], history_csv([]), default_taxonomy(), NOON)
    with house.store.read() as connection:
        assert verify(connection, "france", "2025").well
    page = house.files()["rapport-france-2025.en.html"].decode()
    assert "2024" in page
    assert "Rapport 2020" in page
    assert not look(house.store, house.lines).findings


def test_earlier_years_stand_beside(house: House) -> None:
    """The newest published revision of each earlier year of this line, and what was imported; never what isn't out."""
    put_out(house.store, house.lines, year_of(2023), NOON)
    put_out(house.store, house.lines, year_of(2023, revision=2), NOON)
    put_out(house.store, house.lines, year_of(2023, "belgium"), NOON)
    close(house.store, year_of(2024), year_of(2025))
    sources = prepare(house.store, house.lines, "france", "2025", NOON).question.sources
    assert [(each.line, each.year, each.revision) for each in map(thaw, sources.years)] == [("france", 2023, 2)]


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are drawn by their names alone, also to verify them."""
    monkeypatch.setattr(verifying, "draw", lambda sources: drawn(thaw(sources.figures)))


@pytest.mark.usefixtures("drawing")
def test_a_damaged_file_is_named(house: House) -> None:
    """One byte in the database is enough; the others are well."""
    put_out(house.store, house.lines, year_of(2025), NOON)
    with house.store.read() as connection:
        assert verify(connection, "france", "2025").well
    with house.store.durable() as tx:
        tx.execute(update(ReleaseFile).where(ReleaseFile.name == "figures-france-2025.csv").values(content=b"x"))
    with house.store.read() as connection:
        found = verify(connection, "france", "2025")
    assert not found.well
    assert found.damaged == found.different == ("figures-france-2025.csv",)


def test_another_version_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where bytes differ, it says what they were made with and what would make them now."""
    put_out(house.store, house.lines, year_of(2025), NOON)
    before = drawn(year_of(2025))
    later = {
        **before,
        "figures-france-2025.csv": b"other",
        "MANIFEST.json": before["MANIFEST.json"].replace(b'"typst": "', b'"typst": "9'),
    }
    monkeypatch.setattr(verifying, "draw", lambda _: later)
    with house.store.read() as connection:
        found = verify(connection, "france", "2025")
    assert found.different == ("MANIFEST.json", "figures-france-2025.csv")
    ((name, then, now),) = found.versions
    assert (name, f"9{then}") == ("typst", now)


def test_what_it_was_drawn_from_must_be_there(house: House) -> None:
    """Frozen figures that were changed are no proof of anything."""
    put_out(house.store, house.lines, year_of(2024), NOON)
    put_out(house.store, house.lines, year_of(2025), NOON)
    with house.store.durable() as tx:
        tx.execute(update(Release).where(Release.period == "2024").values(digest="0" * 64))
    with house.store.read() as connection, pytest.raises(StoreError, match="restore table releases"):
        rebuild(connection, "france", "2025")


def test_what_is_not_out_cannot_be_verified(house: House) -> None:
    """The message leads to the list."""
    close(house.store, year_of(2025))
    with house.store.read() as connection, pytest.raises(UsageError, match="isn't published; 'helpline report list'"):
        verify(connection, "france", "2025")


def test_what_has_no_files_cannot_be_verified(house: House) -> None:
    """As a demonstration's years before it was first started: nothing is damaged."""
    close(house.store, year_of(2025))
    with house.store.durable() as tx:
        tx.execute(update(Release).values(released_at=NOON))
    with house.store.read() as connection, pytest.raises(UsageError, match="2025 has no files yet"):
        verify(connection, "france", "2025")


def test_coordinators_know_the_counters(either_house: House) -> None:
    """Exactly, by the line's clocks: the year's calls, its nights, its talks; of a year without counters nothing."""
    line = either_house.lines["france"]
    night = NOON + 10 * 3600  # 23:00 in Paris
    hours = [(NOON, "answered", "0-5", 3), (night, "answered", "20-60", 2), (NOON + 365 * DAY, "answered", "0-5", 9)]
    with either_house.store.durable() as tx:
        for hour, outcome, band, n in hours:
            row = {"line": line.name, "hour": hour, "outcome": outcome, "wait_band": band, "n": n}
            tx.execute(insert(HourlyCount), row)
        row = {"line": line.name, "month": "2026-03", "duration_band": "1-5", "n": 5, "talk_seconds": 600}
        tx.execute(insert(MonthlyCount), row)
    with either_house.store.read() as connection:
        known = read_known(connection, either_house.lines, [year_of(2026), year_of(2025), year_of(2026, "belgium")])
    assert {name for name, _ in known} == {"france"}
    assert known["france", Cell("2026", CALLS, "offered")] == 5
    assert known["france", Cell("2026", CALLS, "offered-night")] == 2
    assert known["france", Cell("2026", CALLS, "answered-within-20")] == 3
    assert known["france", Cell("2026-03", CALLS, "answered")] == 5
    assert known["france", Cell("2026", CALLS, "answered-within-20")] == 3
    assert known["france", Cell("2026-04", CALLS, "offered")] == 0
    assert known["france", Cell("2026", TALKS, "1-5")] == known["france", Cell("2026", TALKS)] == 5


def test_history_takes_the_place_of_history(either_house: House) -> None:
    """Brought in again it is what the file says; a year that was counted here is refused, and nothing changes."""
    line, taxonomy = either_house.lines["france"], default_taxonomy()
    first = (Earlier(2020, "offered", "all", 900, "A"), Earlier(2021, "offered", "all", 950, "B"))
    assert history.bring(either_house.store, line, history_csv(first), taxonomy, NOON) == first
    second = (Earlier(2021, "offered", "all", 960, "B"),)
    history.bring(either_house.store, line, history_csv(second), taxonomy, NOON)
    close(either_house.store, year_of(2022))
    with pytest.raises(UsageError, match="2022: counted and closed here"):
        history.bring(either_house.store, line, history_csv([replace(first[0], year=2022)]), taxonomy, NOON)
    with either_house.store.read() as connection:
        assert history.read(connection, "france") == second
        assert history.read(connection, "belgium") == ()
        assert [each.figures.year for each in closed(connection)] == [2022]
