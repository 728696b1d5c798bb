"""Where secrets come from, and that they go nowhere."""

import logging
from pathlib import Path

import pytest

from helpline import logs
from helpline.errors import ConfigError
from helpline.settings import Secrets, read_secrets

NAMES = ("auth_token", "seal_key", "link_key", "report_secret")
LONG = "a secret of the tests number "
VALUES = {name: f"{name}-{'x' * 20}" for name in NAMES}


def write(folder: Path, **values: str) -> Path:
    """A folder with these secrets as files."""
    (folder / "secrets").mkdir(exist_ok=True)
    for name, value in values.items():
        (folder / "secrets" / name).write_text(value + "\n")
    return folder


def expected(**changes: tuple[str, ...]) -> Secrets:
    """The secrets of `VALUES`, with some changed."""
    values = {name: (value,) for name, value in VALUES.items()} | changes
    return Secrets(
        auth_tokens=values["auth_token"],
        seal_keys=tuple(key.encode() for key in values["seal_key"]),
        link_key=values["link_key"][0].encode(),
        report_secret=values["report_secret"][0].encode(),
        api_secret=values.get("api_secret", ("",))[0],
    )


def faults(folder: Path, environment: dict[str, str]) -> tuple[str, ...]:
    """What is wrong with the secrets."""
    with pytest.raises(ConfigError) as caught:
        read_secrets(folder, environment)
    return caught.value.faults


def test_from_the_folder(tmp_path: Path) -> None:
    """A file each, beside the configuration."""
    assert read_secrets(write(tmp_path, **VALUES), {}) == expected()


def test_from_the_environment(tmp_path: Path) -> None:
    """A variable each; nothing needs to lie on the disk."""
    assert read_secrets(tmp_path, {f"HELPLINE_{name.upper()}": value for name, value in VALUES.items()}) == expected()


def test_from_files_that_the_environment_names(tmp_path: Path) -> None:
    """As service managers hand them over."""
    folder = write(tmp_path, **VALUES) / "secrets"
    environment = {f"HELPLINE_{name.upper()}_FILE": str(folder / name) for name in NAMES}
    assert read_secrets(Path("/nowhere"), environment) == expected()


def test_the_nearest_wins(tmp_path: Path) -> None:
    """A variable before a file it names, that before the folder; an empty variable is none."""
    folder = write(tmp_path, **VALUES)
    (tmp_path / "named").write_text("named-" + "y" * 20)
    named = {"HELPLINE_LINK_KEY_FILE": str(tmp_path / "named"), "HELPLINE_LINK_KEY": ""}
    assert read_secrets(folder, named).link_key == b"named-" + b"y" * 20
    assert read_secrets(folder, named | {"HELPLINE_LINK_KEY": "z" * 20}).link_key == b"z" * 20


def test_two_while_one_is_rotated(tmp_path: Path) -> None:
    """On two lines, the newest first."""
    two = {name: f"{name}-new-{'x' * 20}\n{VALUES[name]}" for name in ("auth_token", "seal_key")}
    both = {name: tuple(text.split("\n")) for name, text in two.items()}
    assert read_secrets(write(tmp_path, **VALUES | two), {}) == expected(**both)


def test_an_api_key_may_have_a_secret(tmp_path: Path) -> None:
    """Read like the others when there is one."""
    folder = write(tmp_path, **VALUES, api_secret="s" * 20)
    assert read_secrets(folder, {}) == expected(api_secret=("s" * 20,))
    (fault,) = faults(folder, {"HELPLINE_API_SECRET_FILE": "/nowhere"})
    assert fault.startswith("api_secret is missing")


def test_everything_that_is_missing_is_named(tmp_path: Path) -> None:
    """At once, each with what it is and where to put it."""
    found = faults(tmp_path, {})
    assert [fault.split()[0] for fault in found] == list(NAMES)
    for name, fault in zip(NAMES, found, strict=True):
        assert f"set HELPLINE_{name.upper()}, or write it to {tmp_path / 'secrets' / name}" in fault


@pytest.mark.parametrize("short", ["", "tiny!", "x" * 15, f"{'x' * 20} tiny!"])
def test_a_short_secret_is_refused(tmp_path: Path, short: str) -> None:
    """Sixteen characters at least, of each; the fault doesn't show it."""
    (fault,) = faults(write(tmp_path, **VALUES | {"seal_key": short}), {})
    assert fault.startswith("seal_key is shorter than 16 characters")
    assert not short or short not in fault


def test_a_secret_that_is_not_text(tmp_path: Path) -> None:
    """A fault in words, like the others."""
    (write(tmp_path, **VALUES) / "secrets" / "link_key").write_bytes(b"\xff" * 32)
    (fault,) = faults(tmp_path, {})
    assert fault.startswith("link_key isn't text")


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    """However one looks at them: a log or a traceback with local variables must not hold one."""
    secrets = read_secrets(write(tmp_path, **VALUES), {})
    looks = f"{secrets} {secrets!r} {[secrets]} { ({'secrets': secrets}) }"
    assert "Secrets(...)" in looks
    record = logging.LogRecord("helpline.x", logging.INFO, "x", 1, "started %s", (secrets,), None)
    said = looks + logs.SafeFormatter().format(record)
    assert not [value for value in VALUES.values() if value in said]
