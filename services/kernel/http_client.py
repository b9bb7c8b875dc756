"""The HTTP clients by which services call one another."""

import ssl
from functools import cache

import httpx


def http_client(base_url: str = "", timeout_s: float = 5) -> httpx.AsyncClient:
    """Make a client; all of a process share the certificate authorities of the machine."""
    return httpx.AsyncClient(base_url=base_url, timeout=timeout_s, verify=_authorities())


@cache
def _authorities() -> ssl.SSLContext:
    """Read the authorities once: it takes some 30 ms, for each client that is left to read them itself."""
    return httpx.create_ssl_context()
