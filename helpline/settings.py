"""The configuration file: read once, checked whole, frozen. Secrets come from files or the environment."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address as MailAddress
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from helpline.errors import ConfigError
from rota.calendar_days import check_region


def e164(value: str) -> str:
    """A number as E.164 text; ValueError says why it can't be dialled."""
    if not value.startswith("+"):
        raise ValueError("write the number with its country code, like +33199000101")
    try:
        number = phonenumbers.parse(value)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"isn't a telephone number ({error})") from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError("isn't a number that the numbering plan assigns; check its digits and its country code")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def ordinary(value: str) -> str:
    """A number that can be dialled out to, and shown as caller id; ValueError says why it can't."""
    kinds = phonenumbers.PhoneNumberType
    refused = {kinds.SHARED_COST, kinds.PREMIUM_RATE, kinds.TOLL_FREE, kinds.UAN}
    if phonenumbers.number_type(phonenumbers.parse(e164(value))) in refused:
        raise ValueError("is a special-rate number: the carrier neither dials it nor allows it as caller id")
    return e164(value)


_zones = cache(available_timezones)
"""Read from the disk once: it takes ten milliseconds."""


def _zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("isn't a time zone; write one like Europe/Paris")
    return value


def _holidays(value: str) -> str:
    if value:
        check_region(value)
    return value


def _base_url(value: str) -> str:
    host = value.partition("://")[2].partition("/")[0]
    plain = value.isascii() and value.isprintable() and not set(value) & set(" @#?")
    if not value.startswith(("https://", "http://")) or value.endswith("/") or not (host and plain):
        raise ValueError("write it like https://helpline.example.org, without a final /, user name, ? or #")
    return value


def _email(value: str) -> str:
    if value and not _is_email(value):
        raise ValueError("isn't an e-mail address; write it like rota@example.org")
    return value


def _is_email(value: str) -> bool:
    if not (value.isascii() and re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", value)):
        return False
    try:
        MailAddress(addr_spec=value)
    except (ValueError, MessageError):
        return False
    return True


def _database_url(value: str) -> str:
    rest = re.match(r"(sqlite:///|postgresql\+psycopg://).", value)
    try:
        make_url(value if rest else "")
    except ArgumentError as error:
        raise ValueError("write it like sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE") from error
    return value


def _header(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{0,60}", value):
        raise ValueError("isn't the name of a header; write it like X-Real-IP")
    return value


def _line_name(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", value):
        raise ValueError("is part of URLs: write up to 40 small letters, digits and hyphens, a letter first")
    if value == "ensemble":
        raise ValueError("is what files and pages of all lines together are called: choose another name")
    return value


Number = Annotated[str, AfterValidator(e164)]
OrdinaryNumber = Annotated[str, AfterValidator(ordinary)]
Zone = Annotated[str, AfterValidator(_zone)]
Region = Annotated[str, AfterValidator(_holidays)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
BaseUrlOrNone = Annotated[str, AfterValidator(lambda value: value and _base_url(value))]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
LineName = Annotated[str, AfterValidator(_line_name)]
Email = Annotated[str, AfterValidator(_email)]
HeaderName = Annotated[str, AfterValidator(_header)]
LanguageCode = Literal["fr", "nl", "de", "en"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Service(_Section):
    """Where the service is reached, and where it keeps what it writes."""

    public_url: BaseUrl
    database_url: DatabaseUrl = "sqlite:///helpline.sqlite3"
    database_seconds: float = Field(default=0.8, ge=0.1, le=5)
    address_header: HeaderName = ""
    demo: bool = False


NOT_SET_UP = "AC" + "0" * 32
"""The account that `helpline init` writes: no carrier has been set up yet."""


class Carrier(_Section):
    """The carrier's account. `api_base_url` is empty for the carrier's own; seconds everywhere."""

    account: str = Field(min_length=2, max_length=64)
    api_key: str = ""
    region: str = ""
    edge: str = ""
    api_base_url: BaseUrlOrNone = ""
    timeout: float = Field(default=5.0, gt=0, le=30)
    creations_per_second: float = Field(default=1.0, gt=0, le=100)

    @model_validator(mode="after")
    def _base_or_region(self) -> Carrier:
        if self.api_base_url and (self.region or self.edge):
            raise ValueError("api_base_url can't stand beside region or edge: the library would mix them up")
        return self


class Ringing(_Section):
    """Ring times in seconds."""

    wave: int = Field(default=20, ge=10, le=60)
    night_wave: int = Field(default=25, ge=10, le=60)
    phone: int = Field(default=40, ge=10, le=90)
    backup: int = Field(default=25, ge=10, le=60)
    busy: int = Field(default=180, ge=60, le=900)


class Floods(_Section):
    """Calls that a line takes in a while, from one telephone and in all; 0 calls: as many as come. Seconds."""

    caller_calls: int = Field(default=6, ge=0, le=1000)
    caller_seconds: int = Field(default=600, ge=1, le=86_400)
    line_calls: int = Field(default=40, ge=0, le=10_000)
    line_seconds: int = Field(default=120, ge=1, le=3600)


class Messages(_Section):
    """How psychologists and coordinators are written to: e-mail with an `smtp_host`, text messages with `sms`."""

    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65_535)
    smtp_user: str = ""
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    sender: Email = ""
    sms: bool = False


class Limits(_Section):
    """What everybody's shifts keep to, unless their own row says otherwise. Hours, shifts, nights."""

    rest_hours: int = Field(default=11, ge=0, le=72)
    stretch_hours: int = Field(default=13, ge=1, le=192)
    week: int = Field(default=5, ge=1, le=14)
    nights: int = Field(default=3, ge=1, le=14)


class LineRota(_Section):
    """How a line's rota is kept: see the comments of the configuration file. Days, hours."""

    region: Region = ""
    publish_days: int = Field(default=42, ge=1, le=180)
    approve_swaps: bool = True
    remind_hours: tuple[Annotated[int, Field(ge=1, le=336)], ...] = (72, 24)
    confirm_hours: int = Field(default=12, ge=1, le=168)
    names_in_feed: bool = False
    coordinator_emails: tuple[Email, ...] = ()
    coordinator_phones: tuple[OrdinaryNumber, ...] = ()


class LineSettings(_Section):
    """One line: its flow, its numbers, its zone."""

    flow: str
    timezone: Zone
    published: Number
    inbound: tuple[Number, ...] = ()
    outbound_caller_id: OrdinaryNumber
    backup: tuple[OrdinaryNumber, ...] = ()
    accepted_languages: tuple[LanguageCode, ...] = ()
    record_language: bool = False
    keypad_coding: bool = False
    callback: bool = True
    callbacks_open: int = Field(default=10, ge=1, le=200)
    tiers: int = Field(default=1, ge=1, le=5)
    period: Literal["month", "quarter", "year"] = "month"
    ringing: Ringing = Ringing()
    floods: Floods = Floods()
    rota: LineRota = LineRota()

    @property
    def dialled(self) -> tuple[str, ...]:
        """What callers dial, each once, the published number first. E.164."""
        return tuple(dict.fromkeys((self.published, *self.inbound)))

    @property
    def own(self) -> frozenset[str]:
        """Every number that leads to the line, or to those who answer it. E.164."""
        return frozenset((*self.dialled, self.outbound_caller_id, *self.backup))


class Settings(_Section):
    """The whole file. `folder` is where it lies: relative paths in it start there."""

    service: Service
    carrier: Carrier
    lines: Mapping[LineName, LineSettings] = Field(min_length=1)
    taxonomy: str = ""
    messages: Messages = Messages()
    limits: Limits = Limits()
    folder: Path = Path()

    def path(self, name: str) -> Path:
        """A path of the configuration, seen from its folder."""
        return self.folder / name

    @property
    def database_url(self) -> str:
        """The database's URL; a relative SQLite path starts at the configuration's folder."""
        url = self.service.database_url
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return prefix + str((self.folder / url.removeprefix(prefix)).resolve())
        return url


def load(path: Path) -> Settings:
    """The settings in the file at `path`. Raises `ConfigError` with every fault, its key and its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        fault = f"can't be read ({error.strerror}); make one with 'helpline init DIR'"
        raise ConfigError(str(path), (fault,)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), (f"isn't UTF-8 at byte {error.start}; save it as UTF-8",)) from error
    return parse(text, str(path), path.resolve().parent)


def parse(text: str, source: str, folder: Path) -> Settings:
    """The settings in `text`; `source` names it in faults."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(source, (f"isn't valid TOML: {error}",)) from error
    if "folder" in data:
        raise ConfigError(source, ("folder: unknown key; it is always the folder of this file",))
    try:
        return Settings.model_validate({**data, "folder": folder})
    except ValidationError as error:
        lines = _key_lines(text)
        raise ConfigError(source, tuple(_fault(item, lines) for item in error.errors())) from error


def _fault(item: ErrorDetails, lines: Mapping[str, int]) -> str:
    parts = [str(part) for part in item["loc"] if part != "[key]"]
    key = ".".join(parts)
    where = next((lines[k] for k in (".".join(parts[:n]) for n in range(len(parts), 0, -1)) if k in lines), None)
    reason = {"missing": "is missing", "extra_forbidden": "is not a known key"}.get(item["type"], item["msg"])
    at = f" (line {where})" if where else ""
    return f"{key}{at}: {str(reason).removeprefix('Value error, ')}"


def _key_lines(text: str) -> dict[str, int]:
    """Dotted key -> line number, for plain tables and keys: what our own file uses."""
    found: dict[str, int] = {}
    table = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("[") and "]" in line:
            table = line.strip("[]").split("]")[0].strip().replace('"', "")
            found.setdefault(table, number)
        elif "=" in line and not line.startswith("#"):
            key = line.split("=", 1)[0].strip().strip('"')
            found.setdefault(f"{table}.{key}" if table else key, number)
    return found


class Secrets(BaseModel):
    """What must never lie in the configuration or the database. Keys are newest first."""

    model_config = ConfigDict(frozen=True)

    auth_tokens: tuple[str, ...]
    seal_keys: tuple[bytes, ...]
    link_key: bytes
    report_secret: bytes
    api_secret: str = ""
    smtp_password: str = ""

    def __repr__(self) -> str:
        return "Secrets(...)"

    __str__ = __repr__


_SECRETS = {
    "auth_token": "the carrier's auth token (a second one on a second line while rotating)",
    "seal_key": "the key of the URLs we hand out, newest first",
    "link_key": "the key of the psychologists' personal links",
    "report_secret": "the key of the figures' rounding: never change it",
    "api_secret": "the secret of the carrier's API key",
    "smtp_password": "the mail server's password",
}
OPTIONAL = ("api_secret", "smtp_password")


def read_secrets(folder: Path, environment: Mapping[str, str] = os.environ) -> Secrets:
    """Each secret from `HELPLINE_<NAME>`, the file that `HELPLINE_<NAME>_FILE` names, or `secrets/<name>` in `folder`.

    Raises `ConfigError` naming every secret that is missing or too short.
    """
    found: dict[str, tuple[str, ...]] = {}
    faults: list[str] = []
    for name, meaning in _SECRETS.items():
        variable = f"HELPLINE_{name.upper()}"
        path = Path(environment.get(f"{variable}_FILE", folder / "secrets" / name))
        try:
            text = environment.get(variable) or path.read_text(encoding="utf-8")
        except OSError:
            if name not in OPTIONAL or f"{variable}_FILE" in environment:
                faults.append(f"{name} is missing: {meaning}; set {variable}, or write it to {path}")
            continue
        except UnicodeDecodeError:
            faults.append(f"{name} isn't text: {meaning}; write it to {path} in ASCII")
            continue
        found[name] = tuple(part for part in text.split() if part)
        if not found[name] or (name != "smtp_password" and min(map(len, found[name])) < 16):
            faults.append(f"{name} is shorter than 16 characters: {meaning}")
    if faults:
        raise ConfigError("secrets", tuple(faults))
    return Secrets(
        auth_tokens=found["auth_token"],
        seal_keys=tuple(key.encode() for key in found["seal_key"]),
        link_key=found["link_key"][0].encode(),
        report_secret=found["report_secret"][0].encode(),
        api_secret=found.get("api_secret", ("",))[0],
        smtp_password=found.get("smtp_password", ("",))[0],
    )
