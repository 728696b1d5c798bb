"""A configuration that can't be used: refused with every fault, its key and its line."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpline.errors import ConfigError
from helpline.lines import load_lines
from helpline.settings import load, parse
from tests.shell import CONFIG

WRONG = """\
taxonomie = "x"

[service]
public_url = "helpline.example.org"
demo = "perhaps"

[carrier]
account = "A"
timeout = 60
creations_per_second = "fast"
api_base_url = "ftp://here"

[lines.france]
flow = "france"
timezone = "Europe/Parys"
published = "0826000401"
outbound_caller_id = "+33826000401"
inbound = ["+33199000401", "+331990004"]
backup = ["+3280023460"]
tiers = 0
period = "week"
languages = ["fr"]

[lines.france.ringing]
wave = 5
"""
FAULTS = {
    "taxonomie (line 1)": "is not a known key",
    "service.public_url (line 4)": "write it like https://helpline.example.org",
    "service.demo (line 5)": "Input should be a valid boolean",
    "carrier.account (line 8)": "String should have at least 2 characters",
    "carrier.timeout (line 9)": "Input should be less than or equal to 30",
    "carrier.creations_per_second (line 10)": "Input should be a valid number",
    "carrier.api_base_url (line 11)": "write it like https://helpline.example.org",
    "lines.france.timezone (line 15)": "isn't a time zone",
    "lines.france.published (line 16)": "write the number with its country code",
    "lines.france.outbound_caller_id (line 17)": "is a special-rate number",
    "lines.france.inbound.1 (line 18)": "isn't a number that the numbering plan assigns",
    "lines.france.backup.0 (line 19)": "is a special-rate number",
    "lines.france.tiers (line 20)": "Input should be greater than or equal to 1",
    "lines.france.period (line 21)": "Input should be 'month', 'quarter' or 'year'",
    "lines.france.languages (line 22)": "is not a known key",
    "lines.france.ringing.wave (line 25)": "Input should be greater than or equal to 10",
}


def faults(text: str) -> tuple[str, ...]:
    """What is wrong with a configuration."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "config.toml", Path())
    assert str(caught.value).startswith("config.toml:\n")
    return caught.value.faults


def changed(old: str, new: str) -> str:
    """The tests' configuration with something else in it."""
    assert old in CONFIG
    return CONFIG.replace(old, new, 1)


def test_every_fault_at_once() -> None:
    """Each with its key, its line, and what would be right."""
    found = dict(fault.split(": ", 1) for fault in faults(WRONG))
    assert set(found) == set(FAULTS)
    assert not {key for key, reason in FAULTS.items() if reason not in found[key]}


def test_what_is_missing_is_named() -> None:
    """By its key; there is no line to show, but for the table it belongs to."""
    found = faults("[service]\n[lines.france]\nflow = 'france'\n")
    assert "service.public_url (line 1): is missing" in found
    assert "carrier: is missing" in found
    assert "lines.france.published (line 2): is missing" in found


def test_no_line_at_all() -> None:
    """A helpline without a line answers nobody."""
    assert faults("lines = {}\n" + CONFIG.split("[lines.france]")[0])[0].startswith("lines (line 1): ")


@pytest.mark.parametrize("name", ["France", "a line", "a/b", "", "é", "-x", "x" * 41, "status?"])
def test_a_line_has_a_name_that_fits_into_a_url(name: str) -> None:
    """It is part of what the operator pastes at the carrier, and of every row."""
    (fault,) = faults(changed("[lines.france]", f'[lines."{name}"]'))
    assert fault.startswith(f"lines.{name}")
    assert "small letters, digits and hyphens" in fault


def test_no_line_is_called_like_all_of_them_together() -> None:
    """Their report's files and pages have that name."""
    (fault,) = faults(changed("[lines.france]", "[lines.ensemble]"))
    assert "all lines together" in fault


@pytest.mark.parametrize("url", ["mysql://host/db", "helpline.sqlite3", "", "sqlite:/", "postgresql+nosuch://host/db"])
def test_a_database_is_sqlite_or_postgresql(url: str) -> None:
    """Another is refused at the start, with the two ways to write it."""
    (fault,) = faults(changed("[service]", f'[service]\ndatabase_url = "{url}"'))
    assert fault.startswith("service.database_url (line 3): ")
    assert "sqlite:///" in fault
    assert "postgresql+psycopg://" in fault


@pytest.mark.parametrize(
    "url",
    [
        "example.org",
        "ftp://example.org",
        "https://example.org/",
        "https://me@example.org",
        "https://example.org#x",
        "https://",
        "http:// x",
        "https://example.org?a=1",
        "https://example.org\\n",
    ],
)
def test_a_public_url_is_one_that_can_be_signed(url: str) -> None:
    """The carrier signs it to the letter: no final slash, no user name, no query, no fragment."""
    (fault,) = faults(changed("https://helpline.example.org", url))
    assert fault.startswith("service.public_url")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("0199000101", "country code"),
        ("+33", "isn't a telephone number"),
        ("+331990001", "isn't a number that the numbering plan assigns"),
        ("hello", "country code"),
        ("+hello", "isn't a telephone number"),
    ],
)
def test_a_number_is_written_with_its_country_code(number: str, reason: str) -> None:
    """And is one that the numbering plan knows."""
    (fault,) = faults(changed("+33826000401", number))
    assert fault.startswith("lines.france.published")
    assert reason in fault


def test_a_number_is_stored_in_one_way() -> None:
    """Blanks and dots are only how it is printed."""
    settings = parse(changed("+33826000401", "+33 826.000 401"), "x", Path())
    assert settings.lines["france"].published == "+33826000401"


@pytest.mark.parametrize("number", ["+33826000401", "+3280023460"])
@pytest.mark.parametrize("key", ["outbound_caller_id", "backup"])
def test_a_special_number_is_neither_shown_nor_dialled(number: str, key: str) -> None:
    """08 numbers can't be dialled out to, and are cut as caller ids."""
    value = f'["{number}"]' if key == "backup" else f'"{number}"'
    old = 'outbound_caller_id = "+33199000401"'
    text = changed(old, f"{key} = {value}" if key != "backup" else f"{old}\n{key} = {value}")
    assert [fault for fault in faults(text) if f"lines.france.{key}" in fault and "special-rate" in fault]


def test_a_base_url_does_not_stand_beside_a_region() -> None:
    """The library would mix them up."""
    text = changed("[carrier]", '[carrier]\napi_base_url = "http://127.0.0.1:9"\nregion = "ie1"')
    assert faults(text) == (
        "carrier (line 5): api_base_url can't stand beside region or edge: the library would mix them up",
    )


@pytest.mark.parametrize(("region", "hint"), [("fr", "did you mean 'FR'?"), ("FR-67", "known parts of it are FR-57")])
def test_a_region_that_has_no_public_holidays_is_refused(region: str, hint: str) -> None:
    """With those that are known."""
    (fault,) = faults(changed('timezone = "Europe/Paris"', f'timezone = "Europe/Paris"\nrota.region = "{region}"'))
    assert fault.startswith(f"lines.france.rota.region (line 10): there is no region '{region}'")
    assert hint in fault


def test_toml_that_is_none() -> None:
    """The line and the column of the slip."""
    (fault,) = faults(CONFIG + "\nflow = \n")
    assert fault.startswith("isn't valid TOML: ")
    assert "line" in fault


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """With the way to make one."""
    with pytest.raises(ConfigError, match=r"can't be read .*helpline init DIR"):
        load(tmp_path / "config.toml")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    """A wrong encoding is said in words."""
    (tmp_path / "config.toml").write_bytes(CONFIG.encode() + b"# \xe9")
    with pytest.raises(ConfigError, match=r"isn't UTF-8"):
        load(tmp_path / "config.toml")


def test_a_folder_is_no_key() -> None:
    """The folder is always the file's own."""
    assert faults(f'folder = "/"\n{CONFIG}') == ("folder: unknown key; it is always the folder of this file",)


@given(st.text(max_size=200))
def test_any_text_is_refused_in_words(text: str) -> None:
    """Nothing that somebody writes into the file ends in anything but faults."""
    assert faults(text)


@given(st.sampled_from(CONFIG.splitlines()[1:]), st.text("=[]\"' .#\n\\x0", min_size=1, max_size=4))
def test_any_slip_is_refused_in_words(line: str, slip: str) -> None:
    """A line of a good file with something in it: it still is one, or its faults are said."""
    with contextlib.suppress(ConfigError):
        parse(CONFIG.replace(line, line + slip, 1), "x", Path())


def test_every_line_has_a_flow_that_is_safe(tmp_path: Path) -> None:
    """All faults of all flows at once, each with its line's name."""
    text = CONFIG.replace('flow = "france"', 'flow = "none.toml"').replace('flow = "belgium"', 'flow = "bad.toml"')
    (tmp_path / "bad.toml").write_text("format = 1\n")
    with pytest.raises(ConfigError) as caught:
        load_lines(parse(text, "config.toml", tmp_path))
    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["lines.france.flow", "lines.belgium.flow"]
    assert "none.toml" in caught.value.faults[0]


def test_a_flow_that_is_not_text(tmp_path: Path) -> None:
    """A fault like the others."""
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"lines\.france\.flow: .*UTF-8"):
        load_lines(parse(CONFIG.replace('flow = "france"', 'flow = "bad.toml"'), "config.toml", tmp_path))


@pytest.mark.parametrize(
    "address", ["direction@helpline.example.org,", "a..b@example.org", "a.@example.org", "a@b.org."]
)
def test_an_address_that_no_mail_can_carry_is_refused(address: str) -> None:
    """Of a coordinator, who would be told of no gap by it."""
    (fault,) = faults(
        changed("[lines.france]", f'[lines.france.rota]\ncoordinator_emails = ["{address}"]\n[lines.france]')
    )
    assert "isn't an e-mail address; write it like rota@example.org" in fault
