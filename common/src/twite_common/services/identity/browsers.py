"""Where somebody is: their network and their kind of browser, so roughly that they know it again."""

from ipaddress import ip_address, ip_network

from twite_common.translations import gettext as _

UNKNOWN_BROWSER = "a browser"


def place(address: str, browser: str) -> str:
    """Return roughly where a log-in comes from: a range of addresses and a kind of browser."""
    return f"{network(address)} {kind(browser)}"


def network(address: str) -> str:
    """Return the range of addresses that one is in."""
    try:
        bits = 24 if ip_address(address).version == 4 else 48
        return str(ip_network(f"{address}/{bits}", strict=False))
    except ValueError:
        return "unknown"


def kind(browser: str) -> str:
    """Return the kind of browser behind a User-Agent header, such as "Firefox on Linux"."""
    # Order matters: most browsers also claim to be those further down.
    names = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrom": "Chrome", "Safari/": "Safari"}
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "macOS",
        "Linux": "Linux",
    }
    name = next((name for mark, name in names.items() if mark in browser), UNKNOWN_BROWSER)
    system = next((name for mark, name in systems.items() if mark in browser), "")
    return f"{name} on {system}" if system else name


def readable(kind: str) -> str:
    """Return a kind of browser, which is kept in English, in the reader's language."""
    name, on, system = kind.partition(" on ")
    name = _("a browser") if name == UNKNOWN_BROWSER else name
    return _("%(browser)s on %(system)s", browser=name, system=system) if on else name
