"""A new version answers what the previous one handed out: a deploy in the middle of calls loses none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpline.calls.ringing import LegRef
from helpline.carrier.seal import Seal
from helpline.carrier.urls import VoiceUrls, WaitToken
from ivr_flows.caller import Place as Caller
from ivr_flows.psychologist import Place as Psychologist
from ivr_flows.psychologist import Stage
from tests.shell import PUBLIC, lines_in, some_secrets

PERSON = LegRef("0" * 32, "1" * 32, 1, 7, "fr")
BACKUP = LegRef("0" * 32, "1" * 32, 2, None, "nl")
HANDED_OUT = [
    (
        "france/caller/kZ9wUXy70HcyGodv3BdB1qRu72a7XwVZK4TQlk1_zz_2iFXo8wpC5U8mdBir_uM6NGF-",
        (Caller("greeting", "fr"), 0),
    ),
    (
        "france/caller/kRwQsiDJl_RQ9zhMAu-N6sYfkuY7nArsyPhHwmhxjY1eWnFbRBPb7cm5SUKfbVXhWi13Cxc",
        (Caller("unanswered", "fr", None, 1), 0),
    ),
    (
        "france/caller/kYRP3COtsyPF_LHPAudJNjEdUXukTkgw5mvi9VJM3XcJFrQ4YKCGIqbfKjkqMA",
        (Caller("ring", "fr", None, 0, True), 2),
    ),
    (
        "belgium/caller/kd9mcGP3qoETh-LW9jFTuBkqAjz5NDF3Z8Xo8SbYekujw0TjgQScdVBf51hpBlIYssym",
        (Caller("language", "fr"), 0),
    ),
    ("belgium/caller/kXcGAWnr3b8KxzPdKk1M8k_CeLp2ym2ObERUN4JVjNtg-inpFfb9Tgw67-TrrtU", (Caller("ring", "nl"), 1)),
    ("france/wait/kUJ4D_5NwBZEybT34kARFrRm6QgPLcohwX7UhaBwwgrX_3OENMAbIbiStq-Meg", WaitToken("fr", 1)),
    (
        "france/wait/kfou59MeO7ZhRBmzuu3vS2_L48i_Y-vEuNza1a7h4vttlNoHtd1JkEHUPg",
        WaitToken("fr", 2, crisis=True, asked=True, misses=3, nth=4, told=5),
    ),
    ("belgium/wait/kdrI6AY-Sm8aW61NyZ7wGOFsDhLe1f8XPfNqLfn1peIuBHWkDk6X5Zn2vCEk", WaitToken("de", 1, nth=2, told=1)),
    (
        "france/leg/kT2GkdfcplzljroArwQrTIRhOm0vbjO-NguEF2eVyAJNvUnEHfXQrOVY1xw4IK5U7YRtDiBbeHNlDsVWePRZhRdYs8-5S9NHV-MeIigFt-gz8hvv24M1o2guk82DyZIxTDu3tWnJebXFNt6BoSC3ECdsKpZvXu0",
        (PERSON, Psychologist(Stage.PICK_UP, "fr")),
    ),
    (
        "france/status/kT1zFNZyRl10UQRr5TJQBsPySLnv5XU5Nu9jJtPLAWI2lr1aKxYl_TxN51PL4UoI75AhR5EpQ9UCRbsjECNwiMQasof_O4l1_ATPMh0MfW8LeEwl-PqeILPN2ifTA8bzDLUH",
        PERSON,
    ),
    (
        "belgium/status/kTmZHXywAGVx6MQd23O_BrFRP9cKyvVOVfCiW7OQpmMzxxVB0_KtVa04G_c_3f9AW38C9wCQUNAftildO38nxVo9eGl7Ts5etMg6TJG5nJdDsgAAOfQ5HIyyjrWhyd1e_u217iNW",
        BACKUP,
    ),
    (
        "france/bridge/kaVhZ-ITxnzq-HkLSr419FabTPDX-iDTl4IbdRKCnrfbH-sQwdBT_wx0nEXsiQzojgfir6VcEbojoSloDr4m9LKj__fuZScwYIOu3hx3E8p3OYZrgHIxoFH8r5Cl7K2p0Cvp0-zzo98",
        (PERSON, "fr"),
    ),
    (
        "france/leg/kb2GJCewC3LMk7KABK5BTUJf28BHq8cJYOB6ia6bmTLPLNeN2_TZgLPg0PzvUONEK3bkzbNgEnLBp50jWZwTn7mgzM5Jut1QH0pXSuqHoweMpTCMRAY6evAi1j2JgdmIn0ioqDxJmp6bHQjeV2jD4WEhGdjDKmg",
        (PERSON, Psychologist(Stage.WHISPER, "fr")),
    ),
    (
        "france/leg/kYb51qREOHdfLrJe2nBRRvBgM3WdXrS55f7uGUfzr4gcHxTMZKrX_uZKF9mn5TnFEiBhoa00EuHlrbexJB0R14-mcNyNQDXTnns285L9zBr_WsA_Q8iZOeBzeEbuSUSK_Q80nN5A6FOloljw12l3vxc6Ov2n1A",
        (PERSON, Psychologist(Stage.BRIDGE, "fr")),
    ),
    (
        "france/leg/kacqj3lafvwc2FbEqywuQMYg6d7vagb-b0ap7TnV0j8cReZ6yJNz7TIplsmKkk4ZLyc6c-SovGnib1a-51-vwLnWoOk1-sesuZ9Cl-SwHzuCYYyTgbxgRfAdZXe-8IvNaRu83PpKMFfvu9y4-O8EfrGDPfQa",
        (PERSON, Psychologist(Stage.CHECK, "fr")),
    ),
    (
        "france/leg/kSAO-LFDGsy8WDWAoJ0VlNSdHOD969cSLFwXibhpXE4guvxMj2zthhDxwqLimMaL8iIMNo0x_s1ry3vlatj7pdZRozmqZy8fWWsL1YFDd3YuSh1g4Gk62DiSaEclj4q8coHWzKG-YV2FvSOuUNMyYfa_9TjVKaZsnA",
        (PERSON, Psychologist(Stage.HAND_OVER, "fr")),
    ),
    (
        "france/leg/kc9YXIjx48MKmhtdeSZ5VlXtz_GCr-04QTX5RhIR5eDX-giOBBBNRhOAC2THP5iMv-GJJPq9q4RMkxYLFxEdFSZ10kP-wvJu-lO-By0XLl_18gVimGFeOSqaSoA8ZA33EiDGseMaxLtk12-fMlz6d7VWPEU",
        (PERSON, Psychologist(Stage.CODE, "fr")),
    ),
    (
        "france/leg/kVD5V3tl52-9Zj40Syh9UPZ43LxtYXHllI7XGhDjM94979HMjuc-5k_j7gx6ufrulIHbgOyECnLHZMQ0-eeP6oolsTEFrA-g1PU0kVpjEBt3hdgOJIH3A41V9I3v1vbldaevDIJ0ajsbt0ZaboHAoEvCoKW0J7k",
        (PERSON, Psychologist(Stage.CONFIRM, "fr")),
    ),
]
"""What follows /voice/ in URLs that 0.1.0 handed out under the tests' key, and what each meant. Rows are only added."""


@pytest.mark.parametrize(("path", "meaning"), HANDED_OUT)
def test_a_url_of_the_previous_version_means_the_same(path: str, meaning: object, tmp_path: Path) -> None:
    """It may come back hours later, for as long as a call lasts."""
    name, kind, token = path.split("/")
    urls, line = VoiceUrls(PUBLIC, Seal(some_secrets().seal_keys)), lines_in(tmp_path)[name]
    opened = {
        "caller": urls.open_caller,
        "wait": urls.open_wait,
        "leg": urls.open_leg,
        "status": urls.open_leg_status,
        "bridge": urls.open_bridge,
    }[kind]
    assert opened(line, token) == meaning


def test_a_call_and_its_queue_are_found_again() -> None:
    """Their names follow from the key: another way to make them would lose every call in progress."""
    seal = Seal(some_secrets().seal_keys)
    assert seal.name("call", "CA0") == "75c6892c95c67c23b5727738cce5b9f7"
    assert seal.name("queue", "0" * 32, "1") == "6a9766687e517fbe6b50c2a5776fd315"
