"""Before anything runs: the key ring and the logs."""

import logging
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog
from pydantic import SecretStr

from bot.config import EXAMPLES, PREFIX, Settings
from bot.errors import SettingWrong
from bot.store.keys import KeyRing, make_key_file, parse_keys

DEFAULT_KEYS = Path("var/secret_keys")
DEFAULT_PEPPER = Path("var/pepper")


def key_ring(settings: Settings) -> KeyRing:
    """Raises SettingWrong when a key is missing or malformed."""
    keys = _read("secret_keys", settings.secret_keys, settings.secret_keys_file or DEFAULT_KEYS)
    pepper = _read("pepper", settings.pepper, settings.pepper_file or DEFAULT_PEPPER)
    return KeyRing(keys, pepper[0])


def make_keys(settings: Settings) -> None:
    """New key files where none are set and none exist."""
    if settings.secret_keys is None:
        make_key_file(settings.secret_keys_file or DEFAULT_KEYS)
    if settings.pepper is None:
        make_key_file(settings.pepper_file or DEFAULT_PEPPER)


def _read(name: str, value: SecretStr | None, path: Path) -> list[bytes]:
    try:
        text = value.get_secret_value() if value else path.read_text(encoding="ascii")
        keys = parse_keys(text)
    except OSError:
        reason = f"not set, and there is no file {path} (python -m bot keys makes one)"
        raise SettingWrong(name=PREFIX + name.upper(), reason=reason, example=EXAMPLES[name]) from None
    except ValueError as error:
        raise SettingWrong(name=PREFIX + name.upper(), reason=str(error), example=EXAMPLES[name]) from None
    if not keys:
        raise SettingWrong(name=PREFIX + name.upper(), reason="empty", example=EXAMPLES[name])
    return keys


SILENCED = ("aiogram", "apscheduler", "twilio", "uvicorn.access", "aiohttp.access", "alembic", "PIL")
_TOKEN = re.compile(r"\b\d{6,}:[\w-]{20,}")  # file addresses of the Bot API carry the token


def without_tokens(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _TOKEN.sub("<token>", value)
    return event


def set_up_logs(log_format: str) -> None:
    """One stream for us and the libraries; no token and no person's words in it."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_tokens,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in SILENCED:
        logging.getLogger(name).setLevel(logging.WARNING)
