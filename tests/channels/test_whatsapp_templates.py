"""Twilio's word on templates becomes ours; what it did not say stays unsaid."""

from types import SimpleNamespace
from typing import Any

from aiohttp import ClientError
from twilio.base.exceptions import TwilioRestException

from bot.channels.whatsapp_templates import approvals

QUICK = {"twilio/quick-reply": {"body": "Ескерту: {{1}}. Коды: {{2}}!", "actions": []}}
TYPES: dict[str, Any] = {
    "HX1": QUICK,
    "HX2": {"twilio/location": {"label": "Пункт"}},
    "HX3": ClientError(),
    "HX4": None,
}


class Contents:
    """`client.content.v1.contents(sid)`: what it says of its approval, and the content itself."""

    def __init__(self, **told: Any) -> None:
        self.told = told
        self.content = SimpleNamespace(v1=SimpleNamespace(contents=self))

    def __call__(self, sid: str) -> Any:
        async def approval() -> Any:
            if isinstance(self.told[sid], Exception):
                raise self.told[sid]
            return SimpleNamespace(whatsapp=self.told[sid])

        async def content() -> Any:
            if isinstance(TYPES[sid], Exception):
                raise TYPES[sid]
            return SimpleNamespace(types=TYPES[sid])

        return SimpleNamespace(approval_fetch=lambda: SimpleNamespace(fetch_async=approval), fetch_async=content)


async def test_each_word_as_it_is() -> None:
    client: Any = Contents(
        HX1={"status": "approved", "category": "UTILITY"},
        HX2={"status": "rejected", "category": "MARKETING", "rejection_reason": "words"},
        HX3=None,
        HX4={},
        HX5=TwilioRestException(404, "/Content/HX5"),
        HX6=TwilioRestException(500, "/Content/HX6"),
        HX7=TwilioRestException(429, "/Content/HX7"),
        HX8=ClientError(),
        HX9=TimeoutError(),
    )
    assert await approvals(client, client.told) == {
        "HX1": ("approved", "utility", "Ескерту: {{1}}. Коды: {{2}}!"),
        "HX2": ("rejected", "marketing", ""),
        "HX3": ("unsubmitted", "", ""),
        "HX4": ("unsubmitted", "", ""),
        "HX5": ("missing", "", ""),
    }
