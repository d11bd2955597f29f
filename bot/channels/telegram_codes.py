"""The one table from Telegram's answers to what is done about them (td and Bot API error texts)."""

from aiogram.exceptions import (
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError

from bot.channels.base import Blocked, Moved, Outcome, Refused, SlowDown, Unknown, Unreachable
from bot.terms import EndpointState


def classify(error: Exception) -> Outcome:
    if isinstance(error, TelegramRetryAfter):
        return SlowDown(float(error.retry_after))
    if isinstance(error, TelegramMigrateToChat):
        return Moved(str(error.migrate_to_chat_id))
    if isinstance(error, TelegramForbiddenError):
        return _forbidden(error.message.casefold())
    if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
        return Unreachable("token", is_channel=True)
    if isinstance(error, TelegramConflictError):
        return Unreachable("conflict", is_channel=True)
    if isinstance(error, TelegramEntityTooLarge):
        return Refused("too_large")
    if isinstance(error, TelegramBadRequest):
        return _bad_request(error.message.casefold())
    if isinstance(error, TelegramServerError | RestartingTelegram):
        return Unreachable("server")
    if isinstance(error, TelegramNetworkError):
        never_left = isinstance(error.__cause__, ClientConnectorError)
        return Unreachable("network") if never_left else Unknown("lost_answer")
    if isinstance(error, TelegramAPIError):
        return Refused("telegram")
    return Unknown("unreadable_answer")


def _forbidden(text: str) -> Outcome:
    if "deactivated" in text:
        return Blocked(EndpointState.DEAD, "deactivated")
    if "deleted" in text:  # it may only have become a supergroup: news of its new address reopens it
        return Blocked(EndpointState.DEAD, "deleted")
    if "kicked" in text or "not a member" in text:
        return Blocked(EndpointState.LEFT, "left")
    return Blocked(EndpointState.BLOCKED, "blocked")


def _bad_request(text: str) -> Outcome:
    if "not modified" in text:
        return Refused("not_modified")
    if "chat not found" in text or "peer_id_invalid" in text or "user not found" in text:
        return Blocked(EndpointState.DEAD, "not_found")
    if "topic_closed" in text or "topic_deleted" in text:
        return Blocked(EndpointState.BLOCKED, "topic_closed")
    if "not enough rights" in text or "have no rights" in text:
        return Blocked(EndpointState.BLOCKED, "no_rights")
    if "no text in the message to edit" in text:
        return Refused("no_text")
    if "no caption in the message to edit" in text:
        return Refused("no_caption")
    if "message to edit not found" in text or "message can't be edited" in text or "message_id_invalid" in text:
        return Refused("not_editable")
    if "wrong file" in text or "wrong type of the web page" in text or "image_process_failed" in text:
        return Refused("file")
    return Refused("bad_request")
