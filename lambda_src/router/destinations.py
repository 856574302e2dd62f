"""Where a URL that a client chose may lead: to an https server on the public internet.

Python's `ipaddress` differs from version to version in what it calls global, takes unassigned IPv6
space for global, and looks into no embedded address; hence the tables here.
"""

import socket
from functools import cache
from string import ascii_lowercase, digits
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

PORT = 443

MAX_URL = 8_192

SPECIAL_IPV4 = (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private use
    "100.64.0.0/10",  # shared address space
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link local: AWS's metadata, credentials, DNS and time services
    "172.16.0.0/12",  # private use
    "192.0.0.0/24",  # IETF protocol assignments
    "192.0.2.0/24",  # documentation
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT
    "192.88.99.0/24",  # 6to4 relays
    "192.168.0.0/16",  # private use
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",  # benchmarking
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, broadcast
)
"""Every block of https://www.iana.org/assignments/iana-ipv4-special-registry, also those that are
globally reachable, as no media are served from them; and multicast."""

PUBLIC_IPV6 = ("2000::/3",)
"""All that is assigned for global unicast
(https://www.iana.org/assignments/ipv6-unicast-address-assignments)."""

SPECIAL_IPV6 = (
    "2001::/23",  # IETF protocol assignments, Teredo among them
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4
    "2620:4f:8000::/48",  # AS112
    "3fff::/20",  # documentation
)
"""The blocks of https://www.iana.org/assignments/iana-ipv6-special-registry within `PUBLIC_IPV6`.

6to4 and Teredo are refused whole, whatever the IPv4 address within: no public server needs them.
"""

EMBEDDING_IPV4 = (
    "::ffff:0:0/96",  # IPv4-mapped
    "64:ff9b::/96",  # NAT64, where DNS64 puts IPv4 addresses in an IPv6-only subnet
)
"""Their last 32 bits are the IPv4 address that is meant."""

_IPV4_MASK = 2**32 - 1

_HOST_CHARACTERS = frozenset(ascii_lowercase + digits + "-_")

_RESERVED = ":/?#[]@!$&'()*+,;="
"""What `quote` must leave as it is, beside the percent sign
(https://www.rfc-editor.org/rfc/rfc3986#section-2.2)."""


class Unfetchable(Exception):
    """Why a URL cannot be fetched, as a clause: ``it holds control characters``."""


class Destination(NamedTuple):
    """What to ask of whom, over TLS on port 443."""

    host: str
    """A domain name in lower case without a final dot, or an IP address without brackets."""
    path: str
    """With the query; printable ASCII that begins with a slash."""

    @property
    def authority(self) -> str:
        """The host as it stands in a URL and in a ``Host`` header."""
        return f"[{self.host}]" if ":" in self.host else self.host


def parse_url(url: str, base: Destination | None = None) -> Destination:
    """Where an https URL leads; one that `base` redirects to may be relative. Raises `Unfetchable`.

    Outside the host, what a URL cannot hold is percent-encoded as UTF-8, as browsers do it.
    """
    if len(url) > MAX_URL:
        raise Unfetchable(f"it is longer than {MAX_URL} characters")
    if any(character < " " or character == "\x7f" for character in url):
        raise Unfetchable("it holds control characters")
    try:
        encoded = quote(url, safe=f"{_RESERVED}%")
        if base is not None:
            encoded = urljoin(f"https://{base.authority}{base.path}", encoded)
        parts = urlsplit(encoded)
    except ValueError as error:
        raise Unfetchable("it is not a URL") from error
    if parts.scheme != "https":
        raise Unfetchable(f"its scheme is {parts.scheme[:16] or 'missing'}, and must be https")
    path = f"/{parts.path.removeprefix('/')}"
    return Destination(_host(parts.netloc), f"{path}?{parts.query}" if parts.query else path)


def is_public(address: str) -> bool:
    """Whether this is an address of the public internet, in dotted or in IPv6 notation.

    Anything else is not: a name, a zone (``fe80::1%eth0``), or IPv4 in octal, hex or one number.
    """
    if (number := _number(socket.AF_INET, address)) is not None:
        return not _is_within(number, SPECIAL_IPV4)
    if (number := _number(socket.AF_INET6, address)) is None:
        return False
    if _is_within(number, EMBEDDING_IPV4):
        return not _is_within(number & _IPV4_MASK, SPECIAL_IPV4)
    return _is_within(number, PUBLIC_IPV6) and not _is_within(number, SPECIAL_IPV6)


def _host(authority: str) -> str:
    if "@" in authority:
        raise Unfetchable("it holds a user name or a password")
    if authority.startswith("["):
        host, _, port = authority[1:].partition("]")
        is_host = _number(socket.AF_INET6, host) is not None
    else:
        host, colon, port = authority.lower().partition(":")
        host, port = host.removesuffix("."), colon + port
        is_host = _number(socket.AF_INET, host) is not None or _is_domain_name(host)
    if not is_host:
        raise Unfetchable("its host is neither a domain name in ASCII nor an IP address")
    if port not in ("", ":", f":{PORT}"):
        raise Unfetchable(f"its port is not {PORT}")
    return host


def _is_domain_name(host: str) -> bool:
    """Whether this is a domain below a top-level one, whose name never begins with a digit.

    That leaves out the spellings of IPv4 addresses that only some resolvers know: ``0x7f.1``.
    """
    labels = host.split(".")
    return (
        len(host) <= 253
        and len(labels) > 1
        and all(0 < len(label) <= 63 and _HOST_CHARACTERS.issuperset(label) for label in labels)
        and labels[-1][0] in ascii_lowercase
    )


def _number(family: int, address: str) -> int | None:
    try:
        return int.from_bytes(socket.inet_pton(family, address), "big")
    except (OSError, ValueError):
        return None


def _is_within(number: int, blocks: tuple[str, ...]) -> bool:
    return any(number >> shift == prefix for prefix, shift in _prefixes(blocks))


@cache
def _prefixes(blocks: tuple[str, ...]) -> list[tuple[int, int]]:
    """The leading bits of each block, and how many bits follow them in its addresses."""
    prefixes = []
    for block in blocks:
        address, _, length = block.partition("/")
        family, bits = (socket.AF_INET6, 128) if ":" in address else (socket.AF_INET, 32)
        shift = bits - int(length)
        prefixes.append((int.from_bytes(socket.inet_pton(family, address), "big") >> shift, shift))
    return prefixes
