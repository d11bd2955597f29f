"""How a stand-in is set up; every value has a default good for the loopback demo."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_ACCOUNT_SID = "AC" + "0" * 31 + "1"
DEFAULT_AUTH_TOKEN = "0123456789abcdef0123456789abcdef"
DEFAULT_WHATSAPP_SENDER = "whatsapp:+77010000000"


@dataclass
class Settings:
    """`public_url` is the address the bot believes in; requests to it are sent to `bot_url` and signed for it."""

    host: str = "127.0.0.1"
    port: int = 8090
    own_url: str = ""
    bot_url: str = "http://127.0.0.1:8080"
    public_url: str = ""
    inbound_path: str = "/twilio/inbound"
    state: Path | None = None
    people: Path | None = None
    templates: Path | None = None
    token: str = ""
    bot_username: str = "korshi_bot"
    bot_name: str = "Korshi"
    account_sid: str = ""
    auth_token: str = ""
    whatsapp_sender: str = DEFAULT_WHATSAPP_SENDER
    enforce_limits: bool = True
    sent_after_seconds: float = 0.05
    delivered_after_seconds: float = 0.1
    read_after_seconds: float = 0.1
    webhook_retry_seconds: float = 1.0

    @property
    def signing_sid(self) -> str:
        return self.account_sid or DEFAULT_ACCOUNT_SID

    @property
    def signing_token(self) -> str:
        return self.auth_token or DEFAULT_AUTH_TOKEN

    def reachable(self, url: str) -> str:
        """Where to connect for a URL the bot gave: its public address stands for its real one."""
        root = self.public_url.rstrip("/")
        if root and (url == root or url.startswith((root + "/", root + "?"))):
            return self.bot_url.rstrip("/") + url[len(root) :]
        return url
