"""`make screenshots`: the main pages as they are, from a demonstration whose clock stands still, in docs/screens."""

from __future__ import annotations

import shutil
import struct
import tempfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from helpline.accounts.model import Role
from helpline.figures import records
from helpline.jobs.generating import Generating
from helpline.shifts.editing import Desk
from helpline.shifts.reading import standard
from tests.browser.house import NOON, House, furnish, inhabited
from tests.browser.windows import DESKTOP, PHONE, Theme, Windows
from tests.conftest import CHROMIUM_NAMES
from tests.shell import eventually

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
LARGEST = 150_000
"""Bytes of one picture."""


REDUCE = """async (png) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const { width, height } = image, canvas = new OffscreenCanvas(width, height), pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 0, width, height), counts = new Map(), pixels = new Uint8Array(width * height);
  const colour = (n) => (data[4 * n] << 16) | (data[4 * n + 1] << 8) | data[4 * n + 2];
  for (let n = 0; n < pixels.length; n++) counts.set(colour(n), (counts.get(colour(n)) ?? 0) + 1);
  const palette = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([each]) => each);
  const far = (a, b) => [16, 8, 0].reduce((sum, bits) => sum + (((a >> bits) & 255) - ((b >> bits) & 255)) ** 2, 0);
  const nearest = new Map(palette.map((each, n) => [each, n]));
  for (const each of counts.keys()) {
    if (nearest.has(each)) continue;
    nearest.set(each, palette.reduce((best, one, n) => (far(one, each) < far(palette[best], each) ? n : best), 0));
  }
  for (let n = 0; n < pixels.length; n++) pixels[n] = nearest.get(colour(n));
  let text = "";
  for (let n = 0; n < pixels.length; n += 4096) text += String.fromCharCode(...pixels.subarray(n, n + 4096));
  return [width, height, palette, btoa(text)];
}"""


@dataclass(frozen=True, slots=True)
class Screen:
    """A page that is shown: its name, who sees it, where it is, on what; `find` leads on from there."""

    name: str
    role: Role | None
    path: str
    width: int
    theme: Theme = "light"
    find: Callable[[Page], object] = lambda _page: None
    height: int = 740


def _proposal(page: Page) -> None:
    page.locator("main .row a").first.click()


def _search(page: Page) -> None:
    page.locator("main input[name=q]").fill("toulouse")
    with page.expect_navigation():
        page.keyboard.press("Enter")


SCREENS = (
    Screen("sign-in", None, "/sign-in", PHONE),
    Screen("my-line", "psychologist", "/my", PHONE),
    Screen("my-line", "psychologist", "/my", PHONE, "dark"),
    Screen("coding", "psychologist", "/my/coding", PHONE, "dark"),
    Screen("coding", "psychologist", "/my/coding", DESKTOP),
    Screen("now", "coordinator", "/rota", DESKTOP),
    Screen("month", "coordinator", "/rota/calendar", DESKTOP, height=1_200),
    Screen("month", "coordinator", "/rota/calendar", DESKTOP, "dark", height=1_200),
    Screen("month", "coordinator", "/rota/calendar", PHONE),
    Screen("week", "coordinator", "/rota/calendar?view=week&day=2026-03-16", DESKTOP),
    Screen("proposal", "coordinator", "/rota/proposals", DESKTOP, find=_proposal),
    Screen("people", "coordinator", "/people", DESKTOP),
    Screen("flow", "coordinator", "/flows/france", DESKTOP),
    Screen("search", "psychologist", "/my/directory", PHONE, find=_search),
    Screen("directory", "coordinator", "/directory", DESKTOP),
    Screen("public", None, "/aide/france", PHONE, height=1_200),
    Screen("public", None, "/aide/france", DESKTOP),
    Screen("poster", None, "/aide/france/affiche", DESKTOP, height=1_200),
)


def main() -> None:
    """Draws every screen anew, and removes those that are no longer drawn."""
    chromium = next(path for name in CHROMIUM_NAMES if (path := shutil.which(name)))
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="helpline-screens-") as folder, sync_playwright() as playwright:
        (Path(folder) / "furnished").mkdir()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with inhabited(furnish(Path(folder) / "furnished"), Path(folder) / "house") as house:
            _live_in(house)
            drawn = {_draw(Windows(browser, house), screen) for screen in SCREENS}
        browser.close()
    for old in set(FOLDER.glob("*.png")) - drawn:
        old.unlink()


def _live_in(house: House) -> None:
    """Two calls to code, and a proposal for the next quarter."""
    service = house.service
    with service.store.durable() as tx:
        for seconds in (900, 1_800):
            records.expect(tx, service.lines["france"], 1, NOON - seconds, seconds, NOON)
    client = house.client("coordinator")
    token = client.get_cookie("helpline", domain="localhost")
    asked = {"line": "france", "quarter": "2026-Q3", "kind": "fill", "csrf": house.csrf(token.value if token else "")}
    answer = client.post("/rota/proposals", base_url=house.base, data=asked)
    if answer.status_code != 303:
        raise RuntimeError(f"the proposal was refused: {answer.status_code}")
    generating = Generating(Desk(service.store, service.lines, standard(service.settings.limits)), 5.0)
    eventually(lambda: not generating.run(NOON))


def _draw(windows: Windows, screen: Screen) -> Path:
    role, width, theme = screen.role, screen.width, screen.theme
    page = windows.as_role(role, width=width, theme=theme) if role else windows.guest(width=width, theme=theme)
    page.set_viewport_size({"width": width, "height": screen.height})
    page.goto(screen.path)
    screen.find(page)
    page.wait_for_load_state()
    path = FOLDER / f"{screen.name}-{screen.theme}-{screen.width}.png"
    picture = page.screenshot()
    page.goto("about:blank")
    path.write_bytes(_packed(page, picture))
    windows.close()
    if path.stat().st_size > LARGEST:
        raise RuntimeError(f"{path.name} has {path.stat().st_size:,} bytes: at most {LARGEST:,}")
    return path


def _packed(page: Page, png: bytes) -> bytes:
    """The same picture with a palette of 256 colours: the commonest, and for any other the nearest of these."""
    width, height, palette, packed = page.evaluate(REDUCE, b64encode(png).decode())
    pixels = b64decode(packed)
    rows = b"".join(b"\0" + pixels[n * width : (n + 1) * width] for n in range(height))
    chunks = (
        b"IHDR" + struct.pack(">2I5B", width, height, 8, 3, 0, 0, 0),
        b"PLTE" + b"".join(struct.pack(">I", colour)[1:] for colour in palette),
        b"IDAT" + zlib.compress(rows, 9),
        b"IEND",
    )
    parts = (struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks)
    return png[:8] + b"".join(parts)


if __name__ == "__main__":
    main()
