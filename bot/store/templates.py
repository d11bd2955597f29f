"""WhatsApp's approved content templates: kind and language to ContentSid."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.base import Base, Json, UtcDateTime


class Template(Base):
    __tablename__ = "templates"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    content_sid: Mapped[str] = mapped_column(String(40))
    variables: Mapped[Any] = mapped_column(Json)  # names of facts, in the order of {{1}}, {{2}} …
    approval: Mapped[str] = mapped_column(String(20), default="unknown")  # as Twilio says it
    category: Mapped[str] = mapped_column(String(20), default="")  # utility or marketing
    body: Mapped[str] = mapped_column(default="")  # the approved words around {{1}}, {{2}} …
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
