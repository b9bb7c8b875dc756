"""Query parameters that say how an answer looks, and which page of it is asked for (6.3.7, 6.3.10, 6.3.13)."""

from typing import Final

from services.broker.domain.names import Context
from services.broker.http.face import Call
from services.broker.http.request import Parameters
from services.broker.ngsild.input_values import read_uri
from services.broker.ngsild.joins import check_depth, read_join
from services.broker.ngsild.negotiation import GEO_JSON, accepted
from services.broker.ngsild.projections import read_projection
from services.broker.ngsild.representation import Format, Projection, Representation
from services.kernel.errors import BadData, InvalidRequest
from services.kernel.paging import Page, read_page

_FORMATS: Final = {
    "normalized": Format.NORMALIZED,
    "concise": Format.CONCISE,
    "simplified": Format.SIMPLIFIED,
    "keyValues": Format.SIMPLIFIED,
}
_ALWAYS: Final = frozenset({"id", "type", "scope", "expiresAt"})


def read_flag(parameters: Parameters, name: str) -> bool:
    """Read a parameter that is `true` or `false`; absent is false. Raises BadData."""
    value = parameters.get(name)
    if value not in (None, "true", "false"):
        raise BadData(f"{name} must be true or false, not '{value}'", field=name)
    return value == "true"


def read_options(parameters: Parameters, known: frozenset[str]) -> frozenset[str]:
    """Read the `options` parameter. Raises InvalidRequest where one is unknown."""
    options = frozenset(parameters.words("options"))
    unknown = sorted(options - known)
    if unknown:
        raise InvalidRequest(f"options has no '{unknown[0]}' here", field="options")
    return options


_SHOWN: Final = frozenset({*_FORMATS, "sysAttrs", "count"})


def read_representation(
    call: Call, context: Context, *, geo: bool = True, parameters: Parameters | None = None
) -> Representation:
    """Read how entities are shown, from the request's parameters or others. Raises InvalidRequest, NotAcceptable."""
    media_type = accepted(call.request, geo=geo)
    parameters = parameters or call.request.parameters
    if not parameters.pairs:
        return Representation(context, media_type=media_type, now=call.broker.clock())
    options = read_options(parameters, _SHOWN)
    pick, omit = _read_pick(parameters, context), _read_projection(parameters, context, "omit")
    if pick is not None and omit is not None and not pick.names.isdisjoint(omit.names):
        raise BadData("pick and omit name the same member", field="omit")
    if parameters.get("geometryProperty") is not None and media_type != GEO_JSON:
        raise BadData("geometryProperty goes with an Accept of application/geo+json", field="geometryProperty")
    join = read_join(parameters)
    for name, projection in (("pick", pick), ("omit", omit)):
        check_depth(0 if projection is None else projection.depth, join, name)
    return Representation(
        context,
        join=join,
        now=call.broker.clock(),
        format=_read_format(parameters, options),
        media_type=media_type,
        sys_attrs="sysAttrs" in options or read_flag(parameters, "sysAttrs"),
        pick=pick,
        omit=omit,
        language=parameters.get("lang") or None,
        dataset_ids=_read_dataset_ids(parameters),
        geometry_property=parameters.get("geometryProperty") or "location",
    )


def _read_format(parameters: Parameters, options: frozenset[str]) -> Format:
    given = parameters.get("format")
    if given is not None:
        if given not in _FORMATS:
            raise InvalidRequest(f"format must be normalized, concise or simplified, not '{given}'", field="format")
        return _FORMATS[given]
    found = {_FORMATS[option] for option in options if option in _FORMATS}
    if len(found) > 1:
        raise InvalidRequest("options names more than one format", field="options")
    return found.pop() if found else Format.NORMALIZED


def _read_projection(parameters: Parameters, context: Context, name: str) -> Projection | None:
    text = parameters.get(name)
    return None if text is None else read_projection(text, context, name)


def _read_pick(parameters: Parameters, context: Context) -> Projection | None:
    attrs = parameters.words("attrs")
    if not attrs:
        return _read_projection(parameters, context, "pick")
    if parameters.get("pick") is not None or parameters.get("omit") is not None:
        raise BadData("attrs does not go with pick or omit", field="attrs")
    return Projection(_ALWAYS.union(map(context.expand, attrs)))


def _read_dataset_ids(parameters: Parameters) -> frozenset[str | None] | None:
    words = parameters.words("datasetId")
    if not words:
        return None
    return frozenset(None if word == "@none" else read_uri(word, "datasetId") for word in words)


def read_ld_page(parameters: Parameters) -> Page:
    """Read `limit`, `offset`, `count`; a limit of 0 goes with a count only (6.3.10). Raises InvalidRequest."""
    count = read_flag(parameters, "count") or "count" in parameters.words("options")
    page = read_page(parameters.get("limit"), parameters.get("offset"), count=count, minimum_limit=0)
    if page.limit == 0 and not count:
        raise InvalidRequest("limit may be 0 only with count=true", field="limit")
    return page
