"""Is it alive, is it ready, how is it doing. Details only to this machine or to the token."""

import hmac
import ipaddress

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from bot.store.head import is_at_head

router = APIRouter()


@router.get("/healthz")
async def healthz() -> JSONResponse:
    return JSONResponse({"ok": True})


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """The database answers, its schema is at head, and the dialogs run."""
    parts = request.app.state.parts
    try:
        at_head = await is_at_head(parts.units.house.database)
    except SQLAlchemyError:
        return JSONResponse({"ok": False}, status_code=503)
    ready = at_head and request.app.state.is_ready()
    answer: dict[str, object] = {"ok": ready}
    if _may_see_details(request):
        answer |= {"schema_at_head": at_head, "channels": sorted(parts.channels)}
    return JSONResponse(answer, status_code=200 if ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    if not _may_see_details(request):
        raise HTTPException(404)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _may_see_details(request: Request) -> bool:
    token = request.app.state.parts.settings.metrics_token
    if token is not None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.get_secret_value().encode())
    return _is_this_machine(request)


def _is_this_machine(request: Request) -> bool:
    """The peer itself, and no proxy in between: a proxy on this machine speaks for strangers."""
    if "x-forwarded-for" in request.headers or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
