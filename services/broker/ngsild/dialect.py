"""NGSI-LD's dialect around its operations: errors, unknown paths, general rules of requests (6.3)."""

from services.broker.http.request import Request
from services.broker.http.response import Headers, Response
from services.broker.http.route import Route
from services.broker.ngsild.errors import plain_problem, refusal
from services.broker.ngsild.negotiation import GEO_JSON, accepted, sent
from services.kernel.errors import BadData, HubError, InvalidRequest

_WITHOUT_BODY = frozenset({"GET", "DELETE", "HEAD"})


def tenant_echo(request: Request) -> Headers:
    """Return the header that names the tenant again, where the request names one (6.3.14)."""
    headers = request.headers
    tenant = headers.get("ngsild-tenant") or headers.get("fiware-service")
    return (("NGSILD-Tenant", tenant),) if tenant else ()


class Dialect:
    """How the NGSI-LD face words what is not its operations."""

    def __init__(self) -> None:
        self._known: dict[int, frozenset[str]] = {}

    def refuse(self, request: Request, error: HubError) -> Response:
        """Answer for an error of the domain (5.5.2)."""
        return refusal(error, tenant_echo(request))

    def unknown_path(self, request: Request) -> Response:
        """Answer where no route has this path."""
        if "" in request.segments:
            return refusal(BadData("The id must be given in the path", field="id"))
        return plain_problem(404, f"/{'/'.join(request.segments)} is not a resource of NGSI-LD")

    def wrong_method(self, request: Request, allowed: list[str]) -> Response:
        """Answer where the path exists but not with this method; OPTIONS tells which it has."""
        methods = ", ".join(sorted({*allowed, "OPTIONS", *(["HEAD"] if "GET" in allowed else [])}))
        if request.method == "OPTIONS":
            return Response(204, headers=(("Allow", methods),))
        if request.segments[2:] == ("entities",) and request.method in ("PUT", "PATCH"):
            return refusal(BadData("The id must be given in the path", field="id"))
        return plain_problem(405, f"{request.method} is not possible here", (("Allow", methods),))

    def failure(self, request: Request) -> Response:
        """Answer for a fault of ours."""
        detail = "The context broker fails; the log has the reason under this Fiware-Correlator"
        return plain_problem(500, detail, tenant_echo(request))

    def check(self, request: Request, route: Route) -> None:
        """Refuse unknown parameters (6.3.20) and media types (6.3.4). Raises HubError."""
        if request.raw_query:
            self._check_parameters(request, route)
        if route.operation.request is not None and (
            request.method not in _WITHOUT_BODY or "content-type" in request.headers
        ):
            sent(request)
        if "accept" in request.headers:
            accepted(request, geo=_offers_geo(route))

    def granted_paths(self, request: Request, route: Route) -> tuple[str, ...]:
        """Return the service paths that the caller must be granted: none, since answers are what grants leave."""
        return ()

    def _check_parameters(self, request: Request, route: Route) -> None:
        known = self._known.get(id(route))
        if known is None:
            known = frozenset(each.name for each in route.operation.parameters if each.place == "query")
            self._known[id(route)] = known
        for name in request.parameters.names:
            if name not in known:
                raise InvalidRequest(f"The parameter {name} is not known here", field=name)


def _offers_geo(route: Route) -> bool:
    answer = route.operation.responses.get(200)
    return answer is not None and GEO_JSON in answer.media_types
