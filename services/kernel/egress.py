"""The guard of outgoing requests: which addresses a URL that a user gave may lead to."""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from services.kernel.errors import BadData

Policy: TypeAlias = Literal["public", "loopback", "any"]
_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


_TRANSLATED: tuple[ipaddress.IPv6Network, ...] = tuple(
    map(ipaddress.IPv6Network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10"))
)
"""Networks whose addresses stand for IPv4 ones, perhaps private (NAT64, 6to4, Teredo, compatible ones), or for a site.

No receiver of the public internet is known by one of them alone.
"""


class EgressRefused(BadData):
    """The address lies in a network that this installation does not call"""


def is_allowed(address: str, policy: str) -> bool:
    """Tell whether an IP address may be called: public ones; with `loopback` this machine's too; with `any` all."""
    if policy == "any":
        return True
    parsed: _Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    if parsed.is_loopback:
        return policy == "loopback"
    if any(parsed in network for network in _TRANSLATED):
        return False
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved or parsed.is_unspecified)


def check_url(url: str, policy: str, schemes: Iterable[str] = ("http", "https")) -> None:
    """Refuse a URL of another scheme, or whose literal address is not allowed. Raises EgressRefused.

    The error does not repeat the URL, which may hold a password. Host names are decided by `GuardedResolver` when they
    are resolved, so that a name cannot change its mind.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise EgressRefused("The address is not a URL") from None
    if parts.scheme not in schemes or not host:
        raise EgressRefused(f"The address must be a URL of {' or '.join(schemes)} with a host")
    if _is_literal(host) and not is_allowed(host, policy):
        raise EgressRefused(f"{host} lies in a network that this installation does not call")


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


class GuardedResolver(AbstractResolver):
    """Resolves names for aiohttp and keeps only the addresses that may be called."""

    def __init__(self, policy: str) -> None:
        self._policy = policy
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the allowed addresses of a name. Raises OSError where none is left."""
        found = await self._resolver.resolve(host, port, family)
        allowed = [each for each in found if is_allowed(each["host"], self._policy)]
        if not allowed:
            raise OSError(f"{host} leads to a network that this installation does not call")
        return allowed

    async def close(self) -> None:
        """Release nothing: names are resolved by the system."""
        await self._resolver.close()


def connector_arguments(policy: str) -> dict[str, Any]:
    """Return what an `aiohttp.TCPConnector` is given, so that every connection passes the guard."""
    return {"resolver": GuardedResolver(policy), "use_dns_cache": False}
