"""Which internet addresses are anybody's, and which belong to this machine, its network or nobody.

The special-purpose address registries of IANA (RFC 6890 and what followed), and the addresses in which another one is
hidden: an IPv6 address that leads to 127.0.0.1 is 127.0.0.1.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a provider's translation
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: the metadata of cloud machines
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocols: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "3fff::/20",
    )
)
GIVEN_OUT = IPv6Network("2000::/3")
"""Public IPv6 addresses come from here only: loopback, link-local, unique local and multicast lie outside."""
TRANSLATED = IPv6Network("64:ff9b::/96")
"""NAT64: the last four bytes are an IPv4 address."""


def meant(address: Address) -> Address:
    """The address to which this one leads: the IPv4 one that is mapped into it, or embedded by NAT64 or 6to4."""
    if isinstance(address, IPv4Address):
        return address
    if address in TRANSLATED:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


def public(address: Address) -> bool:
    """Whether this is an address on the internet at large."""
    led_to = meant(address)
    given_out = isinstance(led_to, IPv4Address) or led_to in GIVEN_OUT
    return given_out and not within(led_to, NOT_PUBLIC)


def within(address: Address, networks: Iterable[Network]) -> bool:
    """Whether one of these networks holds the address, or the one to which it leads."""
    return any(one in network for network in networks for one in {address, meant(address)})
