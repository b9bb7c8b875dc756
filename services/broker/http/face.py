"""A face: a lean ASGI application with its own router and its own dialect of errors, before FastAPI's stack."""

import logging
from dataclasses import dataclass, replace
from typing import Protocol

from services.broker.http.admission import Admissions, Asked
from services.broker.http.request import MOST_PARAMETERS, Request
from services.broker.http.response import Response
from services.broker.http.route import Route, Router
from services.broker.operations.broker import Broker
from services.kernel.audit import Deed, origin
from services.kernel.audit.audited import REFUSED
from services.kernel.errors import HubError, InvalidRequest, RateLimited
from services.kernel.identity import OPEN, Principal, TokenVerifier
from services.kernel.metering import Kind
from services.kernel.telemetry import Receive, Scope, Send
from services.kernel.tenancy import Tenant, name_in_headers
from services.kernel.tenancy.open_data import identified_reader

_BATCHES = ("/ngsi-ld/v1/entityOperations/", "/ngsi-ld/v1/temporal/entityOperations/", "/v2/op/")
_OF_DATA = frozenset({"read", "write"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
PURPOSE = "hiroba-purpose"
"""The header in which a service states for which of its purposes it wants personal data."""

_log = logging.getLogger("hiroba.broker.http")


class Dialect(Protocol):
    """How a face words what is not its operations."""

    def refuse(self, request: Request, error: HubError) -> Response:
        """Answer for an error of the domain."""
        ...

    def unknown_path(self, request: Request) -> Response:
        """Answer where no route has this path."""
        ...

    def wrong_method(self, request: Request, allowed: list[str]) -> Response:
        """Answer where the path exists but not with this method; the answer carries `Allow`."""
        ...

    def failure(self, request: Request) -> Response:
        """Answer for a fault of ours; the log has the reason."""
        ...

    def check(self, request: Request, route: Route) -> None:
        """Hold headers and parameters against the face's general rules. Raises HubError."""
        ...

    def granted_paths(self, request: Request, route: Route) -> tuple[str, ...]:
        """Return the service paths that the caller must be granted; none: any will do. Raises HubError."""
        ...


@dataclass(slots=True)
class Call:
    """What a handler is given: the request, the values of its named segments, who calls, and the broker."""

    request: Request
    values: list[str]
    broker: Broker
    tenant_name: str
    principal: Principal

    async def tenant(self) -> Tenant:
        """Return the tenant to read from. Raises UnknownTenant."""
        return await self.broker.tenants.find(self.tenant_name)

    async def tenant_to_write(self) -> Tenant:
        """Return the tenant to write to; the local profile creates it. Raises UnknownTenant."""
        return await self.broker.tenants.find_or_create(self.tenant_name)


def _kind(route: Route) -> Kind:
    """Return what calls of a route count as; a query by POST is no batch."""
    return "batch" if route.template.startswith(_BATCHES) and route.action != "read" else "interactive"


class Face:
    """One API as an ASGI application."""

    def __init__(self, routes: tuple[Route, ...], dialect: Dialect, broker: Broker, verifier: TokenVerifier) -> None:
        self._router = Router(routes)
        self._dialect = dialect
        self._broker = broker
        self._admissions = Admissions(broker)
        self._verifier = verifier
        self._meter = broker.meter
        self._kinds = {route.template: _kind(route) for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        response = await self.answer(request, scope)
        await response.send(send, with_body=request.method != "HEAD")

    async def answer(self, request: Request, scope: Scope) -> Response:
        """Return the answer to one request; what fails is worded by the dialect."""
        try:
            return await self._answer(request, scope)
        except HubError as error:
            response = self._dialect.refuse(request, error)
            if response.status in REFUSED:
                self._note(request, scope, response.status)
            more = error.headers if isinstance(error, RateLimited) else ()
            return replace(response, headers=(*response.headers, *more)) if more else response
        except Exception:
            _log.exception("A request fails")
            return self._dialect.failure(request)

    async def _answer(self, request: Request, scope: Scope) -> Response:
        if request.parameters.are_too_many:
            raise InvalidRequest(f"A request has at most {MOST_PARAMETERS} query parameters")
        found = self._router.find(request.segments)
        if found is None:
            return self._dialect.unknown_path(request)
        methods, values = found
        route = methods.get(request.method) or (methods.get("GET") if request.method == "HEAD" else None)
        if route is None:
            return self._dialect.wrong_method(request, sorted(methods))
        scope["route_template"] = request.template = route.template
        principal = scope["principal"] = await self._identified(request, route)
        self._dialect.check(request, route)
        tenant_name = name_in_headers(request.headers)
        broker = self._broker
        if principal is not OPEN:
            paths = self._dialect.granted_paths(request, route)
            purpose = request.headers.get(PURPOSE, "")
            asked = Asked(route.template, route.action, tenant_name, paths, purpose)
            broker = await self._admissions.admit(principal, asked)
        origin.set((tenant_name, principal.client_id))
        quotas = self._broker.tenants.quotas_of(tenant_name)
        standing = None if quotas is None else self._broker.limiter.spend(tenant_name, principal.client_id, quotas)
        response = await route.handler(Call(request, values, broker, tenant_name, principal))
        if response.status < 400:
            self._meter.count_call(tenant_name, principal.client_id, self._kinds[route.template])
            if route.action not in _OF_DATA and request.method not in _READING:
                self._note(request, scope, response.status)
        return response if standing is None else replace(response, headers=(*response.headers, *standing.headers))

    def _note(self, request: Request, scope: Scope, status: int) -> None:
        """Note for the audit what was changed beside data, and what was refused."""
        principal = scope.get("principal")
        try:
            tenant = name_in_headers(request.headers)
        except InvalidRequest:
            tenant = ""
        action = f"{request.method} {request.template or 'unknown'}"
        actor = "" if principal is None else principal.subject
        self._broker.trail.note(Deed(actor, action, scope["path"], status, tenant))

    async def _identified(self, request: Request, route: Route) -> Principal:
        """Return who calls; without a token, everybody with what the tenant opens to all. Raises NotAuthenticated."""
        if route.action == "read":
            return await identified_reader(self._verifier, self._broker.tenants, request.headers)
        return await self._verifier.identify(request.headers.get("authorization"))
