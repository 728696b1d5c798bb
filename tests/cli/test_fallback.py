"""`fallback`: the files that answer while the service is down, written, refused, and called through the carrier."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from helpline.twin import Behaviour, CallHandle, Twin, WsgiTransport, accept, ignore, silent, voicemail
from helpline.twin import twiml as strict
from helpline.twin.transport import Routes
from helpline.twin.verbs import Context
from ivr_flows.load import shipped_prompts
from ivr_flows.model import LANGUAGES
from tests.cli.conftest import Done, Run, refused

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "https://files.example.net/helpline"
SERVICE = "https://helpline.example.org"
CALLER_NUMBER = "+33199009001"
FIRST, SECOND = "+33199000190", "+33199000191"
LINES = {"france": ("+33826000401", "+33199000401"), "belgium": ("+3280023460", "+33199000402")}
PROMPTS = shipped_prompts()
TALKS = Behaviour(keys=("5",), talks=None)
"""Picks up, presses any key, and talks until the caller hangs up."""


@pytest.fixture
def spare(folder: Path) -> Path:
    """A fresh folder whose lines have two backup numbers each."""
    config = folder / "config.toml"
    backup = f'backup = ["{FIRST}", "{SECOND}"]'
    text = config.read_text().replace("backup = []", backup)
    config.write_text(text.replace('[lines.belgium]\nflow = "belgium"', f'[lines.belgium]\n{backup}\nflow = "belgium"'))
    return folder


def export(run: Run, folder: Path, line: str = "france", *options: object) -> Done:
    """The files of a line, in `files` beside the configuration."""
    out = folder / "files"
    return run("--config", folder / "config.toml", "fallback", "--line", line, "--out", out, *options)


class Hosted:
    """A plain host of files: GET, whatever the query, and no logic; everything else is down."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.asked: list[str] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The WSGI app."""
        name = environ["PATH_INFO"].rpartition("/")[2]
        self.asked.append(environ["REQUEST_METHOD"])
        start_response("200 OK", [("Content-Type", "text/xml")])
        return [(self._folder / name).read_bytes()]


def down(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """What stands in front of a service that is down."""
    start_response("502 Bad Gateway", [("Content-Type", "text/html")])
    return [b"<html>"]


def dialled(done: Done, folder: Path, line: str, *phones: Behaviour, talks: float = 30) -> tuple[Twin, CallHandle]:
    """A call of the line while the service is down, the carrier set up as the command said; phones in their order."""
    (url,) = [word for word in done.out.split() if word.startswith(HOST)]
    hosted = Hosted(folder / "files")
    twin = Twin(Routes([(HOST, WsgiTransport(hosted, HOST)), (SERVICE, WsgiTransport(down, SERVICE))]))
    published, shown = LINES[line]
    twin.own(shown)
    twin.own(published, f"{SERVICE}/voice/{line}", "", url, fallback_method="GET")
    for number, behaviour in zip((FIRST, SECOND), phones, strict=False):
        twin.phone(number, behaviour, name={FIRST: "first", SECOND: "second"}[number])
    call = twin.dial(CALLER_NUMBER, published, talks=talks)
    assert twin.run_until_idle()
    assert set(hosted.asked) == {"GET"}
    assert [violation.kind for violation in twin.violations] == ["voice"]  # the service's own, which is down
    return twin, call


def test_somebody_is_rung_while_the_service_is_down(run: Run, spare: Path) -> None:
    """Any key takes the call, because files can't compare keys; the phone shows the line's number."""
    done = export(run, spare, "france", "--base-url", HOST)
    twin, call = dialled(done, spare, "france", TALKS)
    assert call.talked_to == ["first"]
    assert call.heard() == [PROMPTS.text("fallback", "fr")]
    leg = next(leg for leg in twin.legs() if leg.to == FIRST)
    assert leg.from_ == LINES["france"][1]


@pytest.mark.parametrize("first", [voicemail(), ignore(), silent()], ids=["voicemail", "ignored", "silent"])
def test_a_machine_does_not_take_the_call(run: Run, spare: Path, first: Behaviour) -> None:
    """It presses no key: the next phone rings."""
    done = export(run, spare, "france", "--base-url", HOST)
    _, call = dialled(done, spare, "france", first, TALKS)
    assert call.talked_to == ["second"]
    assert call.heard()[1] == PROMPTS.text("fallback-next", "fr")


def test_nobody_answers(run: Run, spare: Path) -> None:
    """The caller hears the crisis numbers and a farewell."""
    done = export(run, spare, "france", "--base-url", HOST)
    _, call = dialled(done, spare, "france", voicemail(), ignore())
    assert call.talked_to == []
    assert call.heard()[-2:] == [PROMPTS.text("crisis-france", "fr"), PROMPTS.text("goodbye", "fr")]


def test_who_has_talked_may_hang_up(run: Run, spare: Path) -> None:
    """The files don't know that somebody talked: they say so before the next phone rings."""
    done = export(run, spare, "france", "--base-url", HOST)
    _, call = dialled(done, spare, "france", accept(talks=20), ignore())
    assert call.talked_to == ["first"]
    assert call.heard()[1] == PROMPTS.text("fallback-next", "fr")


def test_a_line_of_four_languages_speaks_all_of_them(run: Run, spare: Path) -> None:
    """Nobody can say which one the caller chose."""
    done = export(run, spare, "belgium", "--base-url", HOST)
    _, call = dialled(done, spare, "belgium", ignore(), ignore())
    for key in ("fallback", "fallback-next", "crisis-belgium", "goodbye"):
        assert {PROMPTS.text(key, language) for language in LANGUAGES} <= set(call.heard())


def test_files_without_a_base_url_find_each_other(run: Run, spare: Path) -> None:
    """Relative to wherever they are put."""
    done = export(run, spare)
    assert f"https://HOST/FOLDER/{entry(spare).name}" in done.out
    twin = Twin(Routes([(HOST, WsgiTransport(Hosted(spare / "files"), HOST))]))
    published, shown = LINES["france"]
    twin.own(shown)
    twin.own(published, f"{HOST}/{entry(spare).name}", voice_method="GET")
    twin.phone(SECOND, TALKS, name="second")
    call = twin.dial(CALLER_NUMBER, published, talks=30)
    twin.run_until_idle()
    assert call.talked_to == ["second"]
    assert twin.violations == []


def entry(folder: Path) -> Path:
    """The file that the carrier asks first."""
    return min((folder / "files").iterdir(), key=lambda path: len(path.name))


def test_who_is_on_call_is_rung_first(run: Run, demo: Path) -> None:
    """With their own language's whisper; then the backups."""
    done = export(run, demo, "france", "--on-call")
    assert done.code == 0
    assert b"+331990001" in entry(demo).read_bytes()


def test_nobody_to_ring_is_refused(run: Run, folder: Path) -> None:
    """It says which key is missing, and the other way."""
    refused(export(run, folder), "no backup number", "[lines.france]", "--on-call")


def test_nobody_on_call_is_refused_too(run: Run, folder: Path) -> None:
    """Files that ring nobody would be worse than none."""
    refused(export(run, folder, "france", "--on-call"), "nobody is on call")


@pytest.mark.parametrize("base", ["files.example.net", "https://files.example.net/", "https://a b", "https://x/?q"])
def test_a_base_url_that_is_none_is_refused(run: Run, spare: Path, base: str) -> None:
    """Before anything is written."""
    refused(export(run, spare, "france", "--base-url", base), "--base-url", "https://")
    assert not (spare / "files").exists()


def test_an_unknown_line_is_refused(run: Run, spare: Path) -> None:
    """With those there are."""
    refused(export(run, spare, "spain"), "belgium, france")


def test_names_are_secret_and_stay(run: Run, spare: Path) -> None:
    """Files hold telephone numbers: their names can't be guessed, and a second export keeps the URL at the carrier."""
    export(run, spare)
    name = entry(spare).stem.removeprefix("france-")
    assert len(name) == 32
    export(run, spare)
    assert entry(spare).stem == f"france-{name}"


def test_what_an_earlier_export_left_goes(run: Run, spare: Path) -> None:
    """A number that was taken out is rung no more; files of others stay."""
    export(run, spare)
    export(run, spare, "belgium")
    config = spare / "config.toml"
    config.write_text(config.read_text().replace(f', "{SECOND}"]', "]", 1))
    before = {path.name for path in (spare / "files").iterdir()}
    export(run, spare)
    after = {path.name for path in (spare / "files").iterdir()}
    assert {name.rpartition("-")[2] for name in before - after} == {"2.xml"}
    assert not [path for path in (spare / "files").glob("france*") if SECOND in path.read_text()]


@pytest.mark.parametrize("line", ["france", "belgium"])
def test_every_file_is_one_the_carrier_runs(run: Run, spare: Path, line: str) -> None:
    """Read as strictly as the carrier may."""
    export(run, spare, line, "--base-url", HOST)
    for path in (spare / "files").iterdir():
        context: Context = "screen" if "-screen-" in path.name or "-accept" in path.name else "call"
        strict.parse(path.read_bytes(), "text/xml", context, f"{HOST}/{path.name}")


def test_the_operator_is_told_of_the_callers_number(run: Run, spare: Path) -> None:
    """A request by GET holds it in its query: no access log may be kept there."""
    assert "access log" in export(run, spare).out
