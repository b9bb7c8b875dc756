"""Names of data sets in addresses: lower-case letters, digits, `-` and `_`; unique, and never changed once given."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

LONGEST = 100
_NAME = re.compile(r"[a-z0-9_-]{2,100}\Z")
_EXTENSION = re.compile(r"\.[a-z0-9]{1,5}\Z")
_SAYS_NOTHING = frozenset({"index", "default", "dataset", "data", "opendata", "list", "main"})


def is_name(text: str) -> bool:
    """Tell whether a text may be a data set's name (CKAN: 2 to 100 of `a-z 0-9 - _`)."""
    return _NAME.match(text) is not None


def of_url(url: str) -> str | None:
    """Return the name that the last segment of an address suggests, None if it suggests none."""
    segments = [part for part in urlsplit(url).path.split("/") if part]
    if not segments:
        return None
    last = unicodedata.normalize("NFKC", unquote(segments[-1])).lower()
    name = _EXTENSION.sub("", last)[:LONGEST]
    if not is_name(name) or not re.search(r"[a-z]", name) or name in _SAYS_NOTHING:
        return None
    return name


def of_key(tenant: str, key: str) -> str:
    """Return a name for something without a usable address: the tenant and ten digits of the key's hash."""
    return f"{tenant or 'default'}-{digest(key, 10)}"


def of_type(tenant: str, type_name: str) -> str:
    """Return the name of a live entity type: the tenant and the type, or the type's hash if it is not ASCII."""
    short = re.split(r"[/#:]", type_name)[-1]
    plain = re.sub(r"[^a-z0-9_-]+", "-", short.lower()).strip("-")
    if not short.isascii() or not plain:
        return of_key(tenant, type_name)
    return f"{tenant or 'default'}-{plain}"[:LONGEST]


def digest(key: str, length: int) -> str:
    """Return the first hexadecimal digits of a key's SHA-256."""
    return hashlib.sha256(unicodedata.normalize("NFKC", key).encode()).hexdigest()[:length]


def candidates(wish: str, tenant: str, key: str) -> tuple[str, str, str]:
    """Return the names to try in turn: as wished, with the tenant, with the tenant and the key's hash."""
    owner = tenant or "default"
    own = digest(key, 10)
    return wish, f"{wish[: LONGEST - len(owner) - 1]}-{owner}", f"{wish[:30]}-{owner[:50]}-{own}"


def choose(wish: str, tenant: str, key: str, taken: Mapping[str, str]) -> str:
    """Return the first free name; `taken` maps names to the tenants that have them.

    Within one tenant the tenant's name says nothing, so the hash decides at once.
    """
    first, with_tenant, with_hash = candidates(wish, tenant, key)
    if first not in taken:
        return first
    if taken[first] != tenant and with_tenant not in taken:
        return with_tenant
    return with_hash
