"""What is kept of where somebody signed in: enough to know one's own browser again, too little to follow anybody."""

import ipaddress

PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What a browser calls itself, and what its user calls it. Most also name those further down."""
SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Macintosh", "a Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def in_words(user_agent: str) -> str:
    """A browser in plain words: “Firefox on Linux”."""
    program = next((name for mark, name in PROGRAMS if mark in user_agent), "An unknown browser")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return f"{program} on {system}" if system else program


def network(address: str) -> str:
    """The neighbourhood of an address: the /24 of IPv4, the /48 of IPv6."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(ip), 48), strict=False))
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network((int(ip), 24), strict=False))
