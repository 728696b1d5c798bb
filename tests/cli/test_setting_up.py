"""`init`, `migrate`, `check`: from an empty folder to a service that can start."""

import os
import stat
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from helpline.demo.team import PEOPLE
from helpline.directory.seeding import shipped
from helpline.settings import load, read_secrets
from helpline.store.migrate import head, migrate, require_current
from helpline.store.sessions import Store
from helpline.store.tables import Beat, CallRecord, HourlyCount, Person, Shift
from tests.architecture.sources import ROOT
from tests.cli.conftest import Run, refused
from tests.shell import counted, rows_of

SECRETS = {"auth_token", "seal_key", "link_key", "report_secret"}


def store_of(folder: Path) -> Store:
    """The folder's database."""
    return Store(load(folder / "config.toml").database_url)


def mode(path: Path) -> int:
    """Who may do what with it."""
    return stat.S_IMODE(path.stat().st_mode)


def edit(folder: Path, old: str, new: str) -> None:
    """Changes the configuration."""
    config = folder / "config.toml"
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new, 1))


def test_init_makes_a_folder(run: Run, tmp_path: Path) -> None:
    """The explained configuration, secrets, a database of this version, the public entries, and what to do next."""
    folder = tmp_path / "a" / "new line"
    done = run("init", folder)
    assert done.code == 0
    assert f"made {folder / 'config.toml'}" in done.out
    assert "rota import people.csv shifts.csv" in done.out
    assert {path.name for path in folder.iterdir()} == {"config.toml", "secrets", "helpline.sqlite3"}
    assert (folder / "config.toml").read_bytes() == (ROOT / "config.example.toml").read_bytes()
    with closing(store_of(folder)) as store:
        require_current(store)
        counts = counted(store)
    public = {name: counts.pop(name) for name in ("directory_entries", "directory_edits")}
    assert set(public.values()) == {len(shipped(date(2026, 3, 10)))}
    assert counts.pop("revisions") == 2
    assert set(counts.values()) == {0, 1}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_init_makes_is_its_owners_alone(run: Run, tmp_path: Path, umask: int) -> None:
    """Secrets, and the database with the psychologists' numbers, whatever the shell allows."""
    before = os.umask(umask)
    try:
        run("init", tmp_path / "line")
    finally:
        os.umask(before)
    assert mode(tmp_path / "line") == mode(tmp_path / "line" / "secrets") == 0o700
    assert {path.name for path in (tmp_path / "line" / "secrets").iterdir()} == SECRETS
    assert {mode(path) for path in (tmp_path / "line" / "secrets").iterdir()} == {0o600}


def test_secrets_are_different_everywhere(run: Run, tmp_path: Path) -> None:
    """Each is long, and no two folders share one."""
    found = []
    for name in ("one", "other"):
        run("init", tmp_path / name)
        found += [path.read_text().strip() for path in (tmp_path / name / "secrets").iterdir()]
    assert len(set(found)) == 2 * len(SECRETS)
    assert {len(secret) for secret in found} == {64}
    read_secrets(tmp_path / "one", {})


def test_a_folder_is_made_once(run: Run, folder: Path) -> None:
    """A second time is refused, and nothing of it is touched."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    refused(run("init", folder), "exists already", "take another folder")
    refused(run("init", folder, "--demo"), "exists already")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_secrets_that_are_there_are_kept(run: Run, tmp_path: Path) -> None:
    """An operator may bring their own."""
    (tmp_path / "line" / "secrets").mkdir(parents=True)
    (tmp_path / "line" / "secrets" / "auth_token").write_text("the carrier's own token\n")
    assert run("init", tmp_path / "line").code == 0
    assert (tmp_path / "line" / "secrets" / "auth_token").read_text() == "the carrier's own token\n"


def test_init_says_what_is_in_the_way(run: Run, tmp_path: Path) -> None:
    """A file where the folder should be, or above it."""
    (tmp_path / "file").write_text("")
    assert run("init", tmp_path / "file").code == 2
    refused(run("init", tmp_path / "file" / "line"), "file")


def test_init_demo_fills_it(run: Run, tmp_path: Path) -> None:
    """Fictitious people on call now and for weeks, a year of calls, and the mark that says so."""
    assert run("init", tmp_path / "line", "--demo").code == 0
    settings = load(tmp_path / "line" / "config.toml")
    assert settings.service.demo
    now = datetime.now(UTC).timestamp()  # the demonstration is made around the real present
    with closing(store_of(tmp_path / "line")) as store:
        assert {row["name"] for row in rows_of(store, Person)} == {person.name for person in PEOPLE}
        assert {row["phone"][:8] for row in rows_of(store, Person)} == {"+3319900"}
        shifts = rows_of(store, Shift)
        assert {shift["line"] for shift in shifts if shift["starts_at"] <= now < shift["ends_at"]} == {
            "france",
            "belgium",
        }
        assert max(shift["ends_at"] for shift in shifts) > now + 30 * 86_400
        assert len(rows_of(store, CallRecord)) > 500
        assert sum(row["n"] for row in rows_of(store, HourlyCount)) > 1000


def test_migrate_brings_a_database_up(run: Run, folder: Path) -> None:
    """From nothing; then again, which changes nothing."""
    (folder / "helpline.sqlite3").unlink()
    config = folder / "config.toml"
    assert run("--config", config, "migrate").out == f"the database was at nothing, and is at {head()}\n"
    assert run("--config", config, "migrate").out == f"the database was at {head()}, and is at {head()}\n"


def test_check_says_that_all_is_well(run: Run, folder: Path) -> None:
    """With the lines there are."""
    done = run("--config", folder / "config.toml", "check")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{folder / 'config.toml'}: all is well; lines: france, belgium\n"


def test_check_says_all_that_is_wrong(run: Run, folder: Path) -> None:
    """Secrets, flows, lists and database together, so that one run is enough to mend them."""
    (folder / "secrets" / "seal_key").unlink()
    (folder / "secrets" / "link_key").write_text("short")
    edit(folder, 'flow = "belgium"', 'flow = "none.toml"')
    edit(folder, 'taxonomy = ""', 'taxonomy = "lists.toml"')
    edit(folder, "helpline.sqlite3", "other.sqlite3")
    done = run("--config", folder / "config.toml", "check")
    refused(done, "seal_key is missing", "link_key is shorter", "lines.belgium.flow", "lists.toml", "helpline migrate")


def test_check_says_all_that_is_wrong_in_the_file(run: Run, folder: Path) -> None:
    """Each with its key and line, and what is wrong with the secrets beside it."""
    edit(folder, "demo = false", 'demo = "perhaps"')
    edit(folder, "timeout = 5.0", "timeout = 500")
    (folder / "secrets" / "seal_key").unlink()
    done = run("--config", folder / "config.toml", "check")
    refused(done, "service.demo (line 21)", "carrier.timeout (line", "seal_key is missing")


def test_check_finds_an_api_key_without_its_secret(run: Run, folder: Path) -> None:
    """The first call would."""
    edit(folder, 'api_key = ""', 'api_key = "SK0123"')
    refused(run("--config", folder / "config.toml", "check"), "carrier.api_key", "secrets/api_secret")


def test_a_database_of_another_version_is_refused(run: Run, folder: Path) -> None:
    """By every command that would use it, with the one that mends it."""
    with closing(store_of(folder)) as store:
        migrate(store, "base")
    for command in (["check"], ["people", "list"], ["rota", "show"], ["call", "france"], ["serve"], ["work"]):
        refused(run("--config", folder / "config.toml", *command), "helpline migrate")


def test_a_database_of_a_later_version_is_refused(run: Run, folder: Path) -> None:
    """Also by `migrate`, which doesn't know what is in it."""
    with closing(store_of(folder)) as store, store.durable() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for command in ("check", "migrate"):
        refused(run("--config", folder / "config.toml", command), "9999", "this version doesn't know")


def test_a_database_that_is_not_there_is_said_in_words(run: Run, folder: Path) -> None:
    """Where it was looked for."""
    edit(folder, "sqlite:///helpline.sqlite3", "sqlite:////nowhere/helpline.sqlite3")
    for command in ("check", "migrate"):
        refused(run("--config", folder / "config.toml", command), "the database can't be used", "/nowhere/")


def test_a_configuration_that_is_not_there(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default is `config.toml` where one stands; the message says how to make one."""
    monkeypatch.chdir(tmp_path)
    for command in (["check"], ["people", "list"], ["serve"], ["flows", "check"], ["rota", "gaps"]):
        refused(run(*command), "config.toml", "helpline init DIR")


def test_the_environment_names_the_configuration(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HELPLINE_CONFIG; the option goes before it."""
    monkeypatch.setenv("HELPLINE_CONFIG", str(folder / "config.toml"))
    assert run("check").code == 0
    refused(run("--config", "/nowhere/config.toml", "check"), "/nowhere/config.toml")


def test_the_configuration_may_be_used_from_anywhere(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its paths are its folder's: nothing is looked for, or left, where one stands."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run("--config", "../line/config.toml", "check").code == 0
    assert list((tmp_path / "elsewhere").iterdir()) == []
    with closing(store_of(folder)) as store:
        assert rows_of(store, Beat) == []


def test_help_and_version(run: Run) -> None:
    """Every command explains itself."""
    assert run("--version").out.startswith("helpline, version ")
    top = run("--help").out
    for command in ("init", "migrate", "check", "serve", "work", "demo", "call", "flows", "people", "rota", "report"):
        assert command in top
        assert run(command, "--help").code == 0


@pytest.mark.parametrize(
    "arguments", [["fly"], ["serve", "--port", "x"], ["report", "build"], ["--nonsense"], ["init"]]
)
def test_wrong_usage_is_exit_code_2(run: Run, arguments: list[str]) -> None:
    """With the usage, as everywhere."""
    done = run(*arguments)
    assert done.code == 2
    assert "Usage:" in done.err


def test_a_backup_is_a_database_to_go_on_with(helpline_demo: Run, tmp_path: Path) -> None:
    """Copied while it is in use; a second one doesn't overwrite it."""
    target = tmp_path / "copy.sqlite3"
    assert helpline_demo("backup", target).out == f"{target}: copied\n"
    refused(helpline_demo("backup", target), "is there already", "remove it")
    store = Store(f"sqlite:///{target}")
    try:
        require_current(store)
        assert rows_of(store, Person)
    finally:
        store.close()
