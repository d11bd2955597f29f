"""Where each dialog stands, and which numbers a WhatsApp menu gave its choices."""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, Sealed, UtcDateTime


class Talk(Base):
    __tablename__ = "talks"
    __seal_by__ = "hex_key"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)  # fingerprint of bot, chat and person
    state: Mapped[str | None] = mapped_column(String(60))
    form_sealed: Mapped[bytes | None]
    form = Sealed[dict[str, object]]()
    menu_sealed: Mapped[bytes | None]
    menu = Sealed[dict[str, Any]]()
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def hex_key(self) -> str:
        return self.key.hex()
