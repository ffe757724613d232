"""How much of a reporter's mail address the desk may see."""


def masked(address: str) -> str:
    """Enough to tell two addresses apart, too little to write to one: reader@news.example is r…@n….example."""
    name, _, domain = address.rpartition("@")
    host, _, ending = domain.rpartition(".")
    if not name or not host:
        return "…" if address else ""
    return f"{name[:1]}…@{host[:1]}….{ending}"
