from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from router.destinations import MAX_URL, Destination, Unfetchable, is_public, parse_url

REGISTRY_IPV4 = (
    "0.0.0.0/8",
    "0.0.0.0/32",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.0.0/29",
    "192.0.0.8/32",
    "192.0.0.9/32",
    "192.0.0.10/32",
    "192.0.0.170/32",
    "192.0.0.171/32",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.88.99.2/32",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
    "255.255.255.255/32",
)
"""https://www.iana.org/assignments/iana-ipv4-special-registry, of October 2025."""

REGISTRY_IPV6 = (
    "::1/128",
    "::/128",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/23",
    "2001::/32",
    "2001:1::1/128",
    "2001:1::2/128",
    "2001:1::3/128",
    "2001:2::/48",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:30::/28",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
)
"""https://www.iana.org/assignments/iana-ipv6-special-registry, of October 2025, but for the two blocks
that embed IPv4 addresses, ::ffff:0:0/96 and 64:ff9b::/96."""

NOT_PUBLIC_IPV4 = [ip_network(block) for block in (*REGISTRY_IPV4, "224.0.0.0/4")]
NOT_PUBLIC_IPV6 = [ip_network(block) for block in REGISTRY_IPV6]
GLOBAL_UNICAST = ip_network("2000::/3")
MAPPED, NAT64 = IPv6Address("::ffff:0:0"), IPv6Address("64:ff9b::")
EMBEDDING = [ip_network(f"{prefix}/96") for prefix in (MAPPED, NAT64)]


def borders(blocks: list[IPv4Network | IPv6Network]) -> list[int]:
    """The numbers of the addresses at both ends of each block, within it and beyond."""
    ends = [end for block in blocks for end in (int(block[0]), int(block[-1]))]
    bits = blocks[0].max_prefixlen
    around = {end + step for end in ends for step in (-1, 0, 1)}
    return sorted(number for number in around if 0 <= number < 2**bits)


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [*REGISTRY_IPV4, "224.0.0.0/4", *REGISTRY_IPV6, "ff00::/8"])
def test_no_address_of_a_special_purpose_block_is_public(block: str) -> None:
    network = ip_network(block)
    for address in {network[0], network[network.num_addresses // 2], network[-1]}:
        assert not is_public(str(address))
        assert not is_public(address.exploded)


@pytest.mark.parametrize("block", [*REGISTRY_IPV4, "224.0.0.0/4"])
@pytest.mark.parametrize("prefix", [MAPPED, NAT64], ids=str)
def test_an_embedded_special_purpose_address_is_not_public(prefix: IPv6Address, block: str) -> None:
    embedded = ip_network(block)[0]
    assert not is_public(str(prefix + int(embedded)))
    assert not is_public(f"{prefix}{embedded}" if prefix == NAT64 else f"::ffff:{embedded}")


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",  # instance metadata
        "169.254.169.253",  # DNS
        "169.254.170.2",  # task credentials
        "169.254.170.23",  # pod credentials
        "fd00:ec2::254",
        "fd00:ec2::253",
        "fd00:ec2::23",
        "2002:7f00:1::",  # 127.0.0.1 in 6to4
        "2002:a9fe:a9fe::",  # 169.254.169.254 in 6to4
        "2002:808:808::",  # 8.8.8.8 in 6to4
        "2001:0:7f00:1::",  # a Teredo server at 127.0.0.1
        "2001:0:808:808:0:0:5601:5601",  # a Teredo client at 169.254.169.254
        "::127.0.0.1",  # IPv4-compatible
        "::8.8.8.8",
        "::ffff:0:127.0.0.1",  # IPv4-translated
        "64:ff9b:1::8.8.8.8",
        "fec0::1",  # site local
    ],
)
def test_an_address_that_leads_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "52.216.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2600:1f18::1",
        "2A00:1450:4001::200E",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_an_address_of_a_public_server_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        "8.8.8",
        "134744072",
        "0x8.8.8.8",
        "010.8.8.8",
        "8.8.8.8 ",
        "8.8.8.8\0",
        "8.8.8.8%eth0",
        "8.8.8.8/32",
        "\uff18.8.8.8",
        "[2606:4700::1111]",
        "2606:4700::1111%eth0",
        "fe80::1%eth0",
        "\ud800",
    ],
)
def test_what_is_not_an_address_in_its_usual_form_is_not_public(text: str) -> None:
    assert not is_public(text)


@given(st.integers(0, 2**32 - 1) | st.sampled_from(borders(NOT_PUBLIC_IPV4)))
def test_an_ipv4_address_is_public_unless_a_block_holds_it(number: int) -> None:
    address = IPv4Address(number)
    expected = not any(address in block for block in NOT_PUBLIC_IPV4)
    assert is_public(str(address)) is expected
    for prefix in (MAPPED, NAT64):
        assert is_public(str(prefix + number)) is expected
    assert not is_public(f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1")


IPV6_NUMBERS = (
    st.integers(0, 2**128 - 1)
    | st.integers(int(GLOBAL_UNICAST[0]), int(GLOBAL_UNICAST[-1]))
    | st.sampled_from(borders([*NOT_PUBLIC_IPV6, GLOBAL_UNICAST]))
)


@given(IPV6_NUMBERS)
def test_an_ipv6_address_is_public_if_it_is_assigned_and_no_block_holds_it(number: int) -> None:
    address = IPv6Address(number)
    if any(address in block for block in EMBEDDING):
        expected = is_public(str(IPv4Address(number % 2**32)))
    else:
        held = any(address in block for block in NOT_PUBLIC_IPV6)
        expected = address in GLOBAL_UNICAST and not held
    assert is_public(str(address)) is expected
    assert is_public(address.exploded) is expected


@given(st.ip_addresses())
def test_nothing_is_public_that_python_knows_to_be_special(
    address: IPv4Address | IPv6Address,
) -> None:
    if is_public(str(address)):
        meant = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        assert (meant or address).is_global
        assert not (meant or address).is_multicast


# --- URLs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://media.example", "media.example", "/"),
        ("https://media.example/", "media.example", "/"),
        ("HTTPS://Media.EXAMPLE/A.png", "media.example", "/A.png"),
        ("https://media.example:443/a", "media.example", "/a"),
        ("https://media.example:/a", "media.example", "/a"),
        ("https://media.example./a", "media.example", "/a"),
        ("https://media.example?a=b", "media.example", "/?a=b"),
        ("https://media.example#top", "media.example", "/"),
        ("https://media.example/a?b=c&d=%2F#top", "media.example", "/a?b=c&d=%2F"),
        ("https://media.example//a//b", "media.example", "//a//b"),
        ("https://media.example/a/../b", "media.example", "/a/../b"),
        ("https://media.example/a@b:c", "media.example", "/a@b:c"),
        ("https://media.example/my file.png", "media.example", "/my%20file.png"),
        ("https://media.example/bücher?q=漢", "media.example", "/b%C3%BCcher?q=%E6%BC%A2"),
        ("https://media.example/a\\b", "media.example", "/a%5Cb"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", "/"),
        ("https://my_bucket.s3-eu.example/", "my_bucket.s3-eu.example", "/"),
        ("https://93.184.216.34/a", "93.184.216.34", "/a"),
        ("https://[2606:4700::1111]/a", "2606:4700::1111", "/a"),
        ("https://[2606:4700::1111]:443/a", "2606:4700::1111", "/a"),
    ],
)
def test_an_https_url_leads_to_a_host_and_a_path(url: str, host: str, path: str) -> None:
    assert parse_url(url) == Destination(host, path)


NO_HOST = "its host is neither a domain name in ASCII nor an IP address"
NO_HTTPS = "its scheme is missing, and must be https"
CONTROL = "it holds control characters"
USER = "it holds a user name or a password"
PORT = "its port is not 443"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", NO_HTTPS),
        ("media.example/a.png", NO_HTTPS),
        ("//media.example/a.png", NO_HTTPS),
        (" https://media.example/", NO_HTTPS),
        ("http://media.example/", "its scheme is http, and must be https"),
        ("file:///etc/passwd", "its scheme is file, and must be https"),
        ("ftp://media.example/", "its scheme is ftp, and must be https"),
        ("gopher://media.example/", "its scheme is gopher, and must be https"),
        ("s3://bucket/key", "its scheme is s3, and must be https"),
        ("data:image/png;base64,AAAA", "its scheme is data, and must be https"),
        ("httpss://media.example/", "its scheme is httpss, and must be https"),
        (f"{'a' * 100}://media.example/", f"its scheme is {'a' * 16}, and must be https"),
        ("https:", NO_HOST),
        ("https://", NO_HOST),
        ("https:///a", NO_HOST),
        ("https:media.example/a", NO_HOST),
        ("https:/media.example/a", NO_HOST),
        ("https:\\\\media.example\\a", NO_HOST),
        ("https://.", NO_HOST),
        ("https://.example/", NO_HOST),
        ("https://media..example/", NO_HOST),
        ("https://media.example../", NO_HOST),
        ("https://localhost/", NO_HOST),
        ("https://localhost./", NO_HOST),
        ("https://media/", NO_HOST),
        (f"https://{'a' * 64}.example/", NO_HOST),
        (f"https://{'a.' * 130}example/", NO_HOST),
        ("https://media.example /", NO_HOST),
        ("https://media.exam ple/", NO_HOST),
        ("https://media,example.com/", NO_HOST),
        ("https://*.example.com/", NO_HOST),
        ("https://bücher.example/", NO_HOST),
        ("https://\uff4d\uff45\uff44\uff49\uff41.example/", NO_HOST),
        ("https://media。example/", NO_HOST),
        ("https://①②⑦.⓪.⓪.①/", NO_HOST),
        ("https://media.example\uff0fa/", NO_HOST),
        ("https://media%2eexample/", NO_HOST),
        ("https://%6dedia.example/", NO_HOST),
        ("https://127.0.0.1%00.example/", NO_HOST),
        ("https://2130706433/", NO_HOST),
        ("https://0x7f000001/", NO_HOST),
        ("https://0x7f.1/", NO_HOST),
        ("https://0X7F.0.0.1/", NO_HOST),
        ("https://0177.0.0.1/", NO_HOST),
        ("https://017700000001/", NO_HOST),
        ("https://127.1/", NO_HOST),
        ("https://127.0.0.256/", NO_HOST),
        ("https://1.2.3.4.5/", NO_HOST),
        ("https://media.example.1/", NO_HOST),
        ("https://[fe80::1%eth0]/", NO_HOST),
        ("https://[fe80::1%25eth0]/", NO_HOST),
        ("https://[]/", None),
        ("https://[127.0.0.1]/", None),
        ("https://[media.example]/", None),
        ("https://[v1.a]/", NO_HOST),
        ("https://[::1/", "it is not a URL"),
        ("https://::1/", NO_HOST),
        ("https://[2606:4700::1111].example/", None),
        ("https://good.example@bad.example/", USER),
        ("https://user:password@media.example/", USER),
        ("https://@media.example/", USER),
        ("https://good.example\\@bad.example/", USER),
        ("https://good.example:443@bad.example/", USER),
        ("https://good.example%40bad.example/", NO_HOST),
        ("https://good.example\\.bad.example/", NO_HOST),
        ("https://media.example:80/", PORT),
        ("https://media.example:8443/", PORT),
        ("https://media.example:0443/", PORT),
        ("https://media.example:-443/", PORT),
        ("https://media.example:\uff14\uff14\uff13/", PORT),
        ("https://media.example:443:443/", PORT),
        ("https://media.example:99999/", PORT),
        ("https://[2606:4700::1111]:22/", PORT),
        ("https://media.example/\r\nx-injected: 1", CONTROL),
        ("https://media.example/ HTTP/1.1\r\nhost: inside", CONTROL),
        ("https://media.exam\tple/", CONTROL),
        ("https://media.example/\n", CONTROL),
        ("ht\ntps://media.example/", CONTROL),
        ("https://media.example/\0", CONTROL),
        ("https://media.example/\x7f", CONTROL),
        ("https://media.example/\ud800", "it is not a URL"),
        (f"https://media.example/{'a' * MAX_URL}", f"it is longer than {MAX_URL} characters"),
    ],
)
def test_any_other_url_is_refused(url: str, why: str | None) -> None:
    """Without `why` where Python's versions differ in which of the words fits."""
    with pytest.raises(Unfetchable) as raised:
        parse_url(url)
    assert why in (None, str(raised.value))


@pytest.mark.parametrize(
    ("location", "host", "path"),
    [
        ("https://other.example/b", "other.example", "/b"),
        ("//other.example/b", "other.example", "/b"),
        ("/b", "[2606:4700::1111]", "/b"),
        ("b", "[2606:4700::1111]", "/a/b"),
        ("../b", "[2606:4700::1111]", "/b"),
        ("?b", "[2606:4700::1111]", "/a/a?b"),
        ("bücher", "[2606:4700::1111]", "/a/b%C3%BCcher"),
    ],
)
def test_a_redirect_may_be_relative(location: str, host: str, path: str) -> None:
    led = parse_url(location, Destination("2606:4700::1111", "/a/a?q"))
    assert (led.authority, led.path) == (host, path)


@pytest.mark.parametrize("location", ["http://media.example/", "//inside/", "//u@media.example/"])
def test_a_redirect_is_held_to_the_same_rules(location: str) -> None:
    with pytest.raises(Unfetchable):
        parse_url(location, Destination("media.example", "/"))


URLS = st.builds(
    "".join,
    st.lists(
        st.sampled_from(["https:", "//", "media.example", "127.0.0.1", "[::1]", ".", ":443", "a"])
        | st.sampled_from(list("/\\@?#:%[] ")),
        max_size=8,
    ),
).map("https://".__add__)


@given(URLS | st.text())
@example("https://media.example#@127.0.0.1/")
@example("https://media.example?@127.0.0.1/")
@example("https://media.example/\\@127.0.0.1/")
def test_a_url_leads_where_another_parser_says_or_nowhere(url: str) -> None:
    try:
        destination = parse_url(url)
    except Unfetchable:
        return
    other = httpx.URL(url)
    assert other.scheme == "https"
    assert other.host.removesuffix(".") == destination.host
    assert other.port in (None, 443)
    assert not other.userinfo
    assert destination.path.startswith("/")
    assert destination.path.isascii()
    assert destination.path.isprintable()
    assert " " not in destination.path
