"""Entities and fragments of entities as users send them (5.2.4, 5.2.5)."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from services.broker.domain.attribute import Attributes
from services.broker.domain.entity import Entity
from services.broker.domain.names import Context
from services.broker.ngsild.input_attribute import PROOF, Reading, check_geo, read_attribute, read_proof
from services.broker.ngsild.input_values import check_name, read_date_time, read_text, read_uri
from services.broker.operations.merging import NULL
from services.kernel.errors import BadData, InvalidRequest
from services.kernel.values import frozen

_SKIPPED: Final = frozenset({"@context", "createdAt", "modifiedAt", "deletedAt"})
_RESERVED: Final = frozenset(
    {
        *("datasetId", "instanceId", "observedAt", "unitCode", "valueType", "objectType", "value"),
        *("object", "languageMap", "valueList", "objectList", "lang"),
    }
)
_DIGIT_FIRST: Final = re.compile(r"\d[^:]*\Z")
_LEVEL: Final = r"[^\W\d_]\w*"
_SCOPE: Final = re.compile(rf"/?{_LEVEL}(?:/{_LEVEL})*\Z")


@frozen
class EntityFragment:
    """What a request says about an entity; what it does not say is None or empty.

    `clears_scope` and `clears_expiry`: NGSI-LD Null stands for the member.
    """

    attrs: Attributes
    uri: str | None = None
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None
    expires_at: datetime | None = None
    clears_scope: bool = False
    clears_expiry: bool = False

    @property
    def says_nothing_of_the_entity(self) -> bool:
        """Whether it is about attributes alone."""
        return (
            not (self.types or self.clears_scope or self.clears_expiry)
            and self.scopes is None
            and self.expires_at is None
        )


def read_object(document: Any, what: str = "The body") -> dict[str, Any]:
    """Return a JSON object that is not empty. Raises BadData, InvalidRequest."""
    if not isinstance(document, dict):
        raise InvalidRequest(f"{what} must be a JSON object")
    if not document:
        raise BadData(f"{what} must not be empty")
    return document


def read_entity(document: dict[str, Any], context: Context) -> Entity:
    """Return a whole entity: id and type must be there. Raises BadData."""
    fragment = read_fragment(document, Reading(context))
    if fragment.uri is None:
        raise BadData("id must be given", field="id")
    if not fragment.types:
        raise BadData("type must be given", field="type")
    return Entity(
        id=fragment.uri,
        types=fragment.types,
        attrs=fragment.attrs,
        uri=fragment.uri,
        scopes=fragment.scopes,
        expires_at=fragment.expires_at,
    )


def read_fragment(document: dict[str, Any], reading: Reading) -> EntityFragment:
    """Return what a JSON object says about an entity. Raises BadData, naming the member."""
    attrs: Attributes = {}
    core: dict[str, Any] = {}
    terms, expand = reading.context.terms, reading.context.expand
    for name, value in document.items():
        if name in _SKIPPED:
            continue
        keyword = terms.get(name, name)
        if keyword in ("@id", "@type") or name in ("scope", "expiresAt"):
            core[keyword if keyword[0] == "@" else name] = value
            continue
        check_attribute_name(name)
        expanded = expand(name)
        if expanded in attrs:
            raise BadData(f"{name} is given twice", field=name)
        attrs[expanded] = read_proof(value, reading) if expanded == PROOF else read_attribute(value, name, reading)
        check_geo(expanded, attrs[expanded], name)
    return _fragment(attrs, core, reading)


@lru_cache(maxsize=4096)
def check_attribute_name(name: str) -> None:
    """Refuse what cannot name an attribute: characters (4.6.2), terms of attributes themselves. Raises BadData."""
    check_name(name, name)
    if name in _RESERVED or name.startswith("@"):
        raise BadData(f"{name} is a term of NGSI-LD and cannot be an attribute", field=name)


def _fragment(attrs: Attributes, core: dict[str, Any], reading: Reading) -> EntityFragment:
    if not core:
        return EntityFragment(attrs)
    scope, expiry = core.get("scope"), core.get("expiresAt")
    clears_scope = reading.patches and scope == NULL
    clears_expiry = reading.patches and expiry == NULL
    return EntityFragment(
        attrs,
        uri=_read_id(core["@id"]) if "@id" in core else None,
        types=read_types(core["@type"], reading.context) if "@type" in core else (),
        scopes=read_scopes(scope) if "scope" in core and not clears_scope else None,
        expires_at=_read_expiry(expiry) if "expiresAt" in core and not clears_expiry else None,
        clears_scope=clears_scope,
        clears_expiry=clears_expiry,
    )


def _read_id(value: Any) -> str:
    if value == NULL:
        raise BadData("id must not be NGSI-LD Null", field="id")
    return read_uri(value, "id")


def _read_expiry(value: Any) -> datetime:
    return read_date_time(value, "expiresAt")


def read_types(value: Any, context: Context) -> tuple[str, ...]:
    """Return the expanded names of one or several types (4.16). Raises BadData."""
    names = value if isinstance(value, list) and value else [value]
    expanded = []
    for name in names:
        _check_type(read_text(name, "type"))
        expanded.append(context.expand(name))
    return tuple(dict.fromkeys(expanded)) if len(expanded) > 1 else (expanded[0],)


@lru_cache(maxsize=4096)
def _check_type(name: str) -> None:
    check_name(name, "type")
    if _DIGIT_FIRST.match(name) or name in ("id", "type"):
        raise BadData(f"'{name}' is not a valid type", field="type")


def read_scopes(value: Any) -> tuple[str, ...]:
    """Return one or several scopes, each with a slash in front (4.18). Raises BadData."""
    names = value if isinstance(value, list) and value else [value]
    for name in names:
        if not isinstance(name, str) or not _SCOPE.match(name) or name == NULL:
            raise BadData("scope must be a path such as /Kagawa/Takamatsu, or an array of them", field="scope")
    return tuple(dict.fromkeys(name if name.startswith("/") else "/" + name for name in names))
