"""Twilio's client over one aiohttp session, and the one call that we make thousands of times."""

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import BasicAuth, ClientSession, ClientTimeout
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

REFUSALS = (TwilioRestException, TwilioServiceException)  # old and new form of an answer that is an error


class TwilioHttp(HttpClient):  # type: ignore[misc, unused-ignore]
    """What `Client` calls by: like the library's own asynchronous one, but it never repeats a POST, gives its
    connection back when a call is cancelled, logs no phone number and keeps no request for tests."""

    def __init__(self, seconds: float) -> None:
        super().__init__(logging.getLogger(__name__), True)
        self._session = ClientSession(timeout=ClientTimeout(total=seconds))

    async def request(  # type: ignore[override, unused-ignore]
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        body = urlencode(data, doseq=True).encode() if data else None
        async with self._session.request(
            method,
            url,
            params=params,
            data=body,
            headers=headers,
            auth=BasicAuth(*auth) if auth else None,
            allow_redirects=allow_redirects,
        ) as answer:
            return Response(answer.status, await answer.text(), answer.headers)

    async def close(self) -> None:
        await self._session.close()


def connect(credentials: tuple[str, str], api_url: str, seconds: float) -> Client:
    """A client whose calls take at most so many seconds; its `http_client` must be closed."""
    client = Client(*credentials, http_client=TwilioHttp(seconds))
    client.api.base_url = client.content.base_url = api_url
    return client


async def create_message(client: Client, form: Mapping[str, Any]) -> str:
    """The Sid of a new message; `form` in Twilio's own names, lists for what may be said several times.

    `client.messages.create_async` makes a model with three parsed dates of every answer, of which this is all we need.
    Raises one of REFUSALS, what aiohttp raises, or ValueError for an answer that is none.
    """
    api = client.api.v2010
    url = api.absolute_url(f"/Accounts/{client.account_sid}/Messages.json")
    answer = await client.request_async("POST", url, data=dict(form))
    if not 200 <= answer.status_code < 300:
        raise api.exception("POST", url, answer, "The message was not taken")
    try:
        return str(json.loads(answer.text)["sid"])
    except (KeyError, TypeError) as error:
        raise ValueError("an answer without a Sid") from error
