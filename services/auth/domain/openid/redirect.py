"""Addresses that a browser is sent back to: held against what an application has registered, sign by sign."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlencode, urlsplit

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FORBIDDEN_SCHEMES = frozenset({"javascript", "data", "vbscript", "file", "blob", "about", "ftp", "ws", "wss"})
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_LONGEST = 2000


def fault_of(uri: str, application_type: str) -> str | None:
    """Tell what is wrong with an address that is to be registered, None if nothing (RFC 9700, 2.1; RFC 8252, 7).

    Web applications have https, or http on this machine; native ones https, http on the loopback, or a scheme of their
    own which is a domain name turned round (`jp.example.app`).
    """
    if len(uri) > _LONGEST or not uri.isascii() or not uri.isprintable() or " " in uri or "\\" in uri:
        return "is not a URI"
    parts = _split(uri)
    if parts is None:
        return "is not a URI"
    if "#" in uri:
        return "has a fragment"
    if parts.username is not None or parts.password is not None:
        return "holds a user name"
    if parts.scheme in ("http", "https"):
        if not parts.hostname:
            return "names no host"
        return None if parts.scheme == "https" or is_loopback(parts) else "must begin with https://"
    if parts.scheme in _FORBIDDEN_SCHEMES or not _PRIVATE_SCHEME.fullmatch(parts.scheme):
        return "has a scheme that leads nowhere"
    return None if application_type == "native" else "has a scheme that only native applications use"


def is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Tell whether an address is one of those registered: equal sign by sign (RFC 6749, 3.1.2.3).

    Only the port of one that leads to the loopback's address may differ (RFC 8252, 7.3).
    """
    return any(uri == each or _differs_by_port(uri, each) for each in registered)


def with_parameters(uri: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Return an address with parameters added to the query it may have."""
    separator = "&" if "?" in uri else "?"
    return uri + separator + urlencode(list(parameters))


def origin_of(uri: str) -> str:
    """Return the host that an address leads to, or the scheme if there is none: what a person is shown."""
    parts = _split(uri)
    if parts is None:
        return uri
    return parts.netloc if parts.netloc else f"{parts.scheme}:"


def host_of(uri: str) -> str:
    """Return the host of an address, empty if it has none."""
    parts = _split(uri)
    return (parts.hostname or "") if parts else ""


def is_loopback(parts: SplitResult) -> bool:
    """Tell whether an address leads to the machine that it is used on."""
    return parts.hostname in _LOOPBACK


def _differs_by_port(uri: str, registered: str) -> bool:
    given, known = _split(uri), _split(registered)
    if given is None or known is None or known.scheme != "http" or known.hostname not in ("127.0.0.1", "::1"):
        return False
    if given.username is not None or given.password is not None:
        return False
    # the netloc is rebuilt, so that only the port may differ and nothing is hidden in it
    host = f"[{known.hostname}]" if known.hostname == "::1" else known.hostname
    expected = host if given.port is None else f"{host}:{given.port}"
    return given.netloc == expected and _without_netloc(uri, given) == _without_netloc(registered, known)


def _without_netloc(uri: str, parts: SplitResult) -> str:
    return uri.replace(f"//{parts.netloc}", "//", 1)


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme else None
