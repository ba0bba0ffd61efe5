"""Which addresses the product may talk to."""

import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from loyalty.kernel.errors import Refusal

PORTS = frozenset({443, 8443})
LONGEST = 2000
_NAME = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])\Z")
# Addresses that carry another address inside, which a gateway on the way would unpack.
_CARRYING = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")))

Resolver = Callable[[str, int], list[str]]


class AddressRefused(Refusal):
    """The product does not talk to this address; ``reason`` says why, for whoever typed it."""

    code = "outgoing.address_refused"
    status = 422


@dataclass(frozen=True, slots=True)
class Target:
    """A judged address: the name for the certificate and the header, the machine to connect to, what to ask it for."""

    host: str
    port: int
    machine: str
    path: str


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name by the machine's own resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(entry[4][0]) for entry in found]


def check_address(address: str) -> SplitResult:
    """Judge an address as it is typed, before anybody resolves it: for forms and stored settings.

    :raises AddressRefused: not https, another port, a name with credentials, a number or an inside name for a host.
    """
    if len(address) > LONGEST or not address.isascii() or any(sign <= " " or sign in '\\"<>^`{|}' for sign in address):
        raise AddressRefused(reason="malformed")
    try:
        parts = urlsplit(address)
        port = parts.port or 443
    except ValueError as problem:
        raise AddressRefused(reason="malformed") from problem
    if parts.scheme != "https":
        raise AddressRefused(reason="not_https")
    if "@" in parts.netloc:
        raise AddressRefused(reason="credentials")
    if port not in _ports():
        raise AddressRefused(reason="port")
    host = (parts.hostname or "").rstrip(".")
    if host in settings.OUTGOING_INSIDE:
        return parts
    # A name ends in letters: dotted, decimal, octal and hexadecimal numbers, [::1] and localhost do not pass.
    if not _NAME.match(host) or host.endswith((".localhost", ".local", ".internal", ".home.arpa", ".onion")):
        raise AddressRefused(reason="host")
    return parts


def resolved(address: str, resolver: Resolver = resolve) -> Target:
    """Judge an address and every machine that its name stands for; the target is pinned to one of them.

    :raises AddressRefused: as :func:`check_address`, or the name is unknown, or one of its machines is not public.
    """
    parts = check_address(address)
    host, port = (parts.hostname or "").rstrip("."), parts.port or 443
    try:
        machines = resolver(host, port)
    except OSError as problem:
        raise AddressRefused(reason="unknown_name") from problem
    if not machines:
        raise AddressRefused(reason="unknown_name")
    if host not in settings.OUTGOING_INSIDE and not all(map(is_public, machines)):
        raise AddressRefused(reason="not_public")
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return Target(host=host, port=port, machine=machines[0], path=path)


def is_public(machine: str) -> bool:
    """Whether an address belongs to the open internet, whatever it is wrapped in."""
    try:
        address = ipaddress.ip_address(machine.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if inner is not None or any(address in network for network in _CARRYING):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _ports() -> frozenset[int]:
    return PORTS | frozenset(map(int, settings.OUTGOING_PORTS))
