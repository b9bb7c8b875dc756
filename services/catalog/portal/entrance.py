"""The pages' way in and out: to auth to sign in, back with a session, and out again."""

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.catalog.portal.editor.guard import refuse_other_sites
from services.catalog.portal.session import Sessions
from services.catalog.portal.sign_in import Journey
from services.kernel.errors import NotAuthenticated, NotFound

SIGN_IN = "/sign-in"
CALLBACK = f"{SIGN_IN}/return"
SIGN_OUT = "/sign-out"
PERSONS_KEY = "/developers/token"
_JOURNEY = "hiroba_sign_in"
_JOURNEY_S = 600


async def sign_in(request: Request) -> Response:
    """Send the person to auth; `next` is where to go afterwards."""
    sessions = _sessions(request)
    journey, address = sessions.sign_in.begin(request.query_params.get("next", "/editor"))
    response = RedirectResponse(address, 302)
    response.headers.append("set-cookie", sessions.cookie(_JOURNEY, journey.sealed(sessions.seal), _JOURNEY_S))
    return response


async def come_back(request: Request) -> Response:
    """Take what auth sends back, and begin a session."""
    sessions = _sessions(request)
    sealed = request.cookies.get(_JOURNEY)
    if not sealed:
        raise NotAuthenticated("The sign-in was begun elsewhere")
    journey = Journey.opened(sealed, sessions.seal)
    session = await sessions.sign_in.finish(journey, dict(request.query_params))
    response = RedirectResponse(journey.target, 303)
    for cookie in (*sessions.cookies(session), sessions.cookie(_JOURNEY, "", 0)):
        response.headers.append("set-cookie", cookie)
    return response


async def give_token(request: Request) -> Response:
    """Give the person's access token, as JSON, to the portal's own page that opens an API console; null for none."""
    refuse_other_sites(request)
    token = request.headers.get("authorization", "").removeprefix("Bearer ") or None
    return JSONResponse({"token": token}, headers={"Cache-Control": "no-store"})


async def sign_out(request: Request) -> Response:
    """End the session here and its tokens; whoever is signed in at auth stays so there."""
    refuse_other_sites(request)
    sessions = _sessions(request)
    session = sessions.read(request.cookies)
    if session is not None:
        await sessions.sign_in.end(session)
    response = RedirectResponse("/", 303)
    for cookie in sessions.cookies(None):
        response.headers.append("set-cookie", cookie)
    return response


def _sessions(request: Request) -> Sessions:
    found = request.scope.get("state", {}).get("sessions")
    if not isinstance(found, Sessions):
        raise NotFound("Nobody can sign in here")
    return found
