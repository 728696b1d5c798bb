"""What a list of sessions calls a browser: `Firefox, Android`. No more: the whole string would tell browsers apart."""

from __future__ import annotations

BROWSERS: tuple[tuple[str, str], ...] = (
    # Each claims to be those below it.
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: tuple[tuple[str, str], ...] = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device(agent: str) -> str:
    """Browser and system in words out of what a browser says it is; "" if neither is known."""
    found = (next((word for sign, word in table if sign in agent), "") for table in (BROWSERS, SYSTEMS))
    return ", ".join(word for word in found if word)
