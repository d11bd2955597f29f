"""Settings from the environment, read once at start. Names and meaning: .env.example."""

import os
import re
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingWrong

PREFIX = "KORSHI_"
TESTS_PREFIX = "KORSHI_TEST_"  # where the tests find a database: read by them, no mistyped setting
OFFICIAL_TELEGRAM = "https://api.telegram.org"
OFFICIAL_TWILIO = "https://api.twilio.com"

EXAMPLES = {
    "telegram_token": "123456789:AAE…",
    "telegram_api_url": OFFICIAL_TELEGRAM,
    "telegram_webhook_secret": "a-long-random-word (A-Z a-z 0-9 _ -)",
    "twilio_account_sid": "AC0123456789abcdef0123456789abcdef",
    "twilio_auth_token": "0123456789abcdef0123456789abcdef",
    "twilio_whatsapp_from": "+77001234567",
    "twilio_api_url": OFFICIAL_TWILIO,
    "public_url": "https://korshi.example.kz",
    "database_url": "sqlite+aiosqlite:///var/korshi.db or postgresql+psycopg://user@host/korshi",
    "secret_keys": "32 random bytes in base64, several separated by commas, the first is current",
    "secret_keys_file": "var/secret_keys",
    "pepper": "32 random bytes in base64",
    "pepper_file": "var/pepper",
    "host": "127.0.0.1",
    "port": "8080",
    "owner_telegram_ids": "123456789,987654321",
    "timezone": "Asia/Almaty",
    "quiet_hours": "22:00-08:00 (empty: none)",
    "log_format": "text or json",
    "roles": "web,dialogs,courier,jobs",
    "metrics_token": "a-long-random-word",
    "media_dir": "var/media",
    "templates_file": "templates.toml",
    "campaign_grace_minutes": "360",
    "own_chats_need_approval": "true",
    "telegram_rate": "30",
    "whatsapp_rate": "80",
    "telegram_chat_gap_seconds": "1",
    "whatsapp_chat_gap_seconds": "6",
    "telegram_group_limit": "20",
    "telegram_group_bulk_limit": "15",
    "whatsapp_tier": "250 (people outside their 24 hours in a moving day: 250, 2000, 10000, 100000; 0: unlimited)",
}


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Wall-clock span in the department's zone; it may pass midnight."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", hide_input_in_errors=True, env_ignore_empty=False
    )

    telegram_token: SecretStr | None = None
    telegram_api_url: str = OFFICIAL_TELEGRAM
    telegram_webhook_secret: SecretStr | None = None
    twilio_account_sid: str | None = None
    twilio_auth_token: SecretStr | None = None
    twilio_whatsapp_from: str | None = None
    twilio_api_url: str = OFFICIAL_TWILIO
    public_url: str | None = None
    database_url: str = "sqlite+aiosqlite:///var/korshi.db"
    secret_keys: SecretStr | None = None
    secret_keys_file: Path | None = None
    pepper: SecretStr | None = None
    pepper_file: Path | None = None
    host: str = Field("127.0.0.1", min_length=1)
    port: int = Field(8080, ge=1, le=65_535)
    owner_telegram_ids: Annotated[tuple[int, ...], NoDecode] = ()
    timezone: str = "Asia/Almaty"
    quiet_hours: Annotated[QuietHours | None, NoDecode] = QuietHours(time(22), time(8))
    log_format: Literal["text", "json"] = "text"
    roles: Annotated[frozenset[str], NoDecode] = frozenset({"web", "dialogs", "courier", "jobs"})
    metrics_token: SecretStr | None = None
    media_dir: Path = Path("var/media")
    templates_file: Path = Path("templates.toml")
    campaign_grace_minutes: int = Field(360, ge=0)
    own_chats_need_approval: bool = True
    telegram_rate: float = Field(30.0, gt=0, le=10_000, allow_inf_nan=False)
    whatsapp_rate: float = Field(80.0, gt=0, le=10_000, allow_inf_nan=False)
    telegram_chat_gap_seconds: float = Field(1.0, ge=0, le=3600, allow_inf_nan=False)
    whatsapp_chat_gap_seconds: float = Field(6.0, ge=0, le=3600, allow_inf_nan=False)
    telegram_group_limit: int = Field(20, ge=1, le=100_000)  # messages a minute to one group (Bots FAQ)
    telegram_group_bulk_limit: int = Field(15, ge=1, le=100_000)  # of which warnings may take
    whatsapp_tier: int = Field(250, ge=0)  # Meta's first tier; 0: unlimited

    @field_validator(
        "telegram_token", "telegram_webhook_secret", "twilio_account_sid", "twilio_auth_token",
        "twilio_whatsapp_from", "public_url", "secret_keys", "secret_keys_file", "pepper", "pepper_file",
        "metrics_token", mode="before",
    )  # fmt: skip
    @classmethod
    def _empty_is_unset(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("telegram_token")
    @classmethod
    def _token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"\d+:[\w-]{10,}", value.get_secret_value()):
            raise ValueError("this is not a bot token")
        return value

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _secret_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("only A-Z a-z 0-9 _ - are allowed, 256 at most")
        return value

    @field_validator("public_url", "telegram_api_url", "twilio_api_url")
    @classmethod
    def _url_shape(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/]+(/[^\s]*)?", value):
            raise ValueError("this is not an http(s) address")
        return value.rstrip("/") if value else value

    @field_validator("twilio_whatsapp_from")
    @classmethod
    def _number_shape(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"(whatsapp:)?\+\d{8,15}", value):
            raise ValueError("this is not a phone number in the international form")
        return value.removeprefix("whatsapp:") if value else value

    @field_validator("database_url")
    @classmethod
    def _database_shape(cls, value: str) -> str:
        if not value.startswith(("sqlite+aiosqlite:///", "postgresql+psycopg://")):
            raise ValueError("only sqlite+aiosqlite:/// and postgresql+psycopg:// are supported")
        return value

    @field_validator("owner_telegram_ids", mode="before")
    @classmethod
    def _numbers(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(int(item) for item in value.replace(" ", "").split(",") if item)
        return value

    @field_validator("quiet_hours", mode="before")
    @classmethod
    def _span(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        match = re.fullmatch(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})", value.replace(" ", ""))
        if not match:
            raise ValueError("hours are written HH:MM-HH:MM")
        h1, m1, h2, m2 = map(int, match.groups())
        return QuietHours(time(h1, m1), time(h2, m2))

    @field_validator("roles", mode="before")
    @classmethod
    def _roles(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = frozenset(item.strip() for item in value.split(",") if item.strip())
        unknown = set(value) - {"web", "dialogs", "courier", "jobs"}
        if not value:
            raise ValueError("a process without a role does nothing")
        if unknown:
            raise ValueError(f"unknown role {', '.join(sorted(unknown))}")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("there is no such time zone") from error
        return value

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        twilio = [self.twilio_account_sid, self.twilio_auth_token, self.twilio_whatsapp_from]
        if any(twilio) and not all(twilio):
            missing = next(
                name
                for name in ("twilio_account_sid", "twilio_auth_token", "twilio_whatsapp_from")
                if not getattr(self, name)
            )
            raise _Missing(missing, "Twilio needs all three of its settings")
        if all(twilio) and not self.public_url:
            raise _Missing("public_url", "Twilio's webhooks need the public address of this server")
        if self.telegram_token and self.public_url and not self.telegram_webhook_secret:
            raise _Missing("telegram_webhook_secret", "a webhook without a secret accepts forged updates")
        return self

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def has_telegram(self) -> bool:
        return self.telegram_token is not None

    @property
    def has_whatsapp(self) -> bool:
        return self.twilio_account_sid is not None

    @property
    def uses_official_host(self) -> bool:
        return (self.has_telegram and self.telegram_api_url == OFFICIAL_TELEGRAM) or (
            self.has_whatsapp and self.twilio_api_url == OFFICIAL_TWILIO
        )

    @property
    def callback_url(self) -> str:
        """Base of the addresses given to the messengers."""
        return self.public_url or f"http://{self.host}:{self.port}"


class _Missing(ValueError):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name = name


def read_settings(**overrides: Any) -> Settings:
    """Read and check all settings. Raises SettingWrong with the variable's name, the reason and an example."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        cause = first.get("ctx", {}).get("error")
        name = cause.name if isinstance(cause, _Missing) else str(first["loc"][0]) if first["loc"] else ""
        reason = str(cause) if cause else first["msg"]
        raise SettingWrong(name=PREFIX + name.upper(), reason=reason, example=EXAMPLES.get(name, "")) from None


def unknown_names(env_file: Path = Path(".env")) -> list[str]:
    """KORSHI_ names nobody reads: a typo would otherwise be silently ignored."""
    names = {name for name in os.environ if name.startswith(PREFIX)}
    if env_file.exists():
        lines = env_file.read_text(encoding="utf-8").splitlines()
        found = (re.match(rf"\s*(?:export\s+)?({PREFIX}\w+)\s*=", line) for line in lines)
        names |= {match.group(1) for match in found if match}
    names = {name for name in names if not name.startswith(TESTS_PREFIX)}
    return sorted(names - {PREFIX + field.upper() for field in Settings.model_fields})
