"""What people call the browser that a machine describes at length."""

BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("YaBrowser", "Yandex Browser"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip
LONGEST = 60


def browser_name(agent: str) -> str:
    """Browser and system, such as ``Firefox, Windows``; the beginning of what it says where neither is known."""
    tables = (BROWSERS, SYSTEMS)
    known = [next((name for sign, name in table if sign in agent), "") for table in tables]
    return ", ".join(filter(None, known)) or agent[:LONGEST]
