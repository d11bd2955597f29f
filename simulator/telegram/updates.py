"""getUpdates and webhooks."""

import re
from urllib.parse import urlsplit

from simulator.telegram.calls import Call, Method
from simulator.telegram.refusals import bad
from simulator.things import Json

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_PORTS = (80, 88, 443, 8443)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
LONGEST_POLL_SECONDS = 50


async def get_updates(call: Call) -> list[Json]:
    params = call.params
    call.world.prefer(call.account)
    call.account.allow(params.get("allowed_updates"))
    limit = min(max(params.get("limit") or 100, 1), 100)
    timeout = min(max(params.get("timeout") or 0, 0), LONGEST_POLL_SECONDS)
    return await call.account.poll(params.get("offset") or 0, limit, timeout)


async def set_webhook(call: Call) -> bool:
    params, account = call.params, call.account
    url = (params.get("url") or "").strip()
    if not url:
        return await delete_webhook(call)
    _check_url(call, url)
    secret = params.get("secret_token") or ""
    if secret and not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    call.world.prefer(account)
    account.allow(params.get("allowed_updates"))
    if params.get("drop_pending_updates"):
        account.forget_all()
    await account.set_webhook(
        {
            "url": url,
            "secret_token": secret,
            "max_connections": min(max(params.get("max_connections") or 40, 1), 100),
            "ip_address": params.get("ip_address"),
            "has_custom_certificate": bool(params.get("certificate")),
        }
    )
    return True


def _check_url(call: Call, url: str) -> None:
    """HTTPS on four ports, as the real server wants; loopback addresses and the bot's own are free from this."""
    parts = urlsplit(url)
    if parts.hostname in _LOOPBACK or url != call.world.settings.reachable(url):
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if (parts.port or 443) not in _PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


async def delete_webhook(call: Call) -> bool:
    if call.params.get("drop_pending_updates"):
        call.account.forget_all()
    await call.account.set_webhook({})
    return True


async def get_webhook_info(call: Call) -> Json:
    return call.account.webhook_info()


METHODS: dict[str, Method] = {
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
