"""Who is on call in the stateful machine, their ways with calls, and ids that can be played again."""

from __future__ import annotations

import random

from helpline.twin import Behaviour, accept, busy, decline, failed, ignore, reject, scripted, silent, voicemail
from tests.scenarios.stage import Rota

ROTAS: dict[str, Rota] = {
    "one for all": {"france": [["Alix"]], "belgium": [["Alix"]]},
    "two tiers": {"france": [["Alix"], ["Billie"]], "belgium": [["Billie"], ["Charlie"]]},
    "everybody": {"france": [["Alix", "Billie"], ["Charlie"]], "belgium": [["Dirk", "Greta"], ["Emma", "Alix"]]},
    "nobody in Belgium": {"france": [["Alix", "Billie"]]},
}
BEHAVIOURS: dict[str, Behaviour] = {
    "accepts": accept(talks=None),
    "accepts late": accept(after=19, talks=None),
    "accepts at once": Behaviour(after=0.3, keys=("1",), listens=False, hesitates=0.2),
    "accepts twice": scripted([(5, "11")]),
    "is cut off": accept(talks=12),
    "hangs up as the bridge is made": scripted([(6, "1"), (7.5, "hang up")]),
    "hangs up before": scripted([(6, "1"), (6.1, "hang up")]),
    "hangs up while asked": scripted([(3, "hang up")]),
    "declines": decline(),
    "is silent": silent(),
    "presses nonsense": Behaviour(keys=("5", "#")),
    "voicemail": voicemail(),
    "quick voicemail": voicemail(after=1),
    "rings out": ignore(),
    "is engaged": busy(),
    "rejects": reject(),
    "doesn't exist": failed(),
    "hands over": Behaviour(keys=("1", "1"), star_after=8),
    "hands over and is gone": Behaviour(keys=("1",), star_after=8, hang_up_after=25),
    "goes back": Behaviour(keys=("1", "2"), star_after=8),
}


class Ids:
    """Stands in for `secrets`: the ids of legs follow from the sequence, so that a failure can be played again."""

    def __init__(self) -> None:
        self._random = random.Random(1)

    def token_hex(self, size: int) -> str:
        """So many bytes in hexadecimal digits."""
        return self._random.randbytes(size).hex()
